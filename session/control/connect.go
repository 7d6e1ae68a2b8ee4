package control

import (
	"context"
	"strings"

	"handrail/session"
	"handrail/session/operator"
)

// connect starts a session with a customer's ID and password, which stand beside each other with a slash between.
func connect(ctx context.Context, engine *operator.Engine, text string) (any, error) {
	id, password, _ := strings.Cut(text, "/")
	code, err := session.ParseOffer(id, password)
	if err != nil {
		return nil, err
	}
	s, err := engine.Connect(ctx, code)
	if err != nil {
		return nil, err
	}
	return describe(s), nil
}
