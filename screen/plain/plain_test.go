package plain

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
)

// takes, in the environment, makes this test's program take the desktop and keep it until its standard input ends.
const takes = "HANDRAIL_TEST_TAKES"

// asks, in the environment, makes it print the values of all knobs as JSON instead.
const asks = "HANDRAIL_TEST_READS"

func TestMain(m *testing.M) {
	Guard()
	if os.Getenv(asks) != "" {
		b, err := open()
		if err != nil {
			os.Exit(1)
		}
		_ = json.NewEncoder(os.Stdout).Encode(b.read())
		b.close()
		os.Exit(0)
	}
	if os.Getenv(takes) != "" {
		d, err := Take()
		fmt.Println("taken", err)
		if err == nil {
			_, _ = io.Copy(io.Discard, os.Stdin)
			err = d.Close()
		}
		if err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// taker starts another process that takes the desktop, and waits until it has.
func taker(t *testing.T, env ...string) (process *exec.Cmd, in io.Closer) {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(own)
	cmd.Env = append(append(os.Environ(), takes+"=1"), env...)
	in, err = cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "taken <nil>\n" {
		t.Fatalf("%q %v", line, err)
	}
	return cmd, in
}

// knobs in memory: what the second process does, without a desktop.
func memory(values map[string]string) *bench {
	b := &bench{close: func() {}}
	for _, name := range []string{"a", "b"} {
		b.knobs = append(b.knobs, knob{
			name: name, kind: Wallpaper, plain: "none",
			read:  func() (string, error) { return values[name], nil },
			write: func(value string) error { values[name] = value; return nil },
		})
	}
	b.knobs = append(b.knobs, knob{name: "c", kind: Effects, read: func() (string, error) { return "", io.ErrUnexpectedEOF }})
	return b
}

func TestOnlyWhatNobodyHasChangedIsPutBack(t *testing.T) {
	values := map[string]string{"a": "one", "b": "two"}
	b := memory(values)
	was := b.read()
	if left := b.takeOff(was); len(left) != 1 || left[0] != Effects {
		t.Errorf("left: %v", left)
	}
	if values["a"] != "none" || values["b"] != "none" {
		t.Errorf("plain: %v", values)
	}
	values["b"] = "three"
	if err := b.putBack(was); err != nil || values["a"] != "one" || values["b"] != "three" {
		t.Errorf("put back: %v %v", values, err)
	}
}

func TestAPlainDesktopStaysAsItIs(t *testing.T) {
	values := map[string]string{"a": "none", "b": "none"}
	b := memory(values)
	was := b.read()
	b.takeOff(was)
	values["a"] = "one" // somebody puts up a wallpaper during the session
	if err := b.putBack(was); err != nil || values["a"] != "one" || values["b"] != "none" {
		t.Errorf("%v %v", values, err)
	}
}
