package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"handrail/session"
	"handrail/session/control"
	"handrail/transfer"
)

type ctlSend struct {
	ID    string   `arg:"" help:"Session."`
	Paths []string `arg:"" help:"Files and folders." type:"path"`
	Copy  bool     `help:"Put them on the customer's clipboard when they have arrived, to be pasted there."`
}

func (c *ctlSend) Run(a *asker) error {
	return a.transfer(control.Request{Verb: control.Send, ID: c.ID, Paths: c.Paths, Copied: c.Copy})
}

type ctlReceive struct {
	ID          string   `arg:"" help:"Session."`
	Paths       []string `arg:"" optional:"" help:"Files and folders as browse names them, for example home/Documents/letter.odt."`
	Copied      bool     `help:"What was copied in the customer's file manager, instead of paths."`
	To          string   `help:"Folder to put them in; the one for received files if not given." type:"path" placeholder:"FOLDER"`
	Synchronize bool     `help:"Replace files that are here already and differ, instead of keeping both."`
}

func (c *ctlReceive) Run(a *asker) error {
	if c.Copied == (len(c.Paths) > 0) {
		return errors.New("say either which paths to receive or --copied")
	}
	return a.transfer(control.Request{Verb: control.Receive, ID: c.ID, Paths: c.Paths, Copied: c.Copied, Folder: c.To, Synchronize: c.Synchronize})
}

// transfer begins transfers and prints their events until they have ended. It fails if one of them did.
func (a *asker) transfer(request control.Request) error {
	failed := errors.New("the session ended before the files were there")
	warned := false
	done := map[string]bool{}
	_, err := control.Do(a.ctx, a.socket, request, func(line []byte) error {
		if _, err := a.out.Write(line); err != nil {
			return err
		}
		var e session.Event
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		if e.Type == session.EventWarning {
			failed, warned = errors.New(e.Text), true
		}
		if e.File == nil {
			return nil
		}
		switch transfer.State(e.File.State) {
		case transfer.Done:
			done[e.File.ID] = true
		case transfer.Failed:
			failed = fmt.Errorf("%s: %s", e.File.Name, e.File.Error)
		case transfer.Stopped:
			failed = fmt.Errorf("%s: %s", e.File.Name, transfer.Cancelled.Sentence())
		}
		return nil
	})
	if err == nil && (len(done) < max(1, len(request.Paths)) || warned) {
		return failed
	}
	return err
}

type ctlBrowse struct {
	ID     string `arg:"" help:"Session."`
	Folder string `arg:"" optional:"" help:"Folder, for example home/Documents; where one can begin if not given."`
}

func (c *ctlBrowse) Run(a *asker) error {
	return a.do(control.Request{Verb: control.Browse, ID: c.ID, Text: c.Folder})
}

type ctlFiles struct {
	ID     string `arg:"" help:"Session."`
	Cancel string `help:"Cancel this transfer, or all." placeholder:"ID|all" xor:"do"`
	Clear  string `help:"Take this transfer off the list, or all that have ended." placeholder:"ID|all" xor:"do"`
}

func (c *ctlFiles) Run(a *asker) error {
	which := func(s string) string {
		if s == "all" {
			return ""
		}
		return s
	}
	switch {
	case c.Cancel != "":
		return a.do(control.Request{Verb: control.CancelFile, ID: c.ID, Text: which(c.Cancel)})
	case c.Clear != "":
		return a.do(control.Request{Verb: control.ClearFiles, ID: c.ID, Text: which(c.Clear)})
	}
	result, err := control.Do(a.ctx, a.socket, control.Request{Verb: control.Files, ID: c.ID}, nil)
	if err != nil {
		return err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(result, &list); err != nil {
		return err
	}
	for _, f := range list {
		fmt.Fprintf(a.out, "%s\n", f)
	}
	return nil
}
