package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"handrail/session"
	"handrail/session/operator"
	"handrail/session/wire"
)

// Serve answers clients until ctx ends; then it closes the listener and all connections and returns.
func Serve(ctx context.Context, listener net.Listener, engine *operator.Engine) error {
	var clients sync.WaitGroup
	defer clients.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { listener.Close() })
	defer stop()
	defer listener.Close() // also when the one above has only just begun
	for {
		conn, err := listener.Accept()
		if ctx.Err() != nil {
			if err == nil {
				conn.Close()
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("control socket: %w", err)
		}
		clients.Go(func() { serveClient(ctx, conn, engine) })
	}
}

func serveClient(ctx context.Context, conn net.Conn, engine *operator.Engine) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer conn.Close()
	reader := bufio.NewReader(io.LimitReader(conn, maxRequest))
	line, err := reader.ReadBytes('\n')
	if err != nil {
		return
	}
	var watcher sync.WaitGroup
	defer watcher.Wait()
	defer conn.Close()
	defer cancel()
	watcher.Go(func() {
		if _, err := reader.ReadByte(); errors.Is(err, io.EOF) {
			awaitLeft(ctx, conn) // it says that it sends nothing more, and may listen for long
		}
		cancel() // else the client has sent more than it may, or has gone
	})
	var request Request
	if err := json.Unmarshal(line, &request); err != nil {
		answer(conn, nil, fmt.Errorf("the request is not valid: %w", err))
		return
	}
	switch request.Verb {
	case Events:
		serveEvents(ctx, conn, engine, request)
		return
	case Send, Receive:
		serveTransfers(ctx, conn, engine, request)
		return
	}
	if request.Verb == WaitPixel {
		servePixel(ctx, conn, engine, request)
		return
	}
	result, err := execute(ctx, engine, request)
	answer(conn, result, err)
}

// leftEvery is how often it is looked whether a client that sends nothing more still listens.
const leftEvery = 200 * time.Millisecond

func awaitLeft(ctx context.Context, conn net.Conn) {
	ticker := time.NewTicker(leftEvery)
	defer ticker.Stop()
	for !left(conn) {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// answer writes one Answer. People are told a sentence, not a chain of causes.
func answer(w io.Writer, result any, err error) {
	a := Answer{}
	var known *wire.Error
	switch {
	case errors.As(err, &known):
		a.Error = known.Reason.Sentence()
	case err != nil:
		a.Error = err.Error()
	default:
		a.Result, err = json.Marshal(result)
		if err != nil {
			a.Error = err.Error()
		}
	}
	_ = json.NewEncoder(w).Encode(a) // a client that has gone needs no answer
}

func serveEvents(ctx context.Context, conn net.Conn, engine *operator.Engine, request Request) {
	if request.ID != "" {
		if _, err := find(engine, request.ID); err != nil {
			answer(conn, nil, err)
			return
		}
	}
	broken, answered := make(chan struct{}), make(chan struct{})
	var once sync.Once
	stop := engine.Listen(func(e session.Event) {
		<-answered // whoever has the answer misses nothing from then on
		if request.ID != "" && e.Session != request.ID || e.Type == session.EventUpdate && !request.Updates {
			return
		}
		if _, err := conn.Write(e.Line()); err != nil {
			once.Do(func() { close(broken) })
		}
	})
	answer(conn, nil, nil)
	close(answered)
	select {
	case <-ctx.Done():
	case <-broken:
	}
	conn.Close()
	stop()
}

func find(engine *operator.Engine, id string) (*operator.Session, error) {
	s, ok := engine.Session(id)
	if !ok {
		return nil, fmt.Errorf("there is no session %q", id)
	}
	return s, nil
}
