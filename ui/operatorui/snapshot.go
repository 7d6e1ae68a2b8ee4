package operatorui

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"time"

	"handrail/ui/kit"
	"handrail/ui/text"
)

// snapshot saves the picture as it is now to the operator's folder for pictures, and says where.
func (v *viewerWindow) snapshot() {
	picture := v.session.Snapshot()
	if picture == nil {
		return
	}
	name := snapshotName(customerName(v.info), time.Now())
	folder := v.board.window.options.Settings.Get("pictures_folder")
	if folder == "" {
		folder = picturesFolder()
	}
	go func() {
		path, err := savePicture(folder, name, picture)
		kit.Do(func() {
			if err != nil {
				v.status.say(text.T("viewer.snapshot.failed"))
			} else {
				v.status.say(text.T("viewer.snapshot.saved", "Path", path))
			}
		})
	}()
	v.focusPicture()
}

// picturesFolder is where people look for pictures: the system's folder if it exists, or the home folder.
func picturesFolder() string {
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

// savePicture writes a picture under a name that does not exist yet.
func savePicture(dir, name string, picture image.Image) (path string, err error) {
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

// snapshotName is a file name for a picture of a computer, without what file systems do not like.
func snapshotName(computer string, at time.Time) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, computer)
	return fmt.Sprintf("%s %s.png", clean, at.Format("2006-01-02 15.04.05.000"))
}
