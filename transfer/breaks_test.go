package transfer

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if folder := os.Getenv("TRANSFER_CHILD"); folder != "" {
		child(folder)
		return
	}
	goleak.VerifyTestMain(m)
}

// breaks is how many transfers are broken off, each several times: 200 in "make soak", of which 40 by killing a process.
func breaks(t *testing.T) (cuts, kills int) {
	if os.Getenv("HANDRAIL_SOAK") != "" {
		return 160, 40
	}
	return 30, 8
}

// sourceFolder makes something to send: a file of some chunks, one of a few bytes, and an empty one in a folder.
func sourceFolder(t testing.TB, home string, seed uint64) (folder string, want map[string]string) {
	r := rand.New(rand.NewPCG(seed, 1))
	folder = filepath.Join(home, "sent")
	sizes := map[string]int{"big.bin": 2*ChunkSize + r.IntN(5*ChunkSize), "some.txt": r.IntN(5000), "in/empty": 0, "in/more.bin": ChunkSize + r.IntN(10)}
	want = map[string]string{"sent": "/", "sent/in": "/"}
	for name, size := range sizes {
		data := mixed(seed+uint64(len(name)), size)
		write(t, filepath.Join(folder, name), data)
		want["sent/"+name] = string(data)
	}
	return folder, want
}

// wholeOrAbsent wants every file below a folder to be complete under its final name, or not to be there.
func wholeOrAbsent(t testing.TB, seed uint64, folder string, want map[string]string) {
	t.Helper()
	for name, data := range listing(t, folder) {
		if strings.HasPrefix(filepath.Base(name), partPrefix) {
			continue
		}
		if expected, ok := want[name]; !ok || data != expected {
			t.Fatalf("seed %d: %s has %d bytes and should have %d", seed, name, len(data), len(expected))
		}
	}
}

func TestBreaks(t *testing.T) {
	cuts, _ := breaks(t)
	resumed := 0
	for seed := range uint64(cuts) {
		r := rand.New(rand.NewPCG(seed, 2))
		var homes []string
		for range 2 {
			homes = append(homes, t.TempDir())
		}
		from, want := sourceFolder(t, homes[0], seed)
		for try := 0; ; try++ {
			a, b := pair(t, homes...)
			if try < 3 {
				left, mu := r.IntN(12), sync.Mutex{}
				breaking := []*side{a, b}[r.IntN(2)]
				breaking.pipe.change = func(m []byte) []byte {
					mu.Lock()
					defer mu.Unlock()
					if left--; left < 0 {
						breaking.pipe.breakNow()
						return nil
					}
					return m
				}
			}
			_, err := a.Send(from)
			sent := Row{State: Failed}
			if err == nil {
				sent = awaitEnd(t, a, 1)
			}
			a.pipe.breakNow()
			for _, s := range []*side{a, b} {
				s.over <- <-s.over // Run has returned: nothing is written any more
			}
			wholeOrAbsent(t, seed, b.received(), want)
			if sent.State == Done {
				break
			}
			if sent.Problem != Gone && err == nil {
				t.Fatalf("seed %d: %+v", seed, sent)
			}
			resumed++
		}
		same(t, listing(t, filepath.Join(homes[1], "received")), want)
	}
	t.Logf("%d files and folders, %d tries broken off", cuts, resumed)
}

// stdio carries messages over a child process's standard input and output.
type stdio struct {
	in  *bufio.Reader
	mu  sync.Mutex
	out io.Writer
}

func (s *stdio) SendFile(_ context.Context, m []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var header [4]byte
	binary.BigEndian.PutUint32(header[:], uint32(len(m)))
	if _, err := s.out.Write(header[:]); err != nil {
		return err
	}
	_, err := s.out.Write(m)
	return err
}

func (s *stdio) ReceiveFile(context.Context) ([]byte, error) {
	var header [4]byte
	if _, err := io.ReadFull(s.in, header[:]); err != nil {
		return nil, err
	}
	m := make([]byte, binary.BigEndian.Uint32(header[:]))
	_, err := io.ReadFull(s.in, m)
	return m, err
}

// child is the other side in a process of its own. With TRANSFER_SEND it sends that.
func child(home string) {
	x := New(Config{Own: "b", Peer: "a", Folder: filepath.Join(home, "received")})
	x.Begin(context.Background(), &stdio{in: bufio.NewReader(os.Stdin), out: os.Stdout})
	if path := os.Getenv("TRANSFER_SEND"); path != "" {
		if _, err := x.Send(path); err != nil {
			os.Exit(3)
		}
	}
	_ = x.Run()
}

