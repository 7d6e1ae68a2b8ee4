// Package command reads command lines of the programs with a window and turns errors into exit statuses.
//
//	var cli struct { … }                                       // as kong wants it
//	p := command.Program{Name: "handrail", Description: "…", Out: os.Stdout, Err: os.Stderr}
//	os.Exit(p.Run(&cli, os.Args[1:], func(*kong.Context) error { … }))
package command

import (
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"handrail/app"
	"handrail/session/wire"
)

// Exit statuses, the same for all programs.
const (
	Done   = 0
	Failed = 1 // refused or failed: one sentence on Err
	Usage  = 2 // wrong usage
)

// Program is what a command line belongs to.
type Program struct {
	Name, Description string
	Out, Err          io.Writer
}

// Run fills cli from the arguments, does what they ask, and returns the exit status. --help and --version are done
// here; cli has a kong.VersionFlag.
func (p Program) Run(cli any, args []string, do func(*kong.Context) error) int {
	exit := -1
	parser, err := kong.New(cli, kong.Name(p.Name), kong.Writers(p.Out, p.Err), kong.Description(p.Description),
		kong.Vars{"version": p.Name + " " + app.Version}, kong.Exit(func(status int) { exit = status }), kong.UsageOnError())
	if err != nil {
		panic(err) // the command line's description is wrong
	}
	parsed, err := parser.Parse(args)
	switch {
	case exit >= 0: // --help or --version
		return exit
	case err != nil:
		fmt.Fprintln(p.Err, p.Name+":", err)
		return Usage
	}
	if err := do(parsed); err != nil {
		fmt.Fprintln(p.Err, p.Name+":", Sentence(err))
		return Failed
	}
	return Done
}

// Sentence is an error as people should read it.
func Sentence(err error) string {
	var known *wire.Error
	if errors.As(err, &known) {
		return known.Reason.Sentence()
	}
	return err.Error()
}
