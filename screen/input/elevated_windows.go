package input

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// guarded is an injector that says when the window in front belongs to a program with more rights than this one: Windows then
// drops what is injected, and tells nobody.
type guarded struct{ *plain }

var (
	procForeground = user32.NewProc("GetForegroundWindow")
	procProcessOf  = user32.NewProc("GetWindowThreadProcessId")
)

// Blocked is part of screen.ObstacleReporter.
func (*guarded) Blocked() bool {
	window, _, _ := procForeground.Call()
	if window == 0 {
		return false
	}
	var id uint32
	_, _, _ = procProcessOf.Call(window, uintptr(unsafe.Pointer(&id)))
	if id == 0 || id == windows.GetCurrentProcessId() {
		return false
	}
	own, err := integrity(windows.CurrentProcess())
	if err != nil {
		return false
	}
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, id)
	if err != nil {
		return err == windows.ERROR_ACCESS_DENIED // it hides from us, as those with more rights do
	}
	defer windows.CloseHandle(process)
	other, err := integrity(process)
	if err != nil {
		return err == windows.ERROR_ACCESS_DENIED
	}
	return other > own
}

// integrity is the level of rights that Windows runs a process with: input goes from higher to lower ones only.
func integrity(process windows.Handle) (uint32, error) {
	var token windows.Token
	if err := windows.OpenProcessToken(process, windows.TOKEN_QUERY, &token); err != nil {
		return 0, err
	}
	defer token.Close()
	var buffer [64]byte
	var size uint32
	err := windows.GetTokenInformation(token, windows.TokenIntegrityLevel, &buffer[0], uint32(len(buffer)), &size)
	if err != nil {
		return 0, err
	}
	label := (*windows.Tokenmandatorylabel)(unsafe.Pointer(&buffer[0]))
	sid := label.Label.Sid
	if count := sid.SubAuthorityCount(); count > 0 {
		return sid.SubAuthority(uint32(count - 1)), nil
	}
	return 0, nil
}
