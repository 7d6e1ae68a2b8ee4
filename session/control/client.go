package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Do asks the program that listens at socket and gives its result. With Events, Send and Receive, each is called with
// every event's line until there are no more, ctx ends, the program does, or each fails. An each that blocks, as writing for somebody
// who does not read does, is waited for, but not for long once ctx has ended: then it is left behind.
func Do(ctx context.Context, socket string, request Request, each func(line []byte) error) (json.RawMessage, error) {
	return Stream(ctx, socket, request, func() {}, each)
}

// Stream is Do, but calls started when the program has taken the request: events from then on are not missed.
func Stream(ctx context.Context, socket string, request Request, started func(), each func(line []byte) error) (json.RawMessage, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, fmt.Errorf("no operator's program listens at %s; start one with: handrail --headless", socket)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := json.NewEncoder(conn).Encode(request); err != nil {
		return nil, fmt.Errorf("the operator's program does not answer: %w", err)
	}
	reader := bufio.NewReader(conn)
	result, err := readResult(reader)
	if err != nil {
		return nil, err
	}
	started()
	for request.Verb.streams() {
		line, err := reader.ReadBytes('\n')
		if ctx.Err() != nil || errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := hand(ctx, line, each); err != nil {
			return nil, err
		}
	}
	if request.Verb == WaitPixel {
		return readResult(reader)
	}
	return result, nil
}

// patience is how long each is waited for once ctx has ended.
const patience = 2 * time.Second

// hand calls each, and returns when it does or, if ctx has ended, after patience.
func hand(ctx context.Context, line []byte, each func(line []byte) error) error {
	taken := make(chan error, 1)
	go func() { taken <- each(line) }()
	select {
	case err := <-taken:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-taken:
		return err
	case <-time.After(patience):
		return nil
	}
}

func readResult(reader *bufio.Reader) (json.RawMessage, error) {
	line, err := reader.ReadBytes('\n')
	if err != nil {
		return nil, errors.New("the operator's program has closed the connection")
	}
	var answer Answer
	if err := json.Unmarshal(line, &answer); err != nil {
		return nil, fmt.Errorf("the operator's program answers something else: %w", err)
	}
	if answer.Error != "" {
		return nil, errors.New(answer.Error)
	}
	return answer.Result, nil
}
