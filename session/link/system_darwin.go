package link

import (
	"context"
	"os/exec"
	"time"
)

// readSystem asks the system's configuration.
func readSystem() systemSetting {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	text, err := exec.CommandContext(ctx, "/usr/sbin/scutil", "--proxy").Output()
	if err != nil {
		return systemSetting{}
	}
	return parseMac(string(text))
}
