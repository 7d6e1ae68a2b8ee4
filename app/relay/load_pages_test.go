//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	bin "encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

const (
	pageSessions = 20
	pageRate     = 1000 // a second
	pageVisitors = 20
	pageRounds   = 50                   // of all kinds of load in turn
	pageSlice    = 2 * time.Second      // of one of them
	pageEvery    = 5 * time.Millisecond // between two packets of a session
)

// What the visitors do while sessions run.
const (
	nothing   = iota // the sessions have the machine for themselves
	elsewhere        // they ask another server for as many pages as large, which it has ready: what the machine makes of that
	joining          // they ask the relay for join pages
	kinds
)

// loadPages asks for the join page a thousand times a second while sessions run, and compares how long each session's
// packets take, there and back, with and without that. What everything costs that shares two processors with the
// sessions, whatever it does, is told from the relay's part by as many requests to another server. All three take turns every
// two seconds, so that whatever else the machine does meets them alike.
func loadPages(t *testing.T, row func(what, measured, aim string)) {
	rounds := pageRounds
	if text := os.Getenv("HANDRAIL_LOAD_ROUNDS"); text != "" {
		rounds, _ = strconv.Atoi(text)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute+time.Duration(2*kinds*rounds)*pageSlice)
	defer cancel()
	c := gather(t, pageSessions)
	downloads := filepath.Join(filepath.Dir(c.cmd.Stderr.(*os.File).Name()), "downloads")
	os.Mkdir(downloads, 0o700)
	for _, name := range []string{"handrail-client.exe", "handrail-client-linux", "handrail.exe"} {
		os.WriteFile(filepath.Join(downloads, name), make([]byte, 1<<20), 0o600)
	}
	all := c.pairs(ctx, pageSessions)
	bare, visitors := startHelper(t, "TestBareServer", "HANDRAIL_BARE=1"), startHelper(t, "TestVisitors", "HANDRAIL_VISIT=1")
	where := [kinds]string{nothing: "-", elsewhere: bare.hear(), joining: c.url}
	echoes(ctx, t, all, time.Second, nil) // until everything is warm
	var took [kinds][][]time.Duration
	for i := range took {
		took[i] = make([][]time.Duration, pageSessions)
	}
	pages, spent := 0, time.Duration(0)
	for round := range rounds {
		for turn := range kinds {
			kind := (turn + round) % kinds
			visitors.say(where[kind])
			visitors.hear()
			began := time.Now()
			echoes(ctx, t, all, pageSlice, took[kind])
			if kind == joining {
				spent += time.Since(began)
			}
			visitors.say("-")
			if n, _ := strconv.Atoi(visitors.hear()); kind == joining {
				pages += n
			}
		}
	}
	visitors.end()
	bare.end()
	tellPages(row, took, float64(pages)/spent.Seconds())
}

// tellPages prints what loadPages has found.
func tellPages(row func(what, measured, aim string), took [kinds][][]time.Duration, rate float64) {
	var p99, median [kinds][]time.Duration
	for kind := range took {
		for _, session := range took[kind] {
			slices.Sort(session)
			p99[kind] = append(p99[kind], at(session, 0.99))
			median[kind] = append(median[kind], at(session, 0.5))
		}
	}
	worst := func(kind, than int) string {
		most := 0.0
		for i := range p99[kind] {
			most = max(most, float64(p99[kind][i])/float64(p99[than][i]))
		}
		return fmt.Sprintf("%.2f times", most)
	}
	middle := func(of []time.Duration) string {
		sorted := slices.Sorted(slices.Values(of))
		return fmt.Sprintf("%.2f ms", float64(at(sorted, 0.5).Microseconds())/1000)
	}
	row("join pages", fmt.Sprintf("%.0f a second", rate), "1000 a second")
	row(fmt.Sprintf("  %d sessions, packets of each, there and back", pageSessions), fmt.Sprint(len(took[nothing][0])), "20,000")
	for kind, name := range [kinds]string{"without pages", "as many pages from another server", "join pages"} {
		row("  median of sessions' p50: "+name, middle(median[kind]), "")
		row("  median of sessions' p99: "+name, middle(p99[kind]), "")
	}
	row("  p99 of the session that suffers most: join pages", worst(joining, nothing), "below 2 times")
	row("  the same: pages from another server", worst(elsewhere, nothing), "")
	row("  the same: join pages to the other server's", worst(joining, elsewhere), "")
}

// helper is a process of this test's binary, so that it does not share a scheduler with the peers. It is told and tells lines.
type helper struct {
	t    *testing.T
	cmd  *exec.Cmd
	in   io.WriteCloser
	said *bufio.Scanner
}

// startHelper runs one of this binary's tests in a process of its own.
func startHelper(t *testing.T, test, env string) *helper {
	t.Helper()
	h := &helper{t: t, cmd: exec.Command(os.Args[0], "-test.run", "^"+test+"$", "-test.v")}
	h.cmd.Env = append(os.Environ(), env)
	h.cmd.Stderr = os.Stderr
	var out io.Reader
	var err error
	if h.in, err = h.cmd.StdinPipe(); err == nil {
		if out, err = h.cmd.StdoutPipe(); err == nil {
			err = h.cmd.Start()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.cmd.Process.Kill(); _ = h.cmd.Wait() })
	h.said = bufio.NewScanner(out)
	return h
}

