package settings

import (
	"os"
	"path/filepath"
	"runtime"
)

// Operator are the settings of the operator's program.
var Operator = []Setting{
	{Key: "language", Kind: Choice, Choices: []string{"auto", "en", "sl", "de", "nb", "ko"}, Default: "auto", About: "Language of the windows; auto is that of the system."},
	{Key: "appearance", Kind: Choice, Choices: []string{"auto", "light", "dark", "contrast"}, Default: "auto", About: "Colours of the windows; auto follows the desktop."},
	{Key: "text_size", Kind: Choice, Choices: []string{"normal", "large", "larger"}, Default: "normal", About: "Size of the letters in the windows."},
	{Key: "autostart", Kind: Switch, Default: "false", About: "Start whenever the user signs in to the computer."},
	{Key: "background", Kind: Switch, Default: "false", About: "When starting so, show only the button in the taskbar."},
	{Key: "open_last_view", Kind: Switch, Default: "false", About: "Open the window where it was and as large as it was, with the settings if they were open."},
	{Key: "open_viewer", Kind: Switch, Default: "true", About: "Open the viewer by itself when the customer agrees."},
	{Key: "quality", Kind: Choice, Choices: []string{"high", "auto", "speed", "low"}, Default: "high", About: "Picture of new sessions: all colours, as the line allows, or fewer for slow lines."},
	{Key: "plain_desktop", Kind: Switch, Default: "false", About: "Have customers' wallpaper and effects of windows off while their screen is shared."},
	{Key: "edge_panning", Kind: Switch, Default: "true", About: "Move a picture that is larger than the window when the pointer comes near an edge."},
	{Key: "capture_keys", Kind: Switch, Default: "true", About: "In full screen, pass on shortcuts that this computer has for itself, such as Alt+Tab."},
	{Key: "remember_viewers", Kind: Switch, Default: "true", About: "Open the viewer of each computer as it was left."},
	{Key: "ask_control", Kind: Switch, Default: "true", About: "Ask customers to allow mouse and keyboard."},
	{Key: "ask_files", Kind: Switch, Default: "true", About: "Ask customers to allow files."},
	{Key: "ask_clipboard", Kind: Switch, Default: "true", About: "Ask customers to allow the clipboard."},
	{Key: "ask_whiteboard", Kind: Switch, Default: "true", About: "Ask customers to allow drawing on their screen."},
	{Key: "files_folder", Kind: Folder, Restart: true, About: "Where files from customers go; empty is the user's folder for downloads."},
	{Key: "pictures_folder", Kind: Folder, About: "Where snapshots go; empty is the user's folder for pictures."},
	{Key: "relay", Kind: Text, About: "Address of the relay that is filled in at sign-in."},
	{Key: "user", Kind: Text, About: "User name that is filled in at sign-in."},
	{Key: "render", Kind: Choice, Choices: []string{"auto", "software"}, Default: "auto", Restart: true, About: "How windows are drawn on Linux: by the graphics card if there is one, or without it."},
}

// UserFile is where the user's settings are, in the user's folder for settings; "" if there is none.
func UserFile() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "handrail", "settings.toml")
}

// PolicyFile is where an administrator sets what users of this computer cannot change.
func PolicyFile() string { return policyFile(runtime.GOOS, os.Getenv) }

func policyFile(goos string, getenv func(string) string) string {
	const name = "policy.toml"
	switch goos {
	case "windows":
		if dir := getenv("ProgramData"); dir != "" {
			return filepath.Join(dir, "Handrail", name)
		}
		return ""
	case "darwin":
		return filepath.Join("/Library/Application Support/Handrail", name)
	}
	return filepath.Join("/etc/handrail", name)
}
