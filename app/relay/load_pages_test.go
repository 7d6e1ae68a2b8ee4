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
	pagePhase    = 20 * time.Second
	pageEvery    = 20 * time.Millisecond // between two packets of a session
)

// loadPages asks for the join page a thousand times a second while sessions run, and compares how long each session's
// packets take, there and back, with and without that.
func loadPages(t *testing.T, row func(what, measured, aim string)) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := gather(t, pageSessions)
	downloads := filepath.Join(filepath.Dir(c.cmd.Stderr.(*os.File).Name()), "downloads")
	os.Mkdir(downloads, 0o700)
	for _, name := range []string{"handrail-client.exe", "handrail-client-linux", "handrail.exe"} {
		os.WriteFile(filepath.Join(downloads, name), make([]byte, 1<<20), 0o600)
	}
	all := c.pairs(ctx, pageSessions)
	echoes(ctx, t, all, time.Second) // until everything is warm
	without := echoes(ctx, t, all, pagePhase)
	count := crowdOfVisitors(t, c.url)
	with := echoes(ctx, t, all, pagePhase)
	rate := count()
	worst := 0.0
	for i := range with {
		worst = max(worst, float64(with[i])/float64(without[i]))
	}
	slices.Sort(with)
	slices.Sort(without)
	ms := func(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }
	row("join pages", fmt.Sprintf("%.0f a second", rate), "1000 a second")
	row(fmt.Sprintf("  %d sessions' p99 there and back, median", pageSessions), ms(without[pageSessions/2]), "")
	row("  the same while pages are asked for", ms(with[pageSessions/2]), "")
	row("  the session that suffers most", fmt.Sprintf("%.1f times", worst), "below 2 times")
}

// crowdOfVisitors starts a process that asks for pages, so that it does not share a scheduler with the peers; count ends it
// and returns how many it got a second.
func crowdOfVisitors(t *testing.T, url string) (count func() float64) {
	cmd := exec.Command(os.Args[0], "-test.run", "^TestVisitors$", "-test.v")
	cmd.Env = append(os.Environ(), "HANDRAIL_VISIT="+url)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for said.Scan() && said.Text() != "visiting" {
	}
	return func() (rate float64) {
		in.Close()
		for said.Scan() {
			fmt.Sscanf(said.Text(), "pages a second: %f", &rate)
		}
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
		return rate
	}
}

// TestVisitors is the process of crowdOfVisitors.
func TestVisitors(t *testing.T) {
	url := os.Getenv("HANDRAIL_VISIT")
	if url == "" {
		t.Skip("only for make load")
	}
	var served atomic.Int64
	stop := make(chan struct{})
	go func() {
		time.Sleep(time.Second)
		fmt.Println("\nvisiting")
		before, began := served.Load(), time.Now()
		io.Copy(io.Discard, os.Stdin)
		fmt.Printf("\npages a second: %.0f\n", float64(served.Load()-before)/time.Since(began).Seconds())
		close(stop)
	}()
	visit(t, url, stop, &served)
}

// echoes sends a packet of 1 kB through each session every pageEvery, which the other peer sends back, and returns each
// session's 99th percentile.
func echoes(ctx context.Context, t *testing.T, all []duo, phase time.Duration) []time.Duration {
	results := make([]time.Duration, len(all))
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
			var took []time.Duration
			for n := range rounds {
				time.Sleep(time.Until(start.Add(time.Duration(i)*time.Millisecond + time.Duration(n)*pageEvery)))
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
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			results[i] = at(took, 0.99)
		})
	}
	wg.Wait()
	return results
}

// visit asks for pages at a steady rate until stop is closed, over connections that stay open. It reads answers as simply as can be:
// its own work should not count.
func visit(t *testing.T, url string, stop chan struct{}, served *atomic.Int64) {
	var wg sync.WaitGroup
	start := time.Now()
	for v := range pageVisitors {
		wg.Go(func() {
			conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			in := bufio.NewReaderSize(conn, 64<<10)
			each := time.Second * pageVisitors / pageRate
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				case <-time.After(time.Until(start.Add(each*time.Duration(v)/pageVisitors + each*time.Duration(n)))):
				}
				fmt.Fprintf(conn, "GET /join/%d HTTP/1.1\r\nHost: relay\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0)\r\n"+
					"X-Forwarded-For: 10.99.%d.%d\r\nAccept-Language: de\r\n\r\n", 1000+n%9000, v, n%250)
				if err := readPage(in); err != nil {
					t.Error(err)
					return
				}
				served.Add(1)
			}
		})
	}
	wg.Wait()
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
