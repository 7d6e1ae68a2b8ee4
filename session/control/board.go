package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"

	"handrail/session/operator"
	"handrail/whiteboard"
)

// Drawing is what Draw puts on the customer's screen, and what Board does with the board.
type Drawing struct {
	Kind    string `json:"kind,omitempty"`    // line (the default), pen, highlighter, arrow, rectangle, ellipse, text, eraser, pointer
	Color   string `json:"color,omitempty"`   // as whiteboard.ParseColor reads it; red if empty
	Width   int    `json:"width,omitempty"`   // pixels
	Seconds int    `json:"seconds,omitempty"` // until it goes by itself; 0: it stays
	Points  []int  `json:"points,omitempty"`  // x, y, x, y … in pixels of the desktop
	Text    string `json:"text,omitempty"`
	Do      string `json:"do,omitempty"` // clear, undo, redo, save
}

// Item is something on the board as scripts see it. It only ever gains fields.
type Item struct {
	ID      string `json:"id"`
	Author  string `json:"author"`
	Kind    string `json:"kind"`
	Color   string `json:"color"`
	Width   int    `json:"width"`
	Seconds int    `json:"seconds,omitempty"`
	Monitor string `json:"monitor"`
	Points  int    `json:"points"` // how many
	Text    string `json:"text,omitempty"`
}

func board(ctx context.Context, s *operator.Session, r Request) (any, error) {
	d := r.Drawing
	if d == nil {
		d = &Drawing{}
	}
	if r.Verb == Board && d.Do == "" {
		return items(s), nil
	}
	if d.Do == "save" {
		return drawn(ctx, s)
	}
	if err := s.MayDraw(); err != nil {
		return nil, err
	}
	pad := s.Board()
	switch {
	case r.Verb == Draw:
		return paint(s, d)
	case d.Do == "clear":
		return nil, pad.Clear()
	case d.Do == "undo" && !pad.Undo():
		return nil, errors.New("there is nothing to undo")
	case d.Do == "redo" && !pad.Redo():
		return nil, errors.New("there is nothing to redo")
	case d.Do != "undo" && d.Do != "redo":
		return nil, fmt.Errorf("the board can be cleared, undone, redone and saved, not %q", d.Do)
	}
	return nil, nil
}

// paint draws what a request says.
func paint(s *operator.Session, d *Drawing) (any, error) {
	if len(d.Points) < 2 || len(d.Points)%2 != 0 || len(d.Points)/2 > whiteboard.MaxPoints {
		return nil, errors.New("positions are pairs of numbers, X Y X Y …")
	}
	style := whiteboard.Style{Kind: whiteboard.Line, Color: whiteboard.Red, Width: d.Width, Life: d.Seconds}
	if style.Width == 0 {
		style.Width = whiteboard.DefaultWidth
	}
	pointer := d.Kind == "pointer"
	var err error
	if d.Kind != "" && !pointer {
		if style.Kind, err = whiteboard.ParseKind(d.Kind); err != nil {
			return nil, err
		}
	}
	if d.Color != "" {
		if style.Color, err = whiteboard.ParseColor(d.Color); err != nil {
			return nil, err
		}
	}
	monitors := s.Monitors()
	place, first := whiteboard.PlaceAt(monitors, d.Points[0], d.Points[1])
	points := []whiteboard.Point{first}
	for i := 2; i < len(d.Points); i += 2 {
		points = append(points, whiteboard.On(place, monitors, d.Points[i], d.Points[i+1]))
	}
	pad := s.Board()
	if pointer {
		pad.Point(place, points[len(points)-1], true)
		return nil, nil
	}
	var id whiteboard.ID
	switch {
	case style.Kind == whiteboard.Text:
		id, err = pad.Write(style, place, first, d.Text)
	case style.Kind == whiteboard.Eraser:
		return nil, erase(pad, style, place, monitors, points)
	default:
		id, err = pad.Draw(style, place, points)
	}
	if err != nil {
		return nil, err
	}
	for _, item := range items(s) {
		if item.ID == itemID(id) {
			return item, nil
		}
	}
	return nil, nil
}

func erase(pad *whiteboard.Pad, style whiteboard.Style, place whiteboard.Place, monitors []whiteboard.Monitor, points []whiteboard.Point) error {
	id, err := pad.Begin(style, place, points[0])
	if err != nil {
		return err
	}
	defer pad.Finish(id)
	for i := range points {
		if err := pad.Erase(id, monitors, points[max(i-1, 0)], points[i]); err != nil {
			return err
		}
	}
	return nil
}

func itemID(id whiteboard.ID) string { return fmt.Sprintf("%d.%d", id.Clock, id.Author) }

func items(s *operator.Session) []Item {
	list := []Item{}
	for _, item := range s.Board().Items() {
		list = append(list, Item{
			ID: itemID(item.ID), Author: s.Board().Person(item.ID.Author).Name, Kind: item.Kind.String(), Color: item.Color.String(),
			Width: item.Width, Seconds: item.Life, Monitor: item.Monitor, Points: len(item.Points), Text: item.Text,
		})
	}
	return list
}

// drawn is the picture with what is drawn on it.
func drawn(ctx context.Context, s *operator.Session) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, firstPicture)
	defer cancel()
	if s.Picture().AwaitSnapshot(ctx) == nil {
		return nil, errors.New("there is no picture yet")
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, s.Drawn()); err != nil {
		return nil, fmt.Errorf("writing the picture: %w", err)
	}
	return Picture{out.Bytes()}, nil
}
