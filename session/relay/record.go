package relay

import (
	"bytes"
	"io"
	"net/http"

	"handrail/session/wire"
)

// Recording is a piece of what passes a relay. All pieces together are all that it could write down: requests and
// answers with their headers and bodies, every message of every link in both directions, and what pings and closing
// frames carry. Data is valid during the call only. Calls come from many goroutines.
type Recording struct {
	Address string    // of the program at the other end
	From    wire.Role // of that program; "" for HTTP and before its Hello
	Sent    bool      // by the relay; else received
	Kind    RecordingKind
	Data    []byte
}

// RecordingKind says what a Recording is.
type RecordingKind string

// The kinds of Recording.
const (
	RecordHeader  RecordingKind = "header" // request line or status, and headers
	RecordBody    RecordingKind = "body"
	RecordText    RecordingKind = "text"
	RecordPacket  RecordingKind = "packet"
	RecordControl RecordingKind = "control" // of a ping, pong or closing frame
)

// recorded lets the recorder see a handler's requests and answers.
func recorded(record func(Recording), next http.Handler) http.Handler {
	if record == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var head bytes.Buffer
		head.WriteString(r.Method + " " + r.RequestURI + " " + r.Proto + "\r\nHost: " + r.Host + "\r\n")
		r.Header.Write(&head)
		record(Recording{Address: r.RemoteAddr, Kind: RecordHeader, Data: head.Bytes()})
		r.Body = &recordedBody{ReadCloser: r.Body, record: record, address: r.RemoteAddr}
		rw := &recordedWriter{ResponseWriter: w, record: record, address: r.RemoteAddr}
		next.ServeHTTP(rw, r)
	})
}

type recordedBody struct {
	io.ReadCloser
	record  func(Recording)
	address string
}

func (b *recordedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.record(Recording{Address: b.address, Kind: RecordBody, Data: p[:n]})
	}
	return n, err
}

type recordedWriter struct {
	http.ResponseWriter
	record  func(Recording)
	address string
	begun   bool
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recordedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recordedWriter) WriteHeader(status int) {
	w.begun = true
	var head bytes.Buffer
	head.WriteString(http.StatusText(status) + "\r\n")
	w.Header().Write(&head)
	w.record(Recording{Address: w.address, Sent: true, Kind: RecordHeader, Data: head.Bytes()})
	w.ResponseWriter.WriteHeader(status)
}

func (w *recordedWriter) Write(p []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	w.record(Recording{Address: w.address, Sent: true, Kind: RecordBody, Data: p})
	return w.ResponseWriter.Write(p)
}
