package endtoend

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
)

// TestFilesPictures takes pictures of both windows for files in every language, with a folder of real files that has
// gone over, one on its way back, and one that the customer has copied. It is for people to look at: the pictures go
// to the folder $HANDRAIL_PICTURES.
func TestFilesPictures(t *testing.T) {
	to := os.Getenv("HANDRAIL_PICTURES")
	if to == "" {
		t.Skip("only with HANDRAIL_PICTURES")
	}
	for _, language := range []string{"en_GB", "sl_SI", "de_DE", "nb_NO", "ko_KR"} {
		t.Run(language, func(t *testing.T) {
			operators, customers := screentest.Start(t, 1280, 900), screentest.Start(t, 1100, 800)
			operators.Openbox()
			customers.Openbox()
			relay := startRelay(t)
			desk := startWindow(t, operators, relay, "LC_MESSAGES="+language+".UTF-8")
			s := desk.newSession()
			c := &client{t: t, home: t.TempDir()}
			env := append(customers.Env(), "HOME="+c.home, "TMPDIR="+c.home, "XDG_RUNTIME_DIR="+c.home, "LANG=C.UTF-8", "LC_MESSAGES="+language+".UTF-8")
			c.running = start(t, env, program(t, "handrail-client"), "--relay", relay.url, "--code", s.Code, "--yes", "--events")
			c.await(session.Active)
			viewer := viewerOf(t, operators)
			from := filepath.Join(t.TempDir(), "Invoices 2026")
			for i := range 30 {
				randomFile(t, filepath.Join(from, fmt.Sprint("invoice ", i, ".pdf")), 50_000)
			}
			desk.ctl("send", s.ID, from)
			randomFile(t, filepath.Join(c.home, "scan of the contract.pdf"), 900_000)
			desk.ctl("receive", s.ID, "home/scan of the contract.pdf", "--to", t.TempDir())
			copyInFileManager(t, customers, filepath.Join(c.home, "scan of the contract.pdf"))
			operators.Xdotool("windowactivate", "--sync", viewer)
			operators.Xdotool("key", "ctrl+alt+i")
			time.Sleep(3 * time.Second)
			save(t, operators, filepath.Join(to, "files-operator-"+language+".png"))
			if at := os.Getenv("HANDRAIL_CLICK"); at != "" {
				var x, y int
				_, _ = fmt.Sscanf(at, "%d,%d", &x, &y)
				customers.Xdotool("mousemove", fmt.Sprint(x), fmt.Sprint(y))
				time.Sleep(time.Second)
				customers.Xdotool("click", "1")
				time.Sleep(3 * time.Second)
			}
			save(t, customers, filepath.Join(to, "files-customer-"+language+".png"))
			c.end()
		})
	}
}

func save(t *testing.T, display *screentest.Display, path string) {
	t.Helper()
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := png.Encode(out, shot(display)); err != nil {
		t.Fatal(err)
	}
}
