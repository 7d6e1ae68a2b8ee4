// Package text gives everything that people read in their own language.
//
// Texts have stable names; the English of each is in assets/translations/en.json, and that of another
// language in the file beside it. Call Load once before the first window.
package text

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"handrail/assets"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/settings"
	"handrail/session/wire"
)

var english = sync.OnceValue(func() map[string]assets.Message {
	messages, err := assets.Messages("en")
	if err != nil {
		panic("text: " + err.Error()) // the file is part of the program
	}
	return messages
})

// Load gives Fyne the translations; the language is that of the system, or English. It may be called again
// after the environment's language has changed.
func Load() error {
	if err := lang.AddTranslationsFS(assets.Translations, assets.TranslationsDir); err != nil {
		return fmt.Errorf("text: %w", err)
	}
	return englishFor(lang.SystemLocale().LanguageString())
}

// englishFor gives a language that has no translations the English ones. Fyne has texts of its own in many
// more languages, would choose one of these, and complain of every text of ours that is not in it.
func englishFor(language string) error {
	base, _, _ := strings.Cut(language, "-")
	if base == "" || base == "no" || base == "nn" || slices.Contains(assets.Languages(), base) {
		return nil
	}
	data, err := assets.Translations.ReadFile(assets.TranslationsDir + "/en.json")
	if err != nil {
		return fmt.Errorf("text: %w", err)
	}
	if err := lang.AddTranslationsForLocale(data, fyne.Locale(base)); err != nil {
		return fmt.Errorf("text: %w", err)
	}
	return nil
}

// T is the text named key. Values for its places come in pairs: T("chat.from", "Name", name).
func T(key string, pairs ...any) string {
	if s, ok := say(key, nil, data(pairs)); ok {
		return s
	}
	return lang.X(key, english()[key]["other"], data(pairs))
}

// Keys is keys as this language's keyboards have them: "Strg+Umschalt+C" for "Ctrl+Shift+C".
func Keys(names string) string {
	return strings.NewReplacer(
		"Ctrl", T("key.ctrl"), "Shift", T("key.shift"), "Del", T("key.delete"),
		"PgUp", T("key.page_up"), "PgDn", T("key.page_down"), "Print Screen", T("key.print"),
	).Replace(names)
}

// N is the text named key in the plural form for n, which the text finds as {{.N}}.
func N(key string, n int, pairs ...any) string {
	if s, ok := say(key, n, data(append(pairs, "N", n))); ok {
		return s
	}
	return lang.XN(key, english()[key]["other"], n, data(append(pairs, "N", n)))
}

func data(pairs []any) map[string]any {
	values := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		values[pairs[i].(string)] = pairs[i+1]
	}
	return values
}

// Reason is a reason as a sentence.
func Reason(r wire.Reason) string {
	key := "reason." + string(r)
	if _, ok := english()[key]; !ok {
		return r.Sentence()
	}
	return T(key)
}

// Ending is why a session has ended, as the person is told it whose role this is.
func Ending(own wire.Role, r wire.Reason) string {
	switch {
	case r == "":
		return T("ended.title")
	case own == wire.Customer && r == wire.ReasonDeclined:
		return T("own.declined")
	case own == wire.Customer && r == wire.ReasonByCustomer, own == wire.Operator && r == wire.ReasonByOperator:
		return T("own.ended")
	}
	return Reason(r)
}

var codeErrors = map[error]string{
	session.ErrCodeEmpty:  "code.error.empty",
	session.ErrCodeShort:  "code.error.short",
	session.ErrCodeLong:   "code.error.long",
	session.ErrCodeDigits: "code.error.digits",
	session.ErrID:         "code.error.id",
	session.ErrPassword:   "code.error.password",
}

// Error is an error as a sentence for a person: the sentence of its reason, or that something went wrong.
func Error(err error) string {
	var failed *wire.Error
	if errors.As(err, &failed) {
		return Reason(failed.Reason)
	}
	if errors.Is(err, customer.ErrNotByHand) {
		return T("running.hand")
	}
	if errors.Is(err, settings.ErrInsecure) {
		return Reason(wire.ReasonInsecure)
	}
	if errors.Is(err, settings.ErrAddress) {
		return T("relay.bad")
	}
	for known, key := range codeErrors {
		if errors.Is(err, known) {
			return T(key)
		}
	}
	return T("error.unknown")
}

// Permission is a permission's name, and Explain what it allows.
func Permission(p session.Permission) string { return T("permission." + string(p)) }

// Explain says what a permission allows.
func Explain(p session.Permission) string { return T("permission." + string(p) + ".explain") }

// Minutes is a span of time in whole minutes: "9 min".
func Minutes(d time.Duration) string { return T("time.minutes", "N", max(0, int(d/time.Minute))) }

// Seconds is how many seconds are left until a time, the begun one counted.
func Seconds(until time.Time) int { return max(0, int((time.Until(until)+time.Second-1)/time.Second)) }

// Reconnecting says since when a connection is being restored.
func Reconnecting(lost time.Time) string {
	seconds := 0
	if !lost.IsZero() {
		seconds = max(0, int(time.Since(lost)/time.Second))
	}
	return T("reconnecting", "N", seconds)
}

// ClockSeconds is a time of day with its seconds, for journals.
func ClockSeconds(t time.Time) string { return t.Local().Format("15:04:05") }

// Decimal is a number with so many places, with the decimal sign of the language.
func Decimal(n float64, places int) string {
	s := strconv.FormatFloat(n, 'f', places, 64)
	if slices.Contains([]string{"sl", "de", "nb", "nn", "no"}, current()) {
		return strings.Replace(s, ".", ",", 1)
	}
	return s
}

// Clock is a time of day as it is written beside a chat line or an event.
func Clock(t time.Time) string { return t.Local().Format("15:04") }
