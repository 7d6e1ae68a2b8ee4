package main

import (
	"encoding/json"
	"errors"
	"os"

	"handrail/session/control"
)

type ctlDraw struct {
	ID      string `arg:"" help:"Session."`
	Points  []int  `arg:"" help:"Positions, X Y X Y …"`
	Kind    string `help:"line, pen, highlighter, arrow, rectangle, ellipse, text, eraser or pointer." default:"line"`
	Color   string `help:"red, orange, yellow, green, blue, violet, black, white or #rrggbb." default:"red"`
	Width   int    `help:"Width in pixels, 1 to 100; of a text, the height of its line." default:"4"`
	Seconds int    `help:"Let it go by itself after this time, at most 60; 0 is never." default:"0"`
	Text    string `help:"The text of --kind text."`
}

func (c *ctlDraw) Run(a *asker) error {
	if len(c.Points) == 0 {
		return errors.New("say where to draw: X Y X Y …")
	}
	return a.do(control.Request{Verb: control.Draw, ID: c.ID, Drawing: &control.Drawing{
		Kind: c.Kind, Color: c.Color, Width: c.Width, Seconds: c.Seconds, Points: c.Points, Text: c.Text,
	}})
}

type ctlBoard struct {
	ID    string `arg:"" help:"Session."`
	Clear bool   `help:"Take everything off the board." xor:"do"`
	Undo  bool   `help:"Take back the last that you drew." xor:"do"`
	Redo  bool   `help:"Put back what was taken back." xor:"do"`
	Save  string `help:"Save the customer's screen with what is drawn on it as a PNG file; - for standard output." xor:"do" type:"path" placeholder:"FILE"`
}

func (c *ctlBoard) Run(a *asker) error {
	drawing := &control.Drawing{}
	switch {
	case c.Clear:
		drawing.Do = "clear"
	case c.Undo:
		drawing.Do = "undo"
	case c.Redo:
		drawing.Do = "redo"
	case c.Save != "":
		return c.save(a)
	}
	return a.do(control.Request{Verb: control.Board, ID: c.ID, Drawing: drawing})
}

func (c *ctlBoard) save(a *asker) error {
	request := control.Request{Verb: control.Board, ID: c.ID, Drawing: &control.Drawing{Do: "save"}}
	result, err := control.Do(a.ctx, a.socket, request, nil)
	if err != nil {
		return err
	}
	var picture control.Picture
	if err := json.Unmarshal(result, &picture); err != nil {
		return err
	}
	if c.Save == "-" {
		_, err = a.out.Write(picture.PNG)
		return err
	}
	return os.WriteFile(c.Save, picture.PNG, 0o600)
}
