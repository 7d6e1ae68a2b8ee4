package operatorui

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2/test"

	"handrail/session"
	"handrail/ui/text"
	"handrail/ui/theme"
	"handrail/ui/uitest"
)

// BenchmarkSwitching goes from one to another of 20 running sessions, with the layout of what is shown then.
func BenchmarkSwitching(b *testing.B) {
	if err := text.Load(); err != nil {
		b.Fatal(err)
	}
	list := []Session{}
	for i := range 20 {
		list = append(list, newFake(fmt.Sprint("s", i)).in([]session.State{session.Active, session.Waiting, session.Joining}[i%3]))
	}
	w := newWindow(test.NewTempApp(b), signedIn(list...), Options{Variant: theme.Light})
	defer w.stop()
	uitest.Settle(w.win)
	i := 0
	for b.Loop() {
		w.board.choose(list[i%len(list)].ID())
		w.board.refresh()
		uitest.Settle(w.win)
		i++
	}
}
