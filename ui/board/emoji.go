package board

import (
	"fyne.io/fyne/v2/theme"

	"handrail/whiteboard"
)

// UseEmoji has emoji drawn on boards as they look while one types them, the same in every program.
func UseEmoji() {
	if font := theme.DefaultEmojiFont(); font != nil {
		whiteboard.UseEmoji(font.Content())
	}
}
