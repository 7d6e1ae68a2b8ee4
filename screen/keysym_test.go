package screen

import (
	"slices"
	"testing"
)

func TestParseKeys(t *testing.T) {
	for keys, want := range map[string][]uint32{
		"ctrl+shift+t": {KeyCtrl, KeyShift, 't'},
		"ctrl++":       {KeyCtrl, '+'},
		"+":            {'+'},
		"Alt+F4":       {KeyAlt, KeyF1 + 3},
		"f24":          {KeyF1 + 23},
		"kp7":          {KeyPad0 + 7},
		"č":            {0x0100010d},
		"ctrl+space":   {KeyCtrl, ' '},
		"T":            {'T'},
	} {
		if got, err := ParseKeys(keys); err != nil || !slices.Equal(got, want) {
			t.Errorf("ParseKeys(%q) = %x, %v, want %x", keys, got, err, want)
		}
	}
	for _, keys := range []string{"", "ctrl+", "foo", "f25", "f0", "ctrl+foo+t", "\xff", " "} {
		if got, err := ParseKeys(keys); err == nil {
			t.Errorf("ParseKeys(%q) = %x without error", keys, got)
		}
	}
}

func TestKeysymsOfRunes(t *testing.T) {
	for r, want := range map[rune]uint32{
		'a': 'a', 'é': 0xe9, 'č': 0x0100010d, '😀': 0x0101f600, '\n': KeyReturn, '\t': KeyTab, '€': 0x010020ac,
	} {
		if got := KeysymOfRune(r); got != want {
			t.Errorf("KeysymOfRune(%q) = %x, want %x", r, got, want)
		}
	}
	for keysym, want := range map[uint32]rune{
		'a': 'a', 0x0101f600: '😀', 0x01e8: 'č', 0x20ac: '€', 0x13be: 'Ÿ', KeyReturn: 0, KeyShift: 0, 0x06c1: 'а',
	} {
		if got := RuneOfKeysym(keysym); got != want {
			t.Errorf("RuneOfKeysym(%x) = %q, want %q", keysym, got, want)
		}
	}
	for i := 1; i < len(legacyKeysyms); i++ {
		if legacyKeysyms[i-1].keysym >= legacyKeysyms[i].keysym {
			t.Fatal("the table is not in order")
		}
	}
}
