// Package doctor is the command that both programs have for finding out why a relay cannot be reached: it goes the way
// step by step and says in the person's language what works, and at the first step that does not, what to do.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"

	"handrail/session"
	"handrail/ui/text"
)

// Run examines the way to a relay and prints one line for each step. The error is a sentence, in the person's language too.
func Run(ctx context.Context, out io.Writer, relay *url.URL) error {
	if err := text.Load(); err != nil {
		return err
	}
	if relay == nil {
		return errors.New(text.NoRelay())
	}
	well := true
	for _, f := range session.Examine(ctx, relay) {
		mark := "✓"
		if !f.OK {
			mark, well = "✗", false
		}
		line := text.Finding(f)
		if !f.OK && f.Err != nil {
			line += "\n  [" + f.Err.Error() + "]" // for whoever is asked to help
		}
		if _, err := fmt.Fprintln(out, mark, line); err != nil {
			return err
		}
	}
	if !well {
		return errors.New(text.Examined(false))
	}
	_, err := fmt.Fprintln(out, text.Examined(true))
	return err
}
