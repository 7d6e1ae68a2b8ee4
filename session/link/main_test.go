package link

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"os"
	"testing"
	"time"
)

// quiet is for servers whose clients turn away.
var quiet = log.New(io.Discard, "", 0)

// box is a certificate by somebody whom the system trusts, as an office's computers trust the office's box.
var box tls.Certificate

// TestMain makes the system trust that. Go reads SSL_CERT_FILE once, before the first connection; on Windows and macOS it
// does not.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		leaf, root, err := authority("Fortinet Office Box", "127.0.0.1", time.Now().Add(30*time.Minute))
		if err == nil {
			var file *os.File
			if file, err = os.CreateTemp("", "handrail-roots"); err == nil {
				defer os.Remove(file.Name())
				_, err = file.Write(root)
				file.Close()
				os.Setenv("SSL_CERT_FILE", file.Name())
			}
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		box = leaf
		return m.Run()
	}())
}
