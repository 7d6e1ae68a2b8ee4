package reveal

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/windows"
)

// asExplorer has the test's program be what it starts: it prints its command line as Windows has it.
const asExplorer = "HANDRAIL_AS_EXPLORER"

func TestMain(m *testing.M) {
	if os.Getenv(asExplorer) != "" {
		fmt.Print(windows.UTF16PtrToString(windows.GetCommandLine()))
		return
	}
	os.Exit(m.Run())
}

// TestExplorerIsAsked looks at the command line that arrives.
func TestExplorerIsAsked(t *testing.T) {
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		`C:\Users\Anna\report.pdf`:               `explorer.exe /select,"C:\Users\Anna\report.pdf"`,
		`C:\Users\Anna Novak\a, b & 100% (2).md`: `explorer.exe /select,"C:\Users\Anna Novak\a, b & 100% (2).md"`,
		`C:\Prenosi\poročilo 사진 👍.jpg`:           `explorer.exe /select,"C:\Prenosi\poročilo 사진 👍.jpg"`,
		`C:/Users/x/y.txt`:                       `explorer.exe /select,"C:\Users\x\y.txt"`,
		`\\server\share name\z.txt`:              `explorer.exe /select,"\\server\share name\z.txt"`,
	} {
		cmd := selecting(own, path)
		cmd.Env = append(os.Environ(), asExplorer+"=1")
		got, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("for %s it is %s", path, got)
		}
	}
}
