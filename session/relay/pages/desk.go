package pages

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"time"

	"handrail/session/relay/admin"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// Desk is what the operators' pages need of the relay. Its methods are safe for concurrent use.
type Desk interface {
	// SignIn checks a name, a password and, when the account has one, a second factor, under the relay's limits for
	// whoever guesses. It returns a fresh token, or why there is none.
	SignIn(ctx context.Context, remote string, ask wire.SignIn) (token string, account store.Account, reason wire.Reason)
	// SignOut makes a token void.
	SignOut(ctx context.Context, token string)
	// Whose says whose token this is, and keeps it alive.
	Whose(ctx context.Context, token string) (store.Account, wire.Reason)
	// Confirm checks the account's own password, under the same limits.
	Confirm(ctx context.Context, remote string, account store.Account, password string) wire.Reason
	// SetPassword sets a new password, which signs the account out everywhere.
	SetPassword(ctx context.Context, account, password string) error
	// Once makes a word that signs the account in once, within a minute, in place of its password.
	Once(ctx context.Context, account store.Account) (string, error)
	// Address is where people reach this relay; r is a request that has.
	Address(r *http.Request) *url.URL
	// CanMail says whether the relay sends mails.
	CanMail() bool
	// Invite sends a customer a mail with the way to a waiting session. Its errors are *wire.Error.
	Invite(ctx context.Context, account store.Account, id string, ask wire.Invite, base *url.URL) error
	// SendLink sends somebody a link with which they set the password of an account. Its errors are *wire.Error.
	SendLink(ctx context.Context, account store.Account, to, lang, link string) error
	// Misuse keeps what a visitor reports, under a limit for each address.
	Misuse(ctx context.Context, remote, routing, text string) wire.Reason
	// Live returns the running sessions of an account, or everybody's with "".
	Live(account string) []LiveSession
	// End ends a session of an account, or anybody's with ""; false when there is no such session.
	End(account, id string) bool
	// Revoke ends the sessions of an account.
	Revoke(account string)
}

// LiveSession is a session that is running.
type LiveSession struct {
	wire.Session
	Account  string // store.Account.ID
	Customer string // network address of the customer's computer; empty while none is connected to this relay
}

// DeskStore is what the operators' pages need of a store besides Store.
type DeskStore interface {
	admin.Store
	SecondFactor(ctx context.Context, account string) (store.SecondFactor, error)
	BeginSecondFactor(ctx context.Context, account string, secret []byte) error
	ConfirmSecondFactor(ctx context.Context, account string, codes [][32]byte) error
	UseStep(ctx context.Context, account string, step int64) error
	UseRecoveryCode(ctx context.Context, account string, hash [32]byte) error
	PasswordLink(ctx context.Context, hash [32]byte, now time.Time) (store.Account, error)
	UsePasswordLink(ctx context.Context, hash [32]byte, now time.Time) error
	OpenAbuseReports(ctx context.Context) (int, error)
}

// cookieName begins with __Host-, which browsers only let a page set with Secure, for this host alone and its whole
// path: no other host, and no page without TLS, can plant one.
const cookieName = "__Host-handrail"

// visit is a request of somebody who is signed in.
type visit struct {
	account store.Account
	token   string
}

// formToken is what each form of a signed-in person carries: whoever does not have the cookie cannot know it.
func (v visit) formToken() string {
	mac := hmac.New(sha256.New, []byte(v.token))
	mac.Write([]byte("handrail form"))
	return hex.EncodeToString(mac.Sum(nil))
}

type page func(http.ResponseWriter, *http.Request, visit)

