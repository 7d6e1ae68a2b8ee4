package operatorui

import (
	"time"

	"handrail/ui/board"
	"handrail/ui/kit"
	"handrail/ui/text"
)

// snapshot saves the picture as it is now to the operator's folder for pictures, and says where.
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
		path, err := board.SavePicture(folder, name, picture)
		kit.Do(func() {
			if err != nil {
				v.status.say(text.T("viewer.snapshot.failed"))
			} else {
				v.status.say(text.T("viewer.snapshot.saved", "Path", path))
			}
		})
	}()
	v.focusPicture()
}
