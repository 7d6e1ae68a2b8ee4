package link

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// readSystem asks the desktop. Without one there is only the environment.
func readSystem() systemSetting {
	desktop := strings.ToUpper(os.Getenv("XDG_CURRENT_DESKTOP"))
	if strings.Contains(desktop, "KDE") {
		config, err := os.UserConfigDir()
		if err != nil {
			return systemSetting{}
		}
		text, err := os.ReadFile(filepath.Join(config, "kioslaverc"))
		if err != nil {
			return systemSetting{}
		}
		return parseKDE(string(text))
	}
	if desktop == "" {
		return systemSetting{}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	text, err := exec.CommandContext(ctx, "gsettings", "list-recursively", "org.gnome.system.proxy").Output()
	if err != nil {
		return systemSetting{} // no such program, or no such settings
	}
	return parseGNOME(string(text))
}
