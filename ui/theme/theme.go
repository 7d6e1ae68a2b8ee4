// Package theme is how Handrail looks: one set of colours in light and dark, one type scale, one grid.
//
// Teal is for what the program offers, red only for recording, ending and "Customer has control", grey for
// "Operator has control". Distances are multiples of Unit.
package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"handrail/assets"
)

// Unit is the step of the grid.
const Unit float32 = 8

// The type scale.
const (
	Caption float32 = 12
	Body    float32 = 14
	Large   float32 = 16
	Title   float32 = 20
	Display float32 = 26
)

// Radii of corners.
const (
	RadiusSmall float32 = 6
	RadiusInput float32 = 8
	RadiusCard  float32 = 14
)

// Colours beyond those that Fyne names.
const (
	Card        fyne.ThemeColorName = "handrail.card"            // surface on the background
	Line        fyne.ThemeColorName = "handrail.line"            // borders and dividers
	Muted       fyne.ThemeColorName = "handrail.muted"           // secondary text
	Accent      fyne.ThemeColorName = "handrail.accent"          // teal
	AccentSoft  fyne.ThemeColorName = "handrail.accentSoft"      // tint behind accent text
	Edge        fyne.ThemeColorName = "handrail.edge"            // around tinted surfaces; none but with high contrast
	AccentText  fyne.ThemeColorName = "handrail.accentText"      // teal as text on the tint or on a card
	OnAccent    fyne.ThemeColorName = "handrail.onAccent"        // text on teal
	Red         fyne.ThemeColorName = "handrail.red"             // ending, recording, "Customer has control"
	RedSoft     fyne.ThemeColorName = "handrail.redSoft"         // tint behind red text
	RedText     fyne.ThemeColorName = "handrail.redText"         // red as text on the tint or on a card
	OnRed       fyne.ThemeColorName = "handrail.onRed"           // text on red
	Grey        fyne.ThemeColorName = "handrail.grey"            // "Operator has control", what has ended
	GreySoft    fyne.ThemeColorName = "handrail.greySoft"        // tint: bubbles, hover
	Amber       fyne.ThemeColorName = "handrail.amber"           // waiting
	AmberSoft   fyne.ThemeColorName = "handrail.amberSoft"       // tint behind what went wrong
	AmberText   fyne.ThemeColorName = "handrail.amberText"       // letters on that tint
	Stage       fyne.ThemeColorName = "handrail.stage"           // around the remote picture
	InputBorder                     = theme.ColorNameInputBorder // of fields, buttons and keys
	Ink         fyne.ThemeColorName = theme.ColorNameForeground
)

type palette map[fyne.ThemeColorName]color.NRGBA

var light = palette{
	Edge: rgba(0, 0),
	Ink:  rgb(0x1B2430), Muted: rgb(0x576270), Line: rgb(0xDCE2E7), Card: rgb(0xFFFFFF),
	Accent: rgb(0x0B7A75), AccentSoft: rgb(0xE2F2F0), AccentText: rgb(0x0A6A66), OnAccent: rgb(0xFFFFFF),
	Red: rgb(0xC4262E), RedSoft: rgb(0xFCEBEA), RedText: rgb(0xB01E26), OnRed: rgb(0xFFFFFF),
	Grey: rgb(0x7B8794), GreySoft: rgb(0xEEF1F4), Amber: rgb(0xD08A12), AmberSoft: rgb(0xFDF1DC), AmberText: rgb(0x7A4A00), Stage: rgb(0x171D25),

	theme.ColorNameBackground: rgb(0xF5F7F8), theme.ColorNameButton: rgb(0xFFFFFF),
	theme.ColorNameDisabledButton: rgb(0xE6EAED), theme.ColorNameDisabled: rgb(0x8B96A2),
	theme.ColorNamePlaceHolder: rgb(0x74808D), theme.ColorNameInputBackground: rgb(0xFFFFFF),
	theme.ColorNameInputBorder: rgb(0xC3CBD3), theme.ColorNameHover: rgba(0x1B2430, 0x10),
	theme.ColorNamePressed: rgba(0x1B2430, 0x1c), theme.ColorNameSelection: rgb(0xBFE3E0),
	theme.ColorNameSeparator: rgb(0xDCE2E7), theme.ColorNameShadow: rgba(0x1B2430, 0x2a),
	theme.ColorNameScrollBar: rgba(0x1B2430, 0x50), theme.ColorNameScrollBarBackground: rgba(0x1B2430, 0x08),
	theme.ColorNameMenuBackground: rgb(0xFFFFFF), theme.ColorNameOverlayBackground: rgb(0xFFFFFF),
	theme.ColorNameHeaderBackground: rgb(0xEEF1F4), theme.ColorNameSuccess: rgb(0x0B7A75),
	theme.ColorNameWarning: rgb(0xD08A12),
}

