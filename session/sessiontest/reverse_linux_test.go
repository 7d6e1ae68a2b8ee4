package sessiontest

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"handrail/session/relay"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// documented is the configuration in docs/RELAY.md whose first line is this one, for a relay at an address: what administrators
// copy is what is tried.
func documented(t *testing.T, first, relay string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/RELAY.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(text), "```\n"+first+"\n")
	block, _, closed := strings.Cut(block, "\n```")
	const there = "127.0.0.1:8470"
	if !found || !closed || strings.Count(block, there) != 1 {
		t.Fatalf("docs/RELAY.md has no configuration that begins with %q and leads to %s", first, there)
	}
	return first + "\n" + strings.Replace(block, there, relay, 1)
}

// nginx starts one before the relay at an address, configured as docs/RELAY.md says.
func nginx(t *testing.T, relay string) (port int) {
	dir, port := openDir(t), freePort(t)
	startProgram(t, port, "nginx", "-p", dir, "-e", filepath.Join(dir, "error.log"), "-c", write(t, dir, "nginx.conf", fmt.Sprintf(`
daemon off;
pid %[1]s/pid;
events {}
http {
access_log off;
client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
server {
listen 127.0.0.1:%[2]d;
%[3]s
}
}
`, dir, port, documented(t, "location / {", relay))))
	return port
}

// caddy does the same with Caddy, except that it fetches no certificate.
func caddy(t *testing.T, relay string) (port int) {
	dir, port := openDir(t), freePort(t)
	t.Setenv("XDG_DATA_HOME", dir)
	t.Setenv("XDG_CONFIG_HOME", dir)
	const name = "relay.example.org"
	site := documented(t, name+" {", relay)
	site = "{\nadmin off\n}\n" + strings.Replace(site, name, "http://"+address(port), 1)
	startProgram(t, port, "caddy", "run", "--adapter", "caddyfile", "--config", write(t, dir, "Caddyfile", site))
	return port
}

func TestBehindNginx(t *testing.T) {
	wholeSession(t, &url.URL{Scheme: "http", Host: address(nginx(t, StartRelay(t, false).URL.Host))})
}

func TestBehindCaddy(t *testing.T) {
	wholeSession(t, &url.URL{Scheme: "http", Host: address(caddy(t, StartRelay(t, false).URL.Host))})
}

// TestForgedAddresses come with X-Forwarded-For to each of the proxies, which the relay trusts: it believes what the proxy has
// seen, whatever the visitor says of itself.
func TestForgedAddresses(t *testing.T) {
	for name, start := range map[string]func(*testing.T, string) int{"nginx": nginx, "caddy": caddy} {
		t.Run(name, func(t *testing.T) {
			db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "relay.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			log := &lines{}
			server, err := relay.New(relay.Config{
				Store: db, Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Log: slog.New(slog.NewTextHandler(log, nil)),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			web := httptest.NewServer(server.Handler())
			defer web.Close()
			port := start(t, strings.TrimPrefix(web.URL, "http://"))
			visitor := &http.Client{Transport: &http.Transport{
				DialContext:       (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).DialContext,
				DisableKeepAlives: true,
			}}
			for _, forged := range []string{"203.0.113.9", "127.0.0.1", "203.0.113.9, 127.0.0.1", "nonsense", strings.Repeat("203.0.113.9, ", 200) + "127.0.0.1"} {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address(port)+wire.SessionsPath, nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("X-Forwarded-For", forged)
				req.Header.Set("X-Real-IP", "203.0.113.9")
				req.Header.Set("Forwarded", "for=203.0.113.9")
				resp, err := visitor.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				said := log.take()
				if resp.StatusCode != http.StatusUnauthorized || !strings.Contains(said, "address=127.0.0.2:") || strings.Contains(said, "203.0.113") {
					t.Errorf("%.40q: %d %s", forged, resp.StatusCode, said)
				}
			}
		})
	}
}

// lines are what a relay has logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(data)
}

// take returns what came since it was last called.
func (l *lines) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}
