package device

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"handrail/screen"
)

// TestWindowsOfAnotherKind: where Fyne gives no way to the window behind its own, everything is left as it is. That the present
// Fyne gives one is tried with real windows in app/endtoend (TestHandsReachTheCustomer).
func TestWindowsOfAnotherKind(t *testing.T) {
	window := test.NewTempWindow(t, nil)
	Buttons(window, func(screen.Button, bool) { t.Error("a button") })
	Moves(window, func(fyne.Position) { t.Error("a movement") })
	if Capture(window, true) || Capture(window, false) {
		t.Error("the system's shortcuts are said to be captured")
	}
}
