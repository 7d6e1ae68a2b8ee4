package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
)

// Do asks the program that listens at socket and gives its result. With Events, Send and Receive, each is called with
// every event's line until there are no more, ctx ends, the program does, or each fails.
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
		if err := each(line); err != nil {
			return nil, err
		}
	}
	if request.Verb == WaitPixel {
		return readResult(reader)
	}
	return result, nil
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