func (p *Pages) registerDesk(mux *http.ServeMux) {
	// Refuses what another site makes a browser send, by Sec-Fetch-Site and Origin.
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.refuse(w, r) }))
	add := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, secured(origin.Handler(h))) }
	add("GET /desk/signin", p.getSignIn)
	add("POST /desk/signin", p.postSignIn)
	add("GET /desk/password/{word}", p.getPassword)
	add("POST /desk/password/{word}", p.postPasswordLink)
	add("GET /report", p.getMisuse)
	add("POST /report", p.postMisuse)
	for pattern, h := range map[string]page{
		"GET /desk":                         p.getDesk,
		"POST /desk/start":                  p.postStart,
		"POST /desk/sessions/{id}/end":      p.postEnd,
		"GET /desk/sessions/{id}/invite":    p.getInvite,
		"POST /desk/sessions/{id}/invite":   p.postInvite,
		"GET /desk/history":                 p.getHistory,
		"GET /desk/keys":                    p.getKeys,
		"POST /desk/keys":                   p.postKey,
		"POST /desk/keys/{id}/remove":       p.postKeyRemove,
		"GET /desk/account":                 p.getAccount,
		"POST /desk/account/password":       p.postPassword,
		"POST /desk/account/second":         p.postSecond,
		"POST /desk/account/second/confirm": p.postSecondConfirm,
		"POST /desk/account/second/remove":  p.postSecondRemove,
		"POST /desk/signout":                p.postSignOut,
	} {
		add(pattern, p.signedIn(h))
	}
	for pattern, h := range map[string]page{
		"GET /desk/admin/accounts":                p.getAccounts,
		"POST /desk/admin/accounts":               p.postAccount,
		"POST /desk/admin/accounts/{id}/{change}": p.postAccountChange,
		"GET /desk/admin/sessions":                p.getAllSessions,
		"POST /desk/admin/sessions/{id}/end":      p.postEndAny,
		"GET /desk/admin/report":                  p.getReport,
		"GET /desk/admin/report.csv":              p.getReportCSV,
		"GET /desk/admin/sessions.csv":            p.getSessionsCSV,
		"GET " + AppearancePath:                   p.getAppearance,
		"POST " + AppearancePath:                  p.postAppearance,
		"POST " + LogoPath:                        p.postLogo,
		"GET /desk/admin/abuse":                   p.getReports,
		"POST /desk/admin/abuse/{id}/done":        p.postReportDone,
		"GET /desk/admin/audit":                   p.getAudit,
	} {
		add(pattern, p.signedIn(p.administrator(h)))
	}
}

// signedIn lets only those through who are signed in, and forms only that were made for them.
func (p *Pages) signedIn(next page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := visit{}
		if c, err := r.Cookie(cookieName); err == nil {
			v.token = c.Value
		}
		account, reason := p.cfg.Desk.Whose(r.Context(), v.token)
		switch {
		case reason == wire.ReasonSignIn:
			http.Redirect(w, r, "/desk/signin", http.StatusSeeOther)
			return
		case reason != "":
			p.problem(w, r)
			return
		}
		v.account = account
		if r.Method == http.MethodPost {
			if !p.form(w, r) {
				return
			}
			if !hmac.Equal([]byte(r.PostForm.Get("form")), []byte(v.formToken())) {
				p.refuse(w, r)
				return
			}
		}
		next(w, r, v)
	}
}

// administrator lets only administrators through.
func (p *Pages) administrator(next page) page {
	return func(w http.ResponseWriter, r *http.Request, v visit) {
		if !v.account.Administrator {
			p.show(w, r, http.StatusNotFound, "missing", nil)
			return
		}
		next(w, r, v)
	}
}

// maxForm bounds a form, in bytes; the server bounds how long it may take.
const maxForm = 16 << 10

// form reads a request's form; when it cannot, it has answered.
func (p *Pages) form(w http.ResponseWriter, r *http.Request) bool {
	body := http.MaxBytesReader(w, r.Body, admin.MaxLogo+maxForm)
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	parse := r.ParseForm
	if r.URL.Path == LogoPath {
		// The body is bounded by whoever serves it; what fits into memory never goes to a disk.
		r.Body = body
		parse = func() error { return r.ParseMultipartForm(admin.MaxLogo + maxForm) }
	}
	if err := parse(); err != nil {
		p.refuse(w, r)
		return false
	}
	return true
}

// refuse answers what a form of these pages would not have sent.
func (p *Pages) refuse(w http.ResponseWriter, r *http.Request) {
	p.log.Info("page refused", "method", r.Method, "page", r.Pattern, "address", r.RemoteAddr)
	p.show(w, r, http.StatusForbidden, "refused", nil)
}

// problem answers when the relay itself could not do something, at all or in time; the log has why.
func (p *Pages) problem(w http.ResponseWriter, r *http.Request) {
	status := http.StatusInternalServerError
	if r.Context().Err() != nil {
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "5")
	}
	p.show(w, r, status, "problem", nil)
}

// failed is problem for an error that is not logged yet.
func (p *Pages) failed(w http.ResponseWriter, r *http.Request, err error) {
	p.log.Error("page failed", "page", r.Pattern, "error", err)
	p.problem(w, r)
}

// audit notes what somebody did.
func (p *Pages) audit(ctx context.Context, actor, action, detail string) {
	if err := p.cfg.DeskStore.Audit(ctx, p.cfg.Now(), actor, action, detail); err != nil {
		p.log.Error("audit log missed a line", "actor", actor, "action", action, "error", err)
	}
}

func setCookie(w http.ResponseWriter, token string) {
	c := &http.Cookie{
		Name: cookieName, Value: token, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if token == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}
