package relay

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"handrail/session/wire"
)

// A store that cannot be reached may never say so. So requests have a deadline, which runs only while the relay works on them: not
// while they come in, nor while a mail server takes its time. What it stops is answered with 503.

// errSilent is the cause with which a request's context ends then.
var errSilent = errors.New("the store does not answer")

// silent tells whether the store has kept a request waiting for too long.
func silent(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errSilent) }

// patience is how long a request to this path may take; 0 for those that last, or do not ask the store for long.
func (s *Server) patience(path string) time.Duration {
	switch {
	case strings.HasPrefix(path, adminPath), strings.HasPrefix(path, "/desk/admin/"):
		return 3 * s.cfg.Times.Store // reports and the audit log may be long
	case path == wire.LinkPath:
		return 0
	case strings.HasPrefix(path, "/v1/"), path == "/desk", strings.HasPrefix(path, "/desk/"), path == "/report":
		return s.cfg.Times.Store
	}
	return 0
}

// deadline is that of one request.
type deadline struct {
	timer *time.Timer
	span  time.Duration
	stop  context.CancelCauseFunc // of the request's context
}

type deadlineKey struct{}

// patient serves a request with a deadline.
func patient(span time.Duration, next http.Handler, w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	d := &deadline{time.AfterFunc(span, func() { cancel(errSilent) }), span, cancel}
	defer d.timer.Stop()
	r = r.WithContext(context.WithValue(ctx, deadlineKey{}, d))
	r.Body = patientBody{r.Body, d}
	next.ServeHTTP(w, r)
}

// pause lets the deadline wait until resume is called, and run anew then.
func (d *deadline) pause() (resume func()) {
	d.timer.Stop()
	return func() { d.timer.Reset(d.span) }
}

// unhurried lets the deadline of the request with this context, if it has one, wait until hurry is called.
func unhurried(ctx context.Context) (hurry func()) {
	if d, ok := ctx.Value(deadlineKey{}).(*deadline); ok {
		return d.pause()
	}
	return func() {}
}

// gaveUp ends the request with this context when the store's own patience has ended before, as that of PostgreSQL does for new
// connections.
func gaveUp(ctx context.Context, err error) {
	if d, ok := ctx.Value(deadlineKey{}).(*deadline); ok && errors.Is(err, context.DeadlineExceeded) {
		d.stop(errSilent)
	}
}

// patientBody is what comes in of a request. How long that may take is Times.Request.
type patientBody struct {
	io.ReadCloser
	d *deadline
}

func (b patientBody) Read(p []byte) (int, error) {
	defer b.d.pause()()
	return b.ReadCloser.Read(p)
}
