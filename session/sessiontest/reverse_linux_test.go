package sessiontest

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
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

// TestBehindNginx puts nginx before the relay, configured as docs/RELAY.md says.
func TestBehindNginx(t *testing.T) {
	relay := StartRelay(t, false)
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
`, dir, port, documented(t, "location / {", relay.URL.Host))))
	wholeSession(t, &url.URL{Scheme: "http", Host: address(port)})
}

// TestBehindCaddy puts Caddy before the relay, configured as docs/RELAY.md says, except that it fetches no certificate.
func TestBehindCaddy(t *testing.T) {
	relay := StartRelay(t, false)
	dir, port := openDir(t), freePort(t)
	t.Setenv("XDG_DATA_HOME", dir)
	t.Setenv("XDG_CONFIG_HOME", dir)
	const name = "relay.example.org"
	site := documented(t, name+" {", relay.URL.Host)
	site = "{\nadmin off\n}\n" + strings.Replace(site, name, "http://"+address(port), 1)
	startProgram(t, port, "caddy", "run", "--adapter", "caddyfile", "--config", write(t, dir, "Caddyfile", site))
	wholeSession(t, &url.URL{Scheme: "http", Host: address(port)})
}