func (h *helper) say(line string) { fmt.Fprintln(h.in, line) }

// hear is the next line that is meant for us: go test writes others.
func (h *helper) hear() string {
	h.t.Helper()
	for h.said.Scan() {
		if text, ours := strings.CutPrefix(h.said.Text(), "> "); ours {
			return text
		}
	}
	h.t.Fatal("a helper has ended")
	return ""
}

func (h *helper) end() {
	h.in.Close()
	for h.said.Scan() {
	}
	if err := h.cmd.Wait(); err != nil {
		h.t.Error(err)
	}
}

// TestBareServer is a process that serves a page that is always the same, and as large as the join page.
func TestBareServer(t *testing.T) {
	if os.Getenv("HANDRAIL_BARE") == "" {
		t.Skip("only for make load")
	}
	page := make([]byte, 3<<10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(page)))
		w.Write(page)
	}))
	defer server.Close()
	fmt.Println("\n> " + server.URL)
	io.Copy(io.Discard, os.Stdin)
}

// TestVisitors is a process that asks for pages where it is told to; told "-", it rests and tells how many it got.
func TestVisitors(t *testing.T) {
	if os.Getenv("HANDRAIL_VISIT") == "" {
		t.Skip("only for make load")
	}
	fmt.Println()
	conns := map[string][]*visitor{}
	defer func() {
		for _, all := range conns {
			for _, v := range all {
				v.conn.Close()
			}
		}
	}()
	var visiting sync.WaitGroup
	stop, served := make(chan struct{}), atomic.Int64{}
	for orders := bufio.NewScanner(os.Stdin); orders.Scan(); {
		url := orders.Text()
		if url == "-" {
			close(stop)
			visiting.Wait()
			fmt.Printf("> %d\n", served.Swap(0))
			stop = make(chan struct{})
			continue
		}
		for n := len(conns[url]); n < pageVisitors; n++ {
			conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			conns[url] = append(conns[url], &visitor{number: n, conn: conn, in: bufio.NewReaderSize(conn, 64<<10)})
		}
		began, until := time.Now(), stop
		for _, v := range conns[url] {
			visiting.Go(func() {
				if err := v.visit(began, until, &served); err != nil {
					t.Error(err)
				}
			})
		}
		fmt.Println("> visiting")
	}
	close(stop)
	visiting.Wait()
}

// echoes sends a packet of 1 kB through each session every pageEvery, which the other peer sends back, and adds how long each
// took to the session's own list.
func echoes(ctx context.Context, t *testing.T, all []duo, phase time.Duration, took [][]time.Duration) {
	rounds := int(phase / pageEvery)
	start := time.Now()
	var wg sync.WaitGroup
	for i, d := range all {
		wg.Go(func() {
			for range rounds {
				kind, data, err := d.customer.Read(ctx)
				if err == nil {
					err = d.customer.Write(ctx, kind, data)
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
		wg.Go(func() {
			packet := make([]byte, 1024)
			apart := time.Duration(i) * pageEvery / pageSessions
			for n := range rounds {
				time.Sleep(time.Until(start.Add(apart + time.Duration(n)*pageEvery)))
				bin.BigEndian.PutUint64(packet, uint64(n))
				began := time.Now()
				if err := d.operator.Write(ctx, websocket.MessageBinary, packet); err != nil {
					t.Error(err)
					return
				}
				if _, _, err := d.operator.Read(ctx); err != nil {
					t.Error(err)
					return
				}
				if took != nil {
					took[i] = append(took[i], time.Since(began))
				}
			}
		})
	}
	wg.Wait()
}

// visitor is a browser with a connection that stays open. It reads answers as simply as can be: its own work should not count.
type visitor struct {
	number int
	conn   net.Conn
	in     *bufio.Reader
}

// visit asks for pages, at its share of a steady rate, until stop is closed.
func (v *visitor) visit(began time.Time, stop chan struct{}, served *atomic.Int64) error {
	each := time.Second * pageVisitors / pageRate
	first := began.Add(each * time.Duration(v.number) / pageVisitors)
	for n := 0; ; n++ {
		select {
		case <-stop:
			return nil
		case <-time.After(time.Until(first.Add(each * time.Duration(n)))):
		}
		fmt.Fprintf(v.conn, "GET /join/%d HTTP/1.1\r\nHost: relay\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0)\r\n"+
			"X-Forwarded-For: 10.99.%d.%d\r\nAccept-Language: de\r\n\r\n", 1000+n%9000, v.number, n%250)
		if err := readPage(v.in); err != nil {
			return err
		}
		served.Add(1)
	}
}

// readPage reads one answer that is a page.
func readPage(in *bufio.Reader) error {
	length := 0
	for line := []byte{}; !bytes.Equal(line, []byte("\r\n")); {
		var err error
		if line, err = in.ReadSlice('\n'); err != nil {
			return err
		}
		if text, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		}
	}
	if length < 1000 {
		return fmt.Errorf("a page of %d bytes", length)
	}
	_, err := io.CopyN(io.Discard, in, int64(length))
	return err
}
