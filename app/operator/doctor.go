package main

import (
	"context"
	"net/url"

	"handrail/session/settings"
	"handrail/ui/doctor"
)

type doctorCommand struct {
	Relay string `help:"Address of the relay; that of the settings if not given." placeholder:"URL"`
}

func (c doctorCommand) run(ctx context.Context, p *program) error {
	start, err := p.startValues(openCommand{Relay: c.Relay})
	if err != nil {
		return err
	}
	var relay *url.URL
	if start.Relay != "" {
		if relay, err = settings.ParseRelay(start.Relay); err != nil {
			return err
		}
	}
	return doctor.Run(ctx, p.out, relay)
}
