//go:build linux

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

// crowd is a relay, in a process of its own, and many peers who come from as many addresses as they like: the
// relay believes them, as it would believe a reverse proxy.
type crowd struct {
	t      testing.TB
	url    string
	cmd    *exec.Cmd
	client *http.Client
	tokens []string // of signed-in operators
	next   atomic.Int64
}

// gather starts the relay with this many operators signed in.
func gather(t testing.TB, operators int) *crowd {
	t.Helper()
	dir := t.TempDir()
	db, err := store.Open(t.Context(), filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{t: t, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}}
	for i := range operators {
		account := store.Account{ID: store.NewID(), User: fmt.Sprintf("desk%d", i), Name: "Help desk", PasswordHash: "none", Created: time.Now()}
		token := "token of " + account.ID
		err := errors.Join(db.AddAccount(t.Context(), account), db.AddToken(t.Context(), store.Token{
			Hash: sha256.Sum256([]byte(token)), Account: account.ID, Created: time.Now(), Expires: time.Now().Add(12 * time.Hour),
		}))
		if err != nil {
			t.Fatal(err)
		}
		c.tokens = append(c.tokens, token)
	}
	db.Close()
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	c.cmd = exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--data", dir, "--trust-proxy", "127.0.0.1/32")
	c.cmd.Stderr = log
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	log.Close()
	t.Cleanup(func() {
		c.client.CloseIdleConnections()
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
	})
	for limit := time.Now().Add(30 * time.Second); c.url == ""; time.Sleep(20 * time.Millisecond) {
		text, _ := os.ReadFile(log.Name())
		if m := listening.FindSubmatch(text); m != nil {
			c.url = string(m[1])
		}
		if time.Now().After(limit) {
			t.Fatalf("the relay does not start:\n%s", text)
		}
	}
	return c
}

// header is that of somebody who comes from an address of their own.
func (c *crowd) header() http.Header {
	n := c.next.Add(1)
	return http.Header{"X-Forwarded-For": {fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255)}}
}

// begin starts a session of the operator with this number.
func (c *crowd) begin(operator int) (s wire.Session, err error) {
	err = c.ask(http.MethodPost, wire.SessionsPath, operator, &s)
	return s, err
}

func (c *crowd) end(operator int, id string) error {
	return c.ask(http.MethodDelete, wire.SessionsPath+"/"+id, operator, nil)
}

func (c *crowd) ask(method, path string, operator int, answer any) error {
	request, err := http.NewRequest(method, c.url+path, strings.NewReader("{}"))
	if err != nil {
		return err
	}
	request.Header = c.header()
	request.Header.Set("Authorization", "Bearer "+c.tokens[operator])
	response, err := c.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	switch {
	case err != nil || answer == nil:
		return err
	case response.StatusCode >= 300:
		return fmt.Errorf("%s: %s", response.Status, data)
	}
	return json.Unmarshal(data, answer)
}

// dial opens a link and says hello.
func (c *crowd) dial(ctx context.Context, hello wire.Hello) (*websocket.Conn, error) {
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(c.url, "http")+wire.LinkPath, &websocket.DialOptions{
		Subprotocols: []string{wire.Subprotocol}, HTTPHeader: c.header(), HTTPClient: c.client,
	})
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(wire.MaxPacket)
	hello.Version = wire.Version
	return conn, say(ctx, conn, hello)
}

func say(ctx context.Context, conn *websocket.Conn, message any) error {
	data, err := json.Marshal(message)
	if err != nil {
		return err
	}
	return conn.Write(ctx, websocket.MessageText, data)
}

// hear waits for a notice of this type.
func hear(ctx context.Context, conn *websocket.Conn, want wire.NoticeType) error {
	_, data, err := conn.Read(ctx)
	if err != nil {
		return err
	}
	var n wire.Notice
	if err := json.Unmarshal(data, &n); err != nil || n.Type != want {
		return fmt.Errorf("%s instead of %s: %v", data, want, err)
	}
	return nil
}

// duo are the two links of a session.
type duo struct {
	id                 string
	operator, customer *websocket.Conn
}

// pair goes through all that a session takes at the relay until it is active.
func (c *crowd) pair(ctx context.Context, operator int) (d duo, err error) {
	s, err := c.begin(operator)
	if err != nil {
		return d, err
	}
	d.id = s.ID
	if d.operator, err = c.dial(ctx, wire.Hello{Role: wire.Operator, Session: s.ID, Token: c.tokens[operator]}); err != nil {
		return d, err
	}
	if err := hear(ctx, d.operator, wire.Welcome); err != nil {
		return d, err
	}
	if d.customer, err = c.dial(ctx, wire.Hello{Role: wire.Customer, Routing: s.Routing}); err != nil {
		return d, err
	}
	for _, step := range []error{
		hear(ctx, d.customer, wire.Welcome), hear(ctx, d.customer, wire.Paired), hear(ctx, d.operator, wire.Paired),
		say(ctx, d.operator, wire.Notice{Type: wire.Accepted}),
	} {
		if step != nil {
			return d, step
		}
	}
	return d, nil
}

func (d duo) close() {
	for _, conn := range []*websocket.Conn{d.operator, d.customer} {
		if conn != nil {
			conn.CloseNow()
		}
	}
}

// pairs makes many sessions, spread over the operators, several at a time.
func (c *crowd) pairs(ctx context.Context, count int) []duo {
	c.t.Helper()
	all := make([]duo, count)
	var wg sync.WaitGroup
	turns := make(chan struct{}, 16)
	var failed atomic.Pointer[error]
	for i := range all {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			var err error
			if all[i], err = c.pair(ctx, i%len(c.tokens)); err != nil {
				failed.Store(&err)
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		c.t.Fatal(*err)
	}
	return all
}

// memory is what the relay's process holds now, and the most that it has held, in bytes.
func (c *crowd) memory() (now, most int64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		c.t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		field := strings.Fields(string(line))
		if len(field) < 2 {
			continue
		}
		n, _ := strconv.ParseInt(field[1], 10, 64)
		switch field[0] {
		case "VmRSS:":
			now = n << 10
		case "VmHWM:":
			most = n << 10
		}
	}
	return now, most
}