// withChild runs a side against a process, which is killed when killAt bytes have gone over; 0: never.
func withChild(t *testing.T, home, childHome, send, childSends string, killAt int64) Row {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "TRANSFER_CHILD="+childHome, "TRANSFER_SEND="+childSends)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killed := sync.OnceFunc(func() { _ = cmd.Process.Kill() })
	x := New(Config{Own: "a", Peer: "b", Folder: filepath.Join(home, "received"), Changed: func(r Row) {
		if killAt > 0 && r.Bytes >= killAt {
			killed()
		}
	}})
	x.Begin(context.Background(), &stdio{in: bufio.NewReader(out), out: in})
	over := make(chan struct{})
	go func() { _ = x.Run(); close(over) }()
	if send != "" {
		if _, err := x.Send(send); err != nil {
			t.Fatal(err)
		}
	}
	var row Row
	for end := time.Now().Add(limit); ; time.Sleep(time.Millisecond) {
		rows := x.Rows()
		if len(rows) > 0 {
			row = rows[0]
			if killAt > 0 && row.Bytes >= killAt { // progress is not told at each chunk
				killed()
			}
			if row.State.Final() {
				break
			}
		}
		if time.Now().After(end) {
			t.Fatalf("it does not end: %+v", rows)
		}
	}
	in.Close()
	killed()
	_ = cmd.Wait()
	<-over
	return row
}

func TestKilledPrograms(t *testing.T) {
	_, kills := breaks(t)
	broken := 0
	for seed := range uint64(kills) {
		r := rand.New(rand.NewPCG(seed, 3))
		here, there := t.TempDir(), t.TempDir()
		source, send, childSends, to := here, "", "", filepath.Join(there, "received")
		childIsSource := seed%2 == 1
		if childIsSource {
			source, to = there, filepath.Join(here, "received")
		}
		from, want := sourceFolder(t, source, seed)
		if childIsSource {
			childSends = from
		} else {
			send = from
		}
		for try := range 2 {
			row := withChild(t, here, there, send, childSends, 1+r.Int64N(5*ChunkSize))
			wholeOrAbsent(t, seed, to, want)
			if row.State != Done {
				broken++
			}
			_ = try
		}
		if row := withChild(t, here, there, send, childSends, 0); row.State != Done {
			t.Fatalf("seed %d: at last %+v", seed, row)
		}
		same(t, listing(t, to), want)
	}
	t.Logf("%d tries broken off by killing", broken)
}

// TestFullDisk fills a disk at every 5 % of a file. The disk is a real one that refuses to make files longer, to
// this whole process: so it is one of its own, which does not write what "go test" wants to have written.
func TestFullDisk(t *testing.T) {
	const alone = "TRANSFER_FULL_DISK"
	if os.Getenv(alone) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
		cmd.Env = append(os.Environ(), alone+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	size := 20 * ChunkSize
	for percent := 5; percent < 100; percent += 5 {
		a, b := pair(t)
		data := mixed(uint64(percent), size)
		path := write(t, filepath.Join(a.home, "big"), data)
		restore := limitFiles(t, uint64(size*percent/100))
		sent, got := send(t, a, b, path)
		restore()
		if sent.State != Failed || sent.Problem != NoSpace || got.Problem != NoSpace {
			t.Fatalf("%d %%: sent %+v, got %+v", percent, sent, got)
		}
		wholeOrAbsent(t, uint64(percent), b.received(), nil)
		before := b.came()
		sent, _ = send(t, a, b, path)
		if sent.State != Done {
			t.Fatalf("%d %%: then %+v", percent, sent)
		}
		same(t, listing(t, b.received()), map[string]string{"big": string(data)})
		if came := int(b.came() - before); came > size-size*percent/100+3*ChunkSize {
			t.Errorf("%d %%: %d bytes of %d came again", percent, came, size)
		}
	}
}

func TestNoRoom(t *testing.T) {
	a, b := pair(t)
	path := filepath.Join(a.home, "huge")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Truncate(1 << 43); err != nil {
		t.Skip("no such large files here:", err)
	}
	file.Close()
	if sent, _ := send(t, a, b, path); sent.Problem != NoSpace {
		t.Errorf("%+v", sent)
	}
	if left := listing(t, b.received()); len(left) > 0 {
		t.Errorf("%d files are left", len(left))
	}
}
