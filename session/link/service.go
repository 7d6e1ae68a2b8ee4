package link

import (
	"context"
	"net/http"

	"handrail/session/wire"
)

// Release is the version of the programs that belong to the relay; "" where it does not say.
func (a *API) Release(ctx context.Context) (string, error) {
	var health wire.Health
	err := a.call(ctx, http.MethodGet, wire.HealthPath, nil, &health)
	return health.Release, err
}

// Report sends an error report, and returns the number by which the relay's administrator finds it.
func (a *API) Report(ctx context.Context, text string) (number string, err error) {
	var answer wire.Reported
	err = a.call(ctx, http.MethodPost, wire.ReportsPath, wire.Report{Text: text}, &answer)
	return answer.Number, err
}
