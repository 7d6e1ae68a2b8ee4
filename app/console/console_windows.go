package console

import (
	"os"

	"golang.org/x/sys/windows"
)

var attachConsole = windows.NewLazySystemDLL("kernel32.dll").NewProc("AttachConsole")

func attach() {
	// What has been redirected to a file or a pipe stays so.
	in, out, errors := leads(windows.STD_INPUT_HANDLE), leads(windows.STD_OUTPUT_HANDLE), leads(windows.STD_ERROR_HANDLE)
	const parent = ^uintptr(0) // ATTACH_PARENT_PROCESS
	if ok, _, _ := attachConsole.Call(parent); ok == 0 {
		return // started by a double click, for example
	}
	if !in {
		open("CONIN$", &os.Stdin)
	}
	if !out {
		open("CONOUT$", &os.Stdout)
	}
	if !errors {
		open("CONOUT$", &os.Stderr)
	}
}

// leads tells whether a standard handle leads anywhere.
func leads(which uint32) bool {
	handle, err := windows.GetStdHandle(which)
	if err != nil || handle == 0 || handle == windows.InvalidHandle {
		return false
	}
	kind, err := windows.GetFileType(handle)
	return err == nil && kind != windows.FILE_TYPE_UNKNOWN
}

func open(name string, file **os.File) {
	if opened, err := os.OpenFile(name, os.O_RDWR, 0); err == nil {
		*file = opened
	}
}
