package text

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"

	"handrail/assets"
	"handrail/session"
	"handrail/session/wire"
)

// made are the beginnings of the texts whose names are put together while the program runs.
var made = []string{"choice.", "doctor.", "files.problem.", "limit.", "obstacle.", "permission.", "plain.", "reason.", "refused.", "set.", "state.", "viewer.auto", "viewer.high", "viewer.low", "viewer.speed"}

// used finds the names of texts in the windows' code: every literal that looks like one and exists, and every
// argument of T and N.
func used(t *testing.T, known map[string]assets.Message) (asked, mentioned map[string]bool) {
	asked, mentioned = map[string]bool{}, map[string]bool{}
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 0 {
				if f, ok := call.Fun.(*ast.SelectorExpr); ok && (f.Sel.Name == "T" || f.Sel.Name == "N") {
					if text, ok := literal(call.Args[0]); ok {
						asked[text] = true
					}
				}
			}
			if e, ok := n.(ast.Expr); ok {
				if text, ok := literal(e); ok && known[text] != nil {
					mentioned[text] = true
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return asked, mentioned
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

func TestNoTextIsMissingOrUnused(t *testing.T) {
	known := english()
	asked, mentioned := used(t, known)
	for key := range asked {
		if known[key] == nil && !strings.HasSuffix(key, ".") {
			t.Errorf("en: %q is used and missing", key)
		}
	}
	for key := range known {
		if !mentioned[key] && !beginsWith(key, made) {
			t.Errorf("en: %q is not used", key)
		}
	}
	for _, language := range assets.Languages() {
		messages, err := assets.Messages(language)
		if err != nil {
			t.Fatal(err)
		}
		for key, message := range known {
			compare(t, language, key, message, messages[key])
		}
		for key := range messages {
			if known[key] == nil {
				t.Errorf("%s: %q is not in English", language, key)
			}
		}
	}
}

func beginsWith(key string, beginnings []string) bool {
	for _, b := range beginnings {
		if strings.HasPrefix(key, b) {
			return true
		}
	}
	return false
}

var place = regexp.MustCompile(`\{\{\.\w+\}\}`)

// compare wants a translation with the same places for values.
func compare(t *testing.T, language, key string, english, translated assets.Message) {
	if translated["other"] == "" {
		t.Errorf("%s: %q is missing", language, key)
		return
	}
	want, got := places(english["other"]), places(translated["other"])
	if want != got {
		t.Errorf("%s: %q has the places %s, want %s", language, key, got, want)
	}
	if len(english) > 1 {
		for _, form := range plurals[language] {
			if translated[form] == "" {
				t.Errorf("%s: %q has no form %q", language, key, form)
			}
		}
	}
}

func places(s string) string {
	list := place.FindAllString(s, -1)
	sort.Strings(list)
	return strings.Join(list, " ")
}

// plurals are the forms of the languages (CLDR).
var plurals = map[string][]string{
	"en": {"one", "other"}, "de": {"one", "other"}, "nb": {"one", "other"},
	"sl": {"one", "two", "few", "other"}, "ko": {"other"},
}

func TestEveryReasonAndPermissionHasItsText(t *testing.T) {
	source, err := os.ReadFile("../../session/wire/reason.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(`Reason\w+ +Reason = "(\w+)"`).FindAllStringSubmatch(string(source), -1) {
		reason := wire.Reason(match[1])
		got := strings.ReplaceAll(english()["reason."+string(reason)]["other"], "’", "'")
		if got != reason.Sentence() {
			t.Errorf("en: reason.%s is %q, its sentence %q", reason, got, reason.Sentence())
		}
	}
	for _, p := range session.AllPermissions {
		for _, key := range []string{"permission." + string(p), "permission." + string(p) + ".explain"} {
			if english()[key] == nil {
				t.Errorf("en: %q is missing", key)
			}
		}
	}
}

func TestTextsInTheLanguageOfTheSystem(t *testing.T) {
	for language, want := range map[string]string{"sl": "Velja še 2 minuti", "de": "Noch 2 Minuten gültig", "ko": "2분 동안 유효합니다", "fr": "Valid for 2 more minutes"} {
		t.Setenv("LC_ALL", language)
		t.Setenv("LANGUAGE", "")
		if err := Load(); err != nil {
			t.Fatal(err)
		}
		if got := N("waiting.left", 2); got != want {
			t.Errorf("%s: %q, want %q", language, got, want)
		}
	}
}

func TestUnknownReasonFallsBackToItsSentence(t *testing.T) {
	if got := Reason("something_new"); got != wire.Reason("something_new").Sentence() {
		t.Errorf("%q", got)
	}
}
