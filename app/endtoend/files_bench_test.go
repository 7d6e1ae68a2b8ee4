package endtoend

import (
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"handrail/screen/screentest"
)

// BenchmarkFiles sends a large file and many small ones with the built programs through a relay on loopback, and
// the same with scp through a sshd of the test's own, one after the other in one run. Besides, it copies as much
// through the same relay with nothing else in the way: 70 % of that, or 150 MB/s, is the goal for the large file.
func BenchmarkFiles(b *testing.B) {
	customers := screentest.Start(b, 800, 600)
	relay := startRelay(b)
	desk := startHeadless(b, relay)
	id, c := filesSession(b, customers, relay, desk)
	large := randomFile(b, filepath.Join(b.TempDir(), "large.bin"), 1<<30)
	small := filepath.Join(b.TempDir(), "small")
	for i := range 10_000 {
		size := make([]byte, 1)
		_, _ = rand.Read(size)
		randomFile(b, filepath.Join(small, fmt.Sprint(i%100), fmt.Sprint(i, ".txt")), 200+40*int64(size[0]))
	}
	downloads := filepath.Join(c.home, "Downloads")
	ours := func(path string) func() { return func() { desk.ctl("send", id, path) } }
	scp := startSSH(b)
	through := startBare(b, relay)
	for _, m := range []struct {
		name, path, to string
		copy           func()
	}{
		{"relay/1GiB", large, "-", func() { through.copy(b, 1<<30) }},
		{"handrail/1GiB", large, downloads, ours(large)},
		{"scp/1GiB", large, scp.to, func() { scp.copy(b, large) }},
		{"handrail/10000files", small, downloads, ours(small)},
		{"scp/10000files", small, scp.to, func() { scp.copy(b, small) }},
	} {
		b.Run(m.name, func(b *testing.B) {
			if m.copy == nil || m.to == "" {
				b.Skip("no sshd here")
			}
			var took time.Duration
			for b.Loop() {
				if m.to != "-" {
					_ = os.RemoveAll(filepath.Join(m.to, filepath.Base(m.path)))
				}
				exec.Command("sync").Run() // what the one before has left to do
				began := time.Now()
				m.copy()
				took += time.Since(began)
			}
			seconds := took.Seconds() / float64(b.N)
			b.ReportMetric(seconds, "s/copy")
			if m.path == large {
				b.ReportMetric((1<<30)/seconds/1e6, "MB/s")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// sshd is a server on loopback with keys of its own.
type sshd struct{ port, key, to string }

func startSSH(b *testing.B) *sshd {
	b.Helper()
	path, err := exec.LookPath("sshd")
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/sshd"); err != nil {
			return &sshd{}
		}
	}
	dir := b.TempDir()
	s := &sshd{key: filepath.Join(dir, "key"), to: filepath.Join(dir, "to")}
	for _, key := range []string{s.key, filepath.Join(dir, "host")} {
		run(b, os.Environ(), "/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	_, s.port, _ = net.SplitHostPort(listener.Addr().String())
	listener.Close()
	config := []string{
		"ListenAddress 127.0.0.1", "Port " + s.port, "HostKey " + filepath.Join(dir, "host"), "AuthorizedKeysFile " + s.key + ".pub",
		"StrictModes no", "UsePAM no", "PermitRootLogin yes", "PidFile none", "Subsystem sftp internal-sftp",
	}
	file := filepath.Join(dir, "config")
	if err := os.WriteFile(file, []byte(strings.Join(config, "\n")+"\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	_ = os.MkdirAll("/run/sshd", 0o755) // sshd wants it when it runs as root
	_ = os.Mkdir(s.to, 0o755)
	start(b, os.Environ(), path, "-D", "-f", file)
	screentest.WaitFor(b, "sshd listens", func() bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+s.port)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return s
}

func (s *sshd) copy(b *testing.B, path string) {
	me, err := osuser.Current()
	if err != nil {
		b.Fatal(err)
	}
	run(b, os.Environ(), "/usr/bin/scp", "-q", "-r", "-p", "-P", s.port, "-i", s.key, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
		"-o", "LogLevel=ERROR", path, me.Username+"@127.0.0.1:"+s.to+"/")
}
