package session

import (
	"context"
	"net/url"

	"handrail/session/link"
)

// Finding is what an examination of the way to a relay saw at one step.
type Finding = link.Finding

// Examine goes the way to a relay step by step and says what works and what does not; see link.Examine.
func Examine(ctx context.Context, relay *url.URL) []Finding { return link.Examine(ctx, relay) }
