package operatorui

import (
	"os"
	"time"

	"handrail/ui/board"
	"handrail/ui/kit"
	"handrail/ui/text"
)

// snapshot saves the picture as it is now to the operator's folder for pictures, copies it, and says where it is.
func (v *viewerWindow) snapshot() {
	picture := v.session.Snapshot()
	if picture == nil {
		return
	}
	name := board.PictureName(customerName(v.info), time.Now())
	folder := v.board.window.options.Settings.Get("pictures_folder")
	if folder == "" {
		folder = board.PicturesFolder()
	}
	go func() {
		said := text.T("viewer.snapshot.failed")
		if path, err := board.SavePicture(folder, name, picture); err == nil {
			said = text.T("viewer.snapshot.saved", "Path", path)
			if data, err := os.ReadFile(path); err == nil && v.session.CopyPicture(data) == nil {
				said = text.T("viewer.snapshot.copied", "Path", path)
			}
		}
		kit.Do(func() { v.status.say(said) })
	}()
	v.focusPicture()
}
