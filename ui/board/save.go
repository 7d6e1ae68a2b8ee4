package board

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// PicturesFolder is where people look for pictures: the system's folder if it exists, or the home folder.
func PicturesFolder() string {
	if dir := os.Getenv("XDG_PICTURES_DIR"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return os.TempDir()
	}
	pictures := filepath.Join(home, "Pictures")
	if info, err := os.Stat(pictures); err == nil && info.IsDir() {
		return pictures
	}
	return home
}

// SavePicture writes a picture under a name that does not exist yet.
func SavePicture(dir, name string, picture image.Image) (path string, err error) {
	path = filepath.Join(dir, name)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("saving a picture: %w", err)
	}
	err = png.Encode(file, picture)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		os.Remove(path)
		return "", fmt.Errorf("saving a picture: %w", err)
	}
	return path, nil
}

// PictureName is a file name for a picture of a computer, without what file systems do not like.
func PictureName(computer string, at time.Time) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, computer)
	return fmt.Sprintf("%s %s.png", clean, at.Format("2006-01-02 15.04.05.000"))
}
