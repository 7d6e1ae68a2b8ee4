package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"time"

	"handrail/screen"
	"handrail/session"
	"handrail/session/operator"
)

// execute does what a request other than Events asks.
func execute(ctx context.Context, engine *operator.Engine, r Request) (any, error) {
	switch r.Verb {
	case SessionNew:
		s, err := engine.NewSession(ctx)
		if err != nil {
			return nil, err
		}
		return describe(s), nil
	case SessionConnect:
		return connect(ctx, engine, r.Text)
	case SessionList:
		list := []Session{}
		for _, s := range engine.Sessions() {
			list = append(list, describe(s))
		}
		return list, nil
	}
	s, err := find(engine, r.ID)
	if err != nil {
		return nil, err
	}
	switch r.Verb {
	case SessionShow:
		return describe(s), nil
	case SessionEnd:
		s.End()
		return await(ctx, s, session.Ended, 0)
	case Invite:
		return nil, s.Invite(ctx, r.Text, r.Language)
	case Wait:
		return await(ctx, s, r.State, r.Timeout)
	case Snapshot:
		return snapshot(ctx, s, r.Monitor)
	case Set:
		return nil, set(s, r.Settings)
	case Chat:
		return nil, s.Chat(r.Text)
	case Draw, Board:
		return board(ctx, s, r)
	case Browse, Files, CancelFile, ClearFiles:
		return files(ctx, s, r)
	}
	return nil, input(s, r)
}

// input does what hands do.
func input(s *operator.Session, r Request) error {
	switch r.Verb {
	case Move:
		return s.Move(r.X, r.Y)
	case Scroll:
		return s.Scroll(notches(r.X), notches(r.Y))
	case Type:
		return s.Type(r.Text)
	case Key:
		return keys(s, r.Text)
	case Press, Release, Click:
		return button(s, r)
	}
	return fmt.Errorf("unknown request %q", r.Verb)
}

// notches is a number of them as the wheel is turned.
func notches(n int) int {
	return max(-session.MaxNotches, min(n, session.MaxNotches)) * screen.Notch
}

var buttons = map[string]screen.Button{
	"": screen.ButtonLeft, "left": screen.ButtonLeft, "middle": screen.ButtonMiddle, "right": screen.ButtonRight,
	"back": screen.ButtonBack, "forward": screen.ButtonForward,
}

func button(s *operator.Session, r Request) error {
	b, ok := buttons[r.Button]
	if !ok {
		return fmt.Errorf("unknown button %q; there are left, middle, right, back and forward", r.Button)
	}
	if r.Verb != Click {
		return s.Button(b, r.Verb == Press)
	}
	return errors.Join(s.Move(r.X, r.Y), s.Button(b, true), s.Button(b, false))
}

// keys presses keys in order and releases them in reverse.
func keys(s *operator.Session, text string) error {
	keysyms, err := screen.ParseKeys(text)
	if err != nil {
		return err
	}
	for _, k := range keysyms {
		if err := s.Key(k, true); err != nil {
			return err
		}
	}
	for i := len(keysyms) - 1; i >= 0; i-- {
		if err := s.Key(keysyms[i], false); err != nil {
			return err
		}
	}
	return nil
}

func set(s *operator.Session, settings map[string]string) error {
	for name, value := range settings {
		if name == "resolution" {
			if err := setResolution(s, value); err != nil {
				return err
			}
			continue
		}
		if name != "quality" {
			if err := setWish(s, name, value); err != nil {
				return err
			}
			continue
		}
		q := session.Quality(value)
		if !q.Valid() {
			return fmt.Errorf("quality is %s, %s, %s or %s, not %q", session.High, session.Speed, session.Low, session.Automatic, value)
		}
		if err := s.SetQuality(q); err != nil {
			return err
		}
	}
	return nil
}

// await waits until the session is in a state, or cannot come into it any more.
func await(ctx context.Context, s *operator.Session, state session.State, timeout time.Duration) (Session, error) {
	switch state {
	case session.Waiting, session.Joining, session.Active, session.Reconnecting, session.Ended:
	default:
		return Session{}, fmt.Errorf("there is no state %q", state)
	}
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	changed := make(chan struct{}, 1)
	stop := s.ListenWithoutUpdates(func(e session.Event) {
		if e.Type == session.EventState {
			select {
			case changed <- struct{}{}:
			default:
			}
		}
	})
	defer stop()
	for {
		switch now, reason := s.State(); {
		case now == state:
			return describe(s), nil
		case now == session.Ended:
			return Session{}, errors.New(reason.Sentence())
		}
		select {
		case <-changed:
		case <-ctx.Done():
			now, _ := s.State()
			return Session{}, fmt.Errorf("the session is still %s after %v", now, timeout)
		}
	}
}

// firstPicture bounds the wait of a snapshot for the first whole picture of a session that has just begun.
const firstPicture = 10 * time.Second

func snapshot(ctx context.Context, s *operator.Session, monitor int) (Picture, error) {
	ctx, cancel := context.WithTimeout(ctx, firstPicture)
	defer cancel()
	if state, _ := s.State(); state != session.Active {
		cancel() // what there is, there is
	}
	copied := s.Picture().AwaitSnapshot(ctx)
	if copied == nil {
		return Picture{}, errors.New("there is no picture yet")
	}
	picture := draw.Image(copied)
	if monitor > 0 {
		monitors := s.Info().Desktop.Monitors
		if monitor > len(monitors) {
			return Picture{}, fmt.Errorf("there is no monitor %d; the customer has %d", monitor, len(monitors))
		}
		part := onMonitor(copied, monitors[monitor-1].Bounds)
		if part == nil {
			return Picture{}, fmt.Errorf("the picture does not have monitor %d yet", monitor)
		}
		picture = part
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, picture); err != nil {
		return Picture{}, fmt.Errorf("writing the picture: %w", err)
	}
	return Picture{out.Bytes()}, nil
}

// onMonitor is what a picture has of a monitor, nil if that is nothing: what is known of the desktop may be newer than the
// picture.
func onMonitor(picture *image.RGBA, bounds image.Rectangle) *image.RGBA {
	bounds = bounds.Intersect(picture.Rect)
	if bounds.Empty() {
		return nil
	}
	part := image.NewRGBA(image.Rectangle{Max: bounds.Size()})
	draw.Draw(part, part.Rect, picture, bounds.Min, draw.Src)
	return part
}

func describe(s *operator.Session) Session {
	info := s.Info()
	d := Session{
		ID: info.ID, Code: s.Code().Digits(), URL: s.JoinURL(), State: info.State, Reason: info.Reason,
		Created: info.Created, Expires: info.Expires, Address: info.Address, Verifier: info.Verifier, Permissions: info.Permissions,
		Quality: info.Quality, Plain: info.Plain, TriesLeft: info.TriesLeft, Limits: info.Limits, Holder: info.Holder, Asked: s.Asked(), Label: describeLabel(s.Label()),
	}
	if info.Offered {
		d.Offered, d.Code, d.URL = true, "", ""
	}
	if info.Reason != "" {
		d.Text = info.Reason.Sentence()
	}
	if !info.Started.IsZero() {
		d.Started = &info.Started
	}
	if !info.Ended.IsZero() {
		d.Ended = &info.Ended
	}
	if info.Customer != (session.Party{}) {
		d.Customer = &info.Customer
	}
	if info.Desktop.Width > 0 {
		d.Desktop = &info.Desktop
	}
	return d
}
