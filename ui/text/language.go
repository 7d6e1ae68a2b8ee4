package text

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"fyne.io/fyne/v2/lang"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"handrail/assets"
)

// chosen is the language that the person has chosen; nil where that of the system counts.
var chosen atomic.Pointer[chosenLanguage]

type chosenLanguage struct {
	name string
	from *i18n.Localizer
}

// Use makes a language count from now on, whatever the system's is; "" or "auto" is that of the system again.
// Windows that are open have to be built again.
func Use(name string) error {
	if name == "" || name == "auto" {
		chosen.Store(nil)
		return nil
	}
	if !slices.Contains(assets.Languages(), name) {
		return fmt.Errorf("text: there is no language %q", name)
	}
	tag, err := language.Parse(name)
	if err != nil {
		return fmt.Errorf("text: %w", err)
	}
	messages, err := assets.Messages(name)
	if err != nil {
		return err
	}
	bundle := i18n.NewBundle(tag)
	for id, forms := range messages {
		err := bundle.AddMessages(tag, &i18n.Message{
			ID: id, One: forms["one"], Two: forms["two"], Few: forms["few"], Many: forms["many"], Other: forms["other"],
		})
		if err != nil {
			return fmt.Errorf("text: %w", err)
		}
	}
	chosen.Store(&chosenLanguage{name, i18n.NewLocalizer(bundle, name)})
	return nil
}

// say is a text in the language that was chosen; ok is false where none was, or it lacks the text. n is nil
// for a text without a number.
func say(key string, n any, values map[string]any) (s string, ok bool) {
	c := chosen.Load()
	if c == nil {
		return "", false
	}
	s, err := c.from.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: values, PluralCount: n})
	return s, err == nil
}

// Language is the language that counts, as in "sl".
func Language() string { return current() }

// current is the language that counts, as in "sl".
func current() string {
	if c := chosen.Load(); c != nil {
		return c.name
	}
	base, _, _ := strings.Cut(lang.SystemLocale().LanguageString(), "-")
	return base
}
