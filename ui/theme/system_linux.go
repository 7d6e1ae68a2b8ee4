package theme

import (
	"os"

	"github.com/rymdport/portal/settings/appearance"
)

// Desktop is System where the desktop says whether it is light or dark, and Light where it does not: Fyne would
// take dark.
func Desktop() Variant {
	if os.Getenv("FYNE_THEME") != "" { // somebody has chosen for all programs made with Fyne
		return System
	}
	if scheme, err := appearance.GetColorScheme(); err != nil || scheme == appearance.NoPreference {
		return Light
	}
	return System
}
