package link

import (
	"encoding/binary"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

const gnome = `org.gnome.system.proxy autoconfig-url ''
org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '*.inside.example.org', '10.1.0.0/16']
org.gnome.system.proxy mode 'manual'
org.gnome.system.proxy use-same-proxy true
org.gnome.system.proxy.http authentication-password 'pass word'
org.gnome.system.proxy.http authentication-user 'office'
org.gnome.system.proxy.http enabled false
org.gnome.system.proxy.http host 'old.example.org'
org.gnome.system.proxy.http port 8080
org.gnome.system.proxy.http use-authentication true
org.gnome.system.proxy.https host 'proxy.example.org'
org.gnome.system.proxy.https port 3128
`

const kde = `[$Version]
update_info=x

[Proxy Settings]
NoProxyFor=localhost,.inside.example.org, 10.1.0.0/16
ProxyType=1
httpProxy=http://old.example.org 8080
httpsProxy[$e]=http://proxy.example.org 3128

[Other]
ProxyType=0
`

const mac = `<dictionary> {
  ExceptionsList : <array> {
    0 : *.inside.example.org
    1 : 10.1.0.0/16
  }
  FTPPassive : 1
  HTTPEnable : 0
  HTTPSEnable : 1
  HTTPSPort : 3128
  HTTPSProxy : proxy.example.org
}
`

func winHTTP(flags uint32, texts ...string) []byte {
	blob := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32([]byte{0x28, 0, 0, 0}, 7), flags)
	for _, text := range texts {
		blob = append(binary.LittleEndian.AppendUint32(blob, uint32(len(text))), text...)
	}
	return blob
}

func TestSystemsProxy(t *testing.T) {
	const inside = "proxy.example.org:3128"
	for name, c := range map[string]struct {
		setting systemSetting
		want    string // for a relay outside
	}{
		"GNOME":             {parseGNOME(gnome), "http://office:pass%20word@" + inside},
		"KDE":               {parseKDE(kde), "http://" + inside},
		"macOS":             {parseMac(mac), "http://" + inside},
		"Windows":           {parseWindows(true, inside, "*.inside.example.org;10.1.0.0/16;<local>", ""), "http://" + inside},
		"Windows, by kind":  {parseWindows(true, "ftp=x:1;http=y:2;https="+inside, ".inside.example.org; 10.1.0.0/16", ""), "http://" + inside},
		"Windows, services": {parseWinHTTP(winHTTP(3, inside, "*.inside.example.org;10.1.0.0/16")), "http://" + inside},
	} {
		for address, want := range map[string]string{
			"https://relay.example.org":        c.want,
			"https://relay.inside.example.org": "",
			"https://10.1.2.3":                 "",
			"https://localhost":                "",
		} {
			u, _ := url.Parse(address)
			got := ""
			if proxy := c.setting.proxyFor(u); proxy != nil {
				got = proxy.String()
			}
			if got != want {
				t.Errorf("%s, %s: %q, want %q", name, address, got, want)
			}
		}
		if c.setting.auto {
			t.Errorf("%s: taken for automatic", name)
		}
	}
	local, _ := url.Parse("https://intranet")
	if p := parseWindows(true, inside, "<local>", "").proxyFor(local); p != nil {
		t.Errorf("a local name through %v", p)
	}
}

func TestSystemsWithoutProxy(t *testing.T) {
	u, _ := url.Parse("https://relay.example.org")
	for name, s := range map[string]systemSetting{
		"GNOME, none":          parseGNOME("org.gnome.system.proxy mode 'none'\norg.gnome.system.proxy.https host 'x'\norg.gnome.system.proxy.https port 1\n"),
		"GNOME, no port":       parseGNOME("org.gnome.system.proxy mode 'manual'\norg.gnome.system.proxy.https host 'x'\norg.gnome.system.proxy.https port 0\n"),
		"KDE, none":            parseKDE("[Proxy Settings]\nProxyType=0\nhttpsProxy=http://x 1\n"),
		"Windows, off":         parseWindows(false, "x:1", "", ""),
		"Windows, cut off":     parseWinHTTP(winHTTP(3, "proxy")[:18]),
		"Windows, huge length": parseWinHTTP(append(winHTTP(3), 255, 255, 255, 255, 'x')),
		"Windows, direct":      parseWinHTTP(winHTTP(1, "x:1")),
		"macOS, none":          parseMac("<dictionary> {\n  HTTPSEnable : 0\n  HTTPSProxy : x\n}\n"),
		"nothing":              {},
	} {
		if p := s.proxyFor(u); p != nil {
			t.Errorf("%s: %v", name, p)
		}
	}
	for name, s := range map[string]systemSetting{
		"GNOME": parseGNOME("org.gnome.system.proxy mode 'auto'\n"), "KDE": parseKDE("[Proxy Settings]\nProxyType=2\n"),
		"Windows": parseWindows(false, "", "", "http://wpad/wpad.dat"), "macOS": parseMac("  ProxyAutoConfigEnable : 1\n"),
	} {
		if !s.auto {
			t.Errorf("%s: not taken for automatic", name)
		}
	}
}

// TestTheSystemsProxyIsUsed reads a desktop's real file; the environment and the program's own setting count more.
func TestTheSystemsProxyIsUsed(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the file of a Linux desktop")
	}
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	t.Setenv("XDG_CURRENT_DESKTOP", "KDE")
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		t.Setenv(name, "")
	}
	if err := os.WriteFile(filepath.Join(dir, "kioslaverc"), []byte(kde), 0o600); err != nil {
		t.Fatal(err)
	}
	forget := func() { system.mu.Lock(); system.read = time.Time{}; system.mu.Unlock() }
	forget()
	defer forget()
	relay, _ := url.Parse("https://relay.example.org")
	if proxy, source, err := proxyFor(relay); err != nil || source != FromSystem || proxy.Host != "proxy.example.org:3128" {
		t.Errorf("%v %q %v", proxy, source, err)
	}
	own, _ := url.Parse("http://own.example.org:1")
	UseProxy(own)
	defer UseProxy(nil)
	if proxy, source, _ := proxyFor(relay); proxy != own || source != FromSettings {
		t.Errorf("%v %q", proxy, source)
	}
}
