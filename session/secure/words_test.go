package secure

import (
	"slices"
	"testing"
)

func TestWords(t *testing.T) {
	if len(words) != 256 {
		t.Fatalf("%d words", len(words))
	}
	if !slices.IsSorted(words) {
		t.Error("not in order")
	}
	beginnings := map[string]string{}
	for i, w := range words {
		if len(w) < 4 || len(w) > 9 {
			t.Errorf("%q is too short or too long", w)
		}
		if other, ok := beginnings[w[:4]]; ok {
			t.Errorf("%q and %q begin alike", w, other)
		}
		beginnings[w[:4]] = w
		for _, r := range w {
			if r < 'a' || r > 'z' {
				t.Errorf("%q is not plain", w)
			}
		}
		for _, other := range words[:i] {
			if distance(w, other) < 2 {
				t.Errorf("%q and %q are too close", w, other)
			}
		}
	}
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
