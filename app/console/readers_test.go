package console_test

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"handrail/app/console"
)

// TestTheProgramOutlivesReaders has a program of its own write for whoever has gone.
func TestTheProgramOutlivesReaders(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no signal for that here")
	}
	const own = "HANDRAIL_WRITE_FOR_NOBODY"
	if os.Getenv(own) != "" {
		console.OutliveReaders()
		if _, err := os.Stdout.WriteString("hello\n"); err == nil {
			os.Exit(3)
		}
		os.Exit(0)
	}
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	in.Close()
	defer out.Close()
	program := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	program.Env = append(os.Environ(), own+"=1")
	var said strings.Builder
	program.Stdout, program.Stderr = out, &said
	if err := program.Run(); err != nil {
		t.Errorf("the program ended: %v %s", err, said.String())
	}
}
