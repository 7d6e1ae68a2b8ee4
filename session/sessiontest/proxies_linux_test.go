package sessiontest

import (
	"crypto/md5" //nolint:gosec // squid's password file has it
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/link"
	"handrail/session/operator"
	"handrail/session/wire"
)

// startProgram runs one of Debian's servers until the test ends, and waits until its port is open.
func startProgram(t *testing.T, port int, name string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		path = filepath.Join("/usr/sbin", name)
		if _, err := os.Stat(path); err != nil && os.Getenv("HANDRAIL_SERVERS") == "required" {
			t.Fatalf("%s is not installed", name)
		} else if err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // squid removes what it shares in memory
		late := time.AfterFunc(5*time.Second, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
		over <- <-over
		late.Stop()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // its children
	})
	screentest.WaitFor(t, name+" listens", func() bool {
		select {
		case err := <-over:
			over <- err
			t.Fatalf("%s has ended: %v", name, err)
		default:
		}
		conn, err := net.Dial("tcp", address(port))
		if err != nil {
			return false
		}
		conn.Close()
		return true
	})
}

func address(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

// freePort is below those that the system gives away, so that nobody takes it before the server does.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 20000 + rand.IntN(12000)
		if l, err := net.Listen("tcp", address(port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// openDir is a folder that servers which change their user can work in.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "handrail-test")
	if err == nil {
		err = os.Chmod(dir, 0o777) //nolint:gosec // a test's own
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // read by another user
		t.Fatal(err)
	}
	return path
}

// tinyproxy starts one; with a password it wants Basic credentials.
func tinyproxy(t *testing.T, password string) *url.URL {
	port := freePort(t)
	config := fmt.Sprintf("Port %d\nListen 127.0.0.1\nTimeout 600\nMaxClients 50\nAllow 127.0.0.1\n", port)
	proxy := &url.URL{Scheme: "http", Host: address(port)}
	if password != "" {
		config += "BasicAuth office " + password + "\n"
		proxy.User = url.UserPassword("office", password)
	}
	startProgram(t, port, "tinyproxy", "-d", "-c", write(t, openDir(t), "tinyproxy.conf", config))
	return proxy
}

// squid starts one that wants Digest credentials.
func squid(t *testing.T, password string) *url.URL {
	dir, port := openDir(t), freePort(t)
	sum := md5.Sum([]byte("office:the office:" + password)) //nolint:gosec // see above
	users := write(t, dir, "users", "office:the office:"+hex.EncodeToString(sum[:])+"\n")
	startProgram(t, port, "squid", "-N", "-f", write(t, dir, "squid.conf", fmt.Sprintf(`
http_port 127.0.0.1:%d
auth_param digest program /usr/lib/squid/digest_file_auth -c %s
auth_param digest realm the office
auth_param digest children 1
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
pid_filename none
cache deny all
access_log none
cache_log /dev/stderr
cache_store_log none
coredump_dir %s
shutdown_lifetime 0 seconds
`, port, users, dir)))
	return &url.URL{Scheme: "http", Host: address(port), User: url.UserPassword("office", password)}
}

// wholeSession joins, sees and chats, by the addresses that peers have been told.
func wholeSession(t *testing.T, address *url.URL) {
	t.Helper()
	o, c, computer := through(t, address, address)
	if err := o.Chat("hello"); err != nil {
		t.Fatal(err)
	}
	awaitPicture(t, o.Picture(), computer)
	screentest.WaitFor(t, "the line arrives", func() bool { return len(c.Transcript()) == 1 })
	c.Close()
	AwaitState(t, &o.Status, session.Ended)
}

// TestThroughProxies goes through the proxies that offices have, as Debian packages them.
func TestThroughProxies(t *testing.T) {
	relay := StartRelay(t, false)
	defer link.UseProxy(nil)
	for name, start := range map[string]func(*testing.T) *url.URL{
		"tinyproxy":                  func(t *testing.T) *url.URL { return tinyproxy(t, "") },
		"tinyproxy with credentials": func(t *testing.T) *url.URL { return tinyproxy(t, "secret1") },
		"squid with digest":          func(t *testing.T) *url.URL { return squid(t, "secret2") },
	} {
		t.Run(name, func(t *testing.T) {
			proxy := start(t)
			link.UseProxy(proxy)
			wholeSession(t, relay.URL)
			if found := session.Examine(Within(t), relay.URL); !link.Well(found) {
				t.Errorf("the examination finds %+v", found)
			}
			if proxy.User == nil {
				return
			}
			for _, user := range []*url.Userinfo{nil, url.UserPassword("office", "wrong")} {
				wrong := *proxy
				wrong.User = user
				link.UseProxy(&wrong)
				engine := operator.New(operator.Config{})
				err := engine.SignIn(Within(t), relay.URL, User, Password)
				engine.Close()
				if !errors.Is(err, wire.Fail(wire.ReasonProxyPassword, nil)) {
					t.Errorf("as %v: %v", user, err)
				}
				if found := session.Examine(Within(t), relay.URL); found[len(found)-1].Name != "proxy.password" {
					t.Errorf("as %v, the examination finds %+v", user, found)
				}
			}
		})
	}
	t.Run("a proxy that is not there", func(t *testing.T) {
		link.UseProxy(&url.URL{Scheme: "http", Host: address(freePort(t))})
		engine := operator.New(operator.Config{})
		defer engine.Close()
		if err := engine.SignIn(Within(t), relay.URL, User, Password); !errors.Is(err, wire.Fail(wire.ReasonProxy, nil)) {
			t.Error(err)
		}
		if found := session.Examine(Within(t), relay.URL); found[len(found)-1].Name != "proxy.silent" {
			t.Errorf("the examination finds %+v", found)
		}
	})
}

// TestOverIPv6 has a session with a relay that has an IPv6 address only.
func TestOverIPv6(t *testing.T) {
	if l, err := net.Listen("tcp", "[::1]:0"); err != nil {
		t.Skip("this computer has no IPv6")
	} else {
		l.Close()
	}
	r := &Relay{t: t, data: t.TempDir()}
	r.start("[::1]:0")
	t.Cleanup(func() { r.stop() })
	wholeSession(t, r.URL)
}
