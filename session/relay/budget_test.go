package relay

import (
	"bytes"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"handrail/session/relay/admin"
	"handrail/session/relay/store"
)

// TestTheJoinPageStaysSmall has a logo that hardly compresses, a colour and long texts: with all that it needs, the page takes
// at most 60 kB, and nothing of it comes from elsewhere.
func TestTheJoinPageStaysSmall(t *testing.T) {
	downloads := t.TempDir()
	for _, name := range []string{"handrail-client.exe", "handrail-client-macos.dmg", "handrail-client-linux"} {
		os.WriteFile(filepath.Join(downloads, name), []byte("x"), 0o600)
	}
	r := newRig(t, func(c *Config) { c.Downloads = downloads })
	noise := image.NewNRGBA(image.Rect(0, 0, 300, 120))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = byte(random.IntN(256))
	}
	var logo bytes.Buffer
	if err := png.Encode(&logo, noise); err != nil {
		t.Fatal(err)
	}
	office := &admin.Office{Store: r.db, Actor: "x"}
	if err := office.SetLogo(t.Context(), logo.Bytes()); err != nil {
		t.Fatal(err)
	}
	err := office.SetAppearance(t.Context(), admin.Appearance{Organisation: "Example", Branding: store.Branding{
		Accent: "#aa3355", Welcome: strings.Repeat("환영합니다. ", 100), Footer: strings.Repeat("안녕 ", 100),
	}})
	if err != nil {
		t.Fatal(err)
	}
	v := (&visitor{rig: r}).do("/join/4821", nil, "Accept-Language", "ko", "User-Agent", "Windows").want(200)
	total, page := len(v.page), v.page
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(m[1], "/") && !strings.HasPrefix(m[1], "#") {
			t.Errorf("it leads elsewhere: %s", m[1])
		}
		if strings.HasPrefix(m[1], "/static/") {
			total += len(v.do(m[1], nil).want(200).page) + 500 // headers
		}
	}
	t.Logf("%d bytes", total)
	if total > 60_000 {
		t.Errorf("the join page takes %d bytes", total)
	}
}
