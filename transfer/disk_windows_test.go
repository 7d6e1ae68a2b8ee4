package transfer

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

// TestMarkOfTheWeb reads back the mark of a file that has arrived and of one that replaced another. Where the volume
// has no named streams, as with Wine, it wants files to arrive without a mark and nothing else to be left.
func TestMarkOfTheWeb(t *testing.T) {
	a, b := pair(t, wineFolder(t), wineFolder(t))
	name, err := windows.UTF16PtrFromString(filepath.VolumeName(b.home) + `\`)
	if err != nil {
		t.Fatal(err)
	}
	var flags uint32
	if err := windows.GetVolumeInformation(name, nil, 0, nil, nil, &flags, nil, 0); err != nil {
		t.Fatal(err)
	}
	streams := flags&windows.FILE_NAMED_STREAMS != 0
	t.Logf("the volume has named streams: %v", streams)

	at := time.Date(2021, 3, 4, 5, 6, 7, 0, time.UTC)
	path := filepath.Join(b.home, "setup.exe")
	check := func(data string) {
		t.Helper()
		write(t, path, []byte(data))
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		order, err := a.Fetch(ctx, Order{Paths: []string{"home/setup.exe"}, Synchronize: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Await(ctx, 1, func(r Row) bool { return r.Order == order }); err != nil {
			t.Fatal(err)
		}
		same(t, listing(t, a.received()), map[string]string{"setup.exe": data})
		if info, err := os.Stat(a.received("setup.exe")); err != nil || !info.ModTime().Equal(at) {
			t.Errorf("its time is %v, %v", info.ModTime(), err)
		}
		mark, err := os.ReadFile(a.received("setup.exe:Zone.Identifier"))
		if streams && (err != nil || string(mark) != "[ZoneTransfer]\r\nZoneId=3\r\n") {
			t.Errorf("the mark is %q, %v", mark, err)
		}
		if !streams && err == nil {
			t.Errorf("there is a mark, %q, on a volume that has none", mark)
		}
	}
	check("one")
	check("another")
}

// TestTheMarkIsOfTheFileThatIsOpen wants no other file to be marked, and the open one to be found.
func TestTheMarkIsOfTheFileThatIsOpen(t *testing.T) {
	folder, err := os.OpenRoot(wineFolder(t))
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	files := map[string]*os.File{}
	for _, name := range []string{"one", "stranger"} {
		if files[name], err = folder.Create(name); err != nil {
			t.Fatal(err)
		}
		defer files[name].Close()
	}
	path, err := finalPath(files["one"])
	if err != nil || filepath.Base(path) != "one" {
		t.Errorf("it is at %q, %v", path, err)
	}
	if err := writeMark(files["one"], files["stranger"]); err == nil {
		t.Error("another file takes the mark")
	}
	if err := writeMark(files["one"], files["one"]); err != nil {
		t.Error(err)
	}
	if err := markOrigin(files["one"]); err != nil {
		t.Error(err)
	}
}

// wineFolder is a temporary folder that need not go away: Wine before version 9 cannot delete as Go does.
func wineFolder(t *testing.T) string {
	folder, err := os.MkdirTemp("", "handrail")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}
