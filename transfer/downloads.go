package transfer

import (
	"bufio"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Downloads is this user's folder for downloads. It need not be there yet.
func Downloads() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return filepath.Join(os.TempDir(), "Downloads")
	}
	if runtime.GOOS != "windows" && runtime.GOOS != "darwin" {
		if folder := xdgDownloads(home); folder != "" {
			return folder
		}
	}
	return filepath.Join(home, "Downloads")
}

// xdgDownloads reads where a desktop on Linux has the folder: XDG_DOWNLOAD_DIR="$HOME/Prenosi".
func xdgDownloads(home string) string {
	config := os.Getenv("XDG_CONFIG_HOME")
	if config == "" {
		config = filepath.Join(home, ".config")
	}
	file, err := os.Open(filepath.Join(config, "user-dirs.dirs"))
	if err != nil {
		return ""
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		value, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "XDG_DOWNLOAD_DIR=")
		if !ok {
			continue
		}
		value = strings.Trim(value, `"`)
		if rest, ok := strings.CutPrefix(value, "$HOME"); ok {
			value = filepath.Join(home, rest)
		}
		if filepath.IsAbs(value) {
			return filepath.Clean(value)
		}
	}
	return ""
}

// StandardPlaces are where browsing usually begins: the user's own folder, and the whole computer.
func StandardPlaces() []Place {
	var places []Place
	if home, err := os.UserHomeDir(); err == nil {
		places = append(places, Place{"home", home})
	}
	if runtime.GOOS != "windows" {
		return append(places, Place{"computer", "/"})
	}
	for letter := 'A'; letter <= 'Z'; letter++ {
		drive := string(letter) + `:\`
		if _, err := os.Stat(drive); err == nil {
			places = append(places, Place{string(letter), drive})
		}
	}
	return places
}
