package theme

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"handrail/assets"
)

// lucide gives the icons of Fyne's own widgets that can be seen in our windows: fields, menus, trees and the dialog for
// folders.
var lucide = map[fyne.ThemeIconName]string{
	theme.IconNameVisibility:    "eye",
	theme.IconNameVisibilityOff: "eye-off",
	theme.IconNameConfirm:       "check",
	theme.IconNameCancel:        "x",
	theme.IconNameSearch:        "search",
	theme.IconNameNavigateNext:  "chevron-right",
	theme.IconNameMoveDown:      "chevron-down",
	theme.IconNameArrowDropDown: "chevron-down",
	theme.IconNameFolder:        "folder",
	theme.IconNameFolderOpen:    "folder-open",
	theme.IconNameFile:          "file",
	theme.IconNameComputer:      "monitor",
}

// inlineIcon is the side of icons in Fyne's widgets.
const inlineIcon = 20

func (h handrail) Icon(name fyne.ThemeIconName) fyne.Resource {
	if own, ok := lucide[name]; ok {
		return assets.Icon(own, Color(Muted), inlineIcon)
	}
	return theme.DefaultTheme().Icon(name)
}
