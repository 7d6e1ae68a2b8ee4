// Package assets holds what the windows are made of besides code: icons, letters, the mark and the translations.
//
// The icons are those of Lucide (ISC licence, see icons/LICENSE), drawn in one colour which the theme gives. The letters are
// Inter (SIL Open Font License, see fonts/LICENSE); fonts/make.sh says what has been changed.
package assets

import (
	"embed"
	"encoding/json"
	"fmt"
	"image/color"
	"path"
	"strings"
	"sync"

	"fyne.io/fyne/v2"
)

// Translations has one JSON file for each language in the folder TranslationsDir, named like "sl.json".
//
//go:embed translations/*.json
var Translations embed.FS

// TranslationsDir is the folder of the translations in Translations.
const TranslationsDir = "translations"

//go:embed icons/*.svg
var icons embed.FS

//go:embed fonts/Inter-Regular.ttf
var regular []byte

//go:embed fonts/Inter-SemiBold.ttf
var bold []byte

// The fonts of the windows. Fyne takes letters that they do not have from its own fonts, and then from the system's.
var (
	Regular = fyne.NewStaticResource("Inter-Regular.ttf", regular)
	Bold    = fyne.NewStaticResource("Inter-SemiBold.ttf", bold)
)

//go:embed mark.svg
var markSVG []byte

//go:embed mark-256.png
var mark256 []byte

//go:embed mark-512.png
var mark512 []byte

// Mark is Handrail's mark, a rail that rises over two posts, to be drawn at any size.
func Mark() fyne.Resource { return fyne.NewStaticResource("handrail-mark.svg", markSVG) }

// AppIcon is the mark as a picture of 256 pixels, for windows and task bars.
func AppIcon() fyne.Resource { return fyne.NewStaticResource("handrail-256.png", mark256) }

// LargeAppIcon is the mark as a picture of 512 pixels, for installers.
func LargeAppIcon() fyne.Resource { return fyne.NewStaticResource("handrail-512.png", mark512) }

// Icon is the named icon in one colour, to be drawn with a side of so many device pixels: Fyne's painter does
// not scale the width of lines, so each size is a picture of its own. It panics for a name that does not
// exist: names are written in code, and every one is drawn by a test.
func Icon(name string, c color.Color, pixels float32) fyne.Resource {
	r, g, b, _ := c.RGBA()
	key := iconKey{name: name, hex: fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8), width: fmt.Sprintf("%.2f", iconLine*pixels/iconSide)}
	made, ok := madeIcons.Load(key)
	if !ok {
		made, _ = madeIcons.LoadOrStore(key, key.make())
	}
	return made.(fyne.Resource)
}

// iconKey is an icon as it is asked for: its colour and the width of its lines as SVG writes them.
type iconKey struct{ name, hex, width string }

// madeIcons are those that were asked for before. Windows ask for the same ones again whenever something moves in them.
var madeIcons sync.Map // iconKey → fyne.Resource

func (k iconKey) make() fyne.Resource {
	data, err := icons.ReadFile("icons/" + k.name + ".svg")
	if err != nil {
		panic("assets: no icon " + k.name)
	}
	svg := strings.NewReplacer("currentColor", k.hex, `stroke-width="2"`, `stroke-width="`+k.width+`"`).Replace(spellOut(string(data)))
	return fyne.NewStaticResource(fmt.Sprintf("lucide-%s-%s-%s.svg", k.name, k.hex[1:], k.width), []byte(svg))
}

// The icons' own side and width of lines.
const (
	iconSide = 24
	iconLine = 2
)

// IconNames lists the icons.
func IconNames() []string {
	entries, err := icons.ReadDir("icons")
	if err != nil {
		panic("assets: " + err.Error()) // the folder is part of the program
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".svg"))
	}
	return names
}

// Languages lists the languages that there are translations for.
func Languages() []string {
	entries, err := Translations.ReadDir(TranslationsDir)
	if err != nil {
		panic("assets: " + err.Error()) // the folder is part of the program
	}
	list := make([]string, 0, len(entries))
	for _, e := range entries {
		list = append(list, strings.TrimSuffix(e.Name(), ".json"))
	}
	return list
}

// Messages reads the messages of one language. A message is text, or an object with its plural forms.
func Messages(language string) (map[string]Message, error) {
	data, err := Translations.ReadFile(path.Join(TranslationsDir, language+".json"))
	if err != nil {
		return nil, fmt.Errorf("assets: translations: %w", err)
	}
	var messages map[string]Message
	if err := json.Unmarshal(data, &messages); err != nil {
		return nil, fmt.Errorf("assets: translations of %s: %w", language, err)
	}
	return messages, nil
}

// Message is a text by plural form ("one", "two", "few", "many", "other"); a text without plural forms has
// only "other".
type Message map[string]string

// UnmarshalJSON reads a text or an object of plural forms.
func (m *Message) UnmarshalJSON(data []byte) error {
	var single string
	if json.Unmarshal(data, &single) == nil {
		*m = Message{"other": single}
		return nil
	}
	var forms map[string]string
	if err := json.Unmarshal(data, &forms); err != nil {
		return err
	}
	*m = forms
	return nil
}
