package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"handrail/session"
	"handrail/session/operator"
	"handrail/transfer"
)

// File is a transfer as scripts see it. It only ever gains fields.
type File struct {
	ID        string     `json:"id"`
	Direction string     `json:"direction"` // send or receive
	Name      string     `json:"name"`
	Path      string     `json:"path"` // on this computer
	Folder    bool       `json:"folder"`
	Files     int        `json:"files"`
	Bytes     int64      `json:"bytes"`
	Size      int64      `json:"size"`
	State     string     `json:"state"`
	Error     string     `json:"error,omitempty"`
	Problem   string     `json:"problem,omitempty"` // Error in one word
	LeftOut   int        `json:"left_out,omitempty"`
	Lost      int        `json:"lost,omitempty"`
	Rate      float64    `json:"rate,omitempty"` // bytes a second
	Began     *time.Time `json:"began,omitempty"`
	Ended     *time.Time `json:"ended,omitempty"`
}

// Listing is what is in a folder of the customer's.
type Listing struct {
	Items []transfer.Item `json:"items"`
	Cut   bool            `json:"cut"` // there is more than is listed
}

// streams tells whether events follow the answer to a request.
func (v Verb) streams() bool { return v == Events || v == Send || v == Receive }

func files(ctx context.Context, s *operator.Session, r Request) (any, error) {
	x := s.Files()
	switch r.Verb {
	case Browse:
		items, cut, err := x.List(ctx, r.Text)
		if items == nil {
			items = []transfer.Item{}
		}
		return Listing{items, cut}, people(err)
	case CancelFile:
		if r.Text == "" {
			x.CancelAll()
			return nil, nil
		}
		if _, ok := x.Row(r.Text); !ok {
			return nil, fmt.Errorf("there is no transfer %q", r.Text)
		}
		x.Cancel(r.Text)
		return nil, nil
	case ClearFiles:
		x.Clear(r.Text)
		return nil, nil
	}
	list := []File{}
	for _, row := range x.Rows() {
		list = append(list, describeFile(row))
	}
	return list, nil
}

// people is an error of transfers as people should read it.
func people(err error) error {
	if errors.Is(err, transfer.ErrEnded) {
		return operator.ErrNotConnected
	}
	return err
}

func describeFile(r transfer.Row) File {
	f := File{
		ID: r.ID, Direction: string(r.Direction), Name: r.Name, Path: r.Path, Folder: r.Folder, Files: r.Files, Bytes: r.Bytes,
		Size: r.Size, State: string(r.State), Problem: string(r.Problem), LeftOut: r.LeftOut, Lost: r.Lost, Rate: r.Rate,
	}
	if r.Problem != "" {
		f.Error = r.Problem.Sentence()
	}
	if !r.Began.IsZero() {
		f.Began = &r.Began
	}
	if !r.Ended.IsZero() {
		f.Ended = &r.Ended
	}
	return f
}

// serveTransfers begins transfers and prints their events until all have ended.
func serveTransfers(ctx context.Context, conn net.Conn, engine *operator.Engine, r Request) {
	s, err := find(engine, r.ID)
	if err != nil {
		answer(conn, nil, err)
		return
	}
	if r.Verb == Receive && r.Copied {
		if r.Paths = s.Files().Copied(); len(r.Paths) == 0 {
			answer(conn, nil, errors.New("no files are copied on the customer's computer, or files or the clipboard are not allowed"))
			return
		}
	}
	w := &watched{conn: conn, changed: make(chan struct{}, 1), ended: map[string]bool{}}
	stop := s.Listen(w.hear)
	defer stop()
	var order uint32
	var rows []transfer.Row
	if r.Verb == Send {
		rows, err = s.Files().Send(r.Paths...)
	} else {
		order, err = s.Files().Fetch(ctx, transfer.Order{Paths: r.Paths, Folder: r.Folder, Synchronize: r.Synchronize})
	}
	if err != nil {
		for _, row := range rows {
			s.Files().Cancel(row.ID)
		}
		answer(conn, nil, people(err))
		return
	}
	answer(conn, nil, nil)
	w.begin(func(e session.Event) bool {
		if order != 0 {
			row, ok := s.Files().Row(e.File.ID)
			return ok && row.Order == order
		}
		for _, row := range rows {
			if row.ID == e.File.ID {
				return true
			}
		}
		return false
	})
	for w.count() < len(r.Paths) && !w.broken() {
		if state, _ := s.State(); state == session.Ended && order != 0 {
			return // what has not been offered by now will not be
		}
		select {
		case <-w.changed:
		case <-ctx.Done():
			return
		}
	}
	if r.Verb == Send && r.Copied {
		w.put(ctx, s, rows)
	}
}

// watched passes on the file events of some transfers. Those that come before it is known which are kept.
type watched struct {
	conn    net.Conn
	changed chan struct{} // buffered 1

	mu      sync.Mutex
	ours    func(session.Event) bool // nil: not known yet
	early   []session.Event
	ended   map[string]bool
	failure error
}

func (w *watched) hear(e session.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case e.Type == session.EventFile && w.ours == nil:
		w.early = append(w.early, e)
	case e.Type == session.EventFile:
		w.printLocked(e)
	case e.Type != session.EventState:
		return
	}
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

func (w *watched) begin(ours func(session.Event) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ours = ours
	for _, e := range w.early {
		w.printLocked(e)
	}
	w.early = nil
}

func (w *watched) printLocked(e session.Event) {
	if w.failure != nil || !w.ours(e) {
		return
	}
	_, w.failure = w.conn.Write(e.Line())
	if transfer.State(e.File.State).Final() {
		w.ended[e.File.ID] = true
	}
}

// put puts what has arrived on the customer's clipboard; what keeps it from that is a warning.
func (w *watched) put(ctx context.Context, s *operator.Session, rows []transfer.Row) {
	var ids []string
	for _, row := range rows {
		if now, ok := s.Files().Row(row.ID); ok && now.State == transfer.Done {
			ids = append(ids, row.ID)
		}
	}
	if len(ids) < len(rows) {
		return // what failed has been said
	}
	if err := s.Files().Put(ctx, ids); err != nil {
		e := session.Event{Type: session.EventWarning, Session: s.ID(), Time: time.Now(), About: "clipboard", Text: people(err).Error()}
		_, _ = w.conn.Write(e.Line())
	}
}

func (w *watched) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.ended)
}

func (w *watched) broken() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failure != nil
}