var dark = palette{
	Edge: rgba(0, 0),
	Ink:  rgb(0xE9EEF2), Muted: rgb(0x9CA9B6), Line: rgb(0x2D3844), Card: rgb(0x1A222B),
	Accent: rgb(0x2BA39C), AccentSoft: rgb(0x143735), AccentText: rgb(0x6ED2CB), OnAccent: rgb(0x04211F),
	Red: rgb(0xE5535B), RedSoft: rgb(0x42201F), RedText: rgb(0xFF9A98), OnRed: rgb(0x2A0507),
	Grey: rgb(0x8A97A5), GreySoft: rgb(0x26303B), Amber: rgb(0xE8AE45), AmberSoft: rgb(0x3A2C12), AmberText: rgb(0xF5CB82), Stage: rgb(0x090C10),

	theme.ColorNameBackground: rgb(0x11171E), theme.ColorNameButton: rgb(0x222C37),
	theme.ColorNameDisabledButton: rgb(0x222B35), theme.ColorNameDisabled: rgb(0x667381),
	theme.ColorNamePlaceHolder: rgb(0x84919E), theme.ColorNameInputBackground: rgb(0x131A21),
	theme.ColorNameInputBorder: rgb(0x414E5C), theme.ColorNameHover: rgba(0xFFFFFF, 0x10),
	theme.ColorNamePressed: rgba(0xFFFFFF, 0x1c), theme.ColorNameSelection: rgb(0x1B5551),
	theme.ColorNameSeparator: rgb(0x2D3844), theme.ColorNameShadow: rgba(0x000000, 0x60),
	theme.ColorNameScrollBar: rgba(0xFFFFFF, 0x50), theme.ColorNameScrollBarBackground: rgba(0xFFFFFF, 0x08),
	theme.ColorNameMenuBackground: rgb(0x222C37), theme.ColorNameOverlayBackground: rgb(0x1A222B),
	theme.ColorNameHeaderBackground: rgb(0x26303B), theme.ColorNameSuccess: rgb(0x2BA39C),
	theme.ColorNameWarning: rgb(0xE8AE45),
}

// alias gives Fyne's names for colours that Handrail names by what they are.
var alias = map[fyne.ThemeColorName]fyne.ThemeColorName{
	theme.ColorNamePrimary:             Accent,
	theme.ColorNameHyperlink:           AccentText,
	theme.ColorNameFocus:               Accent,
	theme.ColorNameForegroundOnPrimary: OnAccent,
	theme.ColorNameForegroundOnSuccess: OnAccent,
	theme.ColorNameForegroundOnWarning: OnAccent,
	theme.ColorNameError:               Red,
	theme.ColorNameForegroundOnError:   OnRed,
}

func rgb(v uint32) color.NRGBA { return rgba(v, 0xff) }

func rgba(v uint32, a uint8) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: a}
}

// Tinted tells whether a surface differs from what is around it by a tint only, which not everybody sees.
func Tinted(fill fyne.ThemeColorName) bool {
	return fill == AccentSoft || fill == GreySoft || fill == RedSoft || fill == AmberSoft
}

// Variant chooses between light and dark.
type Variant int

// System follows the desktop's setting.
const (
	System Variant = iota
	Light
	Dark
	Contrast // light, with high contrast
)

// New makes Handrail's theme.
func New(v Variant) fyne.Theme { return handrail{v} }

type handrail struct{ variant Variant }

func (h handrail) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	colours := dark
	if h.variant == Contrast {
		colours = contrast
	}
	if h.variant == Light || h.variant == System && v != theme.VariantDark {
		colours = light
	}
	if other, ok := alias[name]; ok {
		name = other
	}
	if c, ok := colours[name]; ok {
		return c
	}
	return theme.DefaultTheme().Color(name, v)
}

func (h handrail) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Monospace || style.Symbol || style.Italic:
		return theme.DefaultTheme().Font(style)
	case style.Bold:
		return assets.Bold
	}
	return assets.Regular
}

func (h handrail) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return Letters(Body)
	case theme.SizeNameCaptionText:
		return Letters(Caption)
	case theme.SizeNameSubHeadingText:
		return Letters(Large)
	case theme.SizeNameHeadingText:
		return Letters(Title)
	case theme.SizeNamePadding:
		return Unit / 2
	case theme.SizeNameInnerPadding:
		return Unit + 2
	case theme.SizeNameInputRadius, theme.SizeNameButtonRadius, theme.SizeNameMenuRadius:
		return RadiusInput
	case theme.SizeNameSelectionRadius:
		return 4
	case theme.SizeNameDialogRadius, theme.SizeNameCardRadius, theme.SizeNamePopupRadius:
		return RadiusCard
	case theme.SizeNameModalBlurRadius:
		return 0 // what is behind a dialog stays sharp: without a graphics card blurring it takes longer than a tenth of a second
	case theme.SizeNameScrollBar:
		return 10
	case theme.SizeNameScrollBarSmall:
		return 4
	}
	return theme.DefaultTheme().Size(name)
}

// Color is a colour of the present theme.
func Color(name fyne.ThemeColorName) color.Color {
	app := fyne.CurrentApp()
	return theme.Current().Color(name, app.Settings().ThemeVariant())
}
