package kit

import "fyne.io/fyne/v2"

// Notify shows a sentence as the system shows what programs announce, with the program's name above it. Whoever shows it on this
// computer may be slow or hang, and is not waited for.
func Notify(app fyne.App, title, sentence string) {
	note := fyne.NewNotification(title, sentence)
	if collected.collecting() {
		app.SendNotification(note)
		return
	}
	go app.SendNotification(note)
}
