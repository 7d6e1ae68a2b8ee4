package kit

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"handrail/ui/theme"
)

func newTestChat(t *testing.T) *Chat {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	c := NewChat(ChatWords{"nothing", "write", "send"})
	w := test.NewTempWindow(t, c.Object)
	w.Resize(c.Object.MinSize().AddWidthHeight(200, 400))
	return c
}

// TestALongChatShowsItsNewestLines: how long it has become does not count, notes stay, and what is shown already is not made again.
func TestALongChatShowsItsNewestLines(t *testing.T) {
	c := newTestChat(t)
	lines := []ChatLine{{Note: true, Text: "sharing has started"}}
	for n := range 2000 {
		lines = append(lines, ChatLine{Text: strconv.Itoa(n)})
	}
	c.SetLines(lines)
	if len(c.shown) != ChatShown+1 || !c.shown[0].Note || c.shown[1].Text != "1700" || !c.older.Visible() {
		t.Fatalf("%d are shown, the first %+v, %+v", len(c.shown), c.shown[0], c.shown[1])
	}
	first, last := c.list.Objects[0], c.list.Objects[ChatShown]
	c.SetLines(append(lines, ChatLine{Text: "one more"}))
	if len(c.list.Objects) != ChatShown+1 || c.list.Objects[0] != first || c.list.Objects[ChatShown-1] != last {
		t.Error("the lines were made again")
	}
}

// TestLongLinesAreDrawnInTime: somebody who writes the longest lines as fast as they are taken does not stop the window.
func TestLongLinesAreDrawnInTime(t *testing.T) {
	for name, text := range map[string]string{"one word": strings.Repeat("x", 16<<10), "words": strings.Repeat("word ", 16<<10/5), "empty lines": strings.Repeat("\n", 16<<10)} {
		c := newTestChat(t)
		var lines []ChatLine
		for n := range 100 {
			lines = append(lines, ChatLine{At: strconv.Itoa(n), Text: text})
		}
		begun := time.Now()
		c.SetLines(lines)
		c.SetLines(append(lines, ChatLine{Text: text + "."}))
		if took := time.Since(begun); took > 3*time.Second || len(c.shown) > 4 {
			t.Errorf("%s: %v for %d lines", name, took, len(c.shown))
		}
	}
}
