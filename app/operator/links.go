package main

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"handrail/app/scheme"
)

// linksCommand is "handrail links": the buttons of a relay's web pages then open this program.
type linksCommand struct {
	Remove bool `help:"No longer."`
}

func (c *linksCommand) run(p *program) error {
	if c.Remove {
		return scheme.Remove()
	}
	own, err := os.Executable()
	if err != nil {
		return fmt.Errorf("this program's place cannot be found: %w", err)
	}
	if err := scheme.Register(own, "--link"); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.out, "Links that begin with handrail: open this program from now on. \"handrail links --remove\" takes it back.")
	return err
}

// joins says whether a link is for the customer's program.
func joins(link string) bool {
	u, err := url.Parse(link)
	return err == nil && len(link) <= maxLink && strings.EqualFold(u.Scheme, linkScheme) && u.Opaque == "join"
}

// passOn opens a link with the customer's program, which stands beside this one: a system has one program for all
// addresses that begin with handrail:.
func passOn(link string) error {
	own, err := os.Executable()
	if err != nil {
		return fmt.Errorf("this program's place cannot be found: %w", err)
	}
	name := "handrail-client"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	client := filepath.Join(filepath.Dir(own), name)
	if _, err := os.Stat(client); err != nil {
		return fmt.Errorf("this link is for the customer's program, which is not beside this one: %w", err)
	}
	// "--": whatever the link says, it is no flag.
	return exec.Command(client, "--", link).Start()
}
