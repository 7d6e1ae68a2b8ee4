package relay

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"handrail/session/relay/admin"
	"handrail/session/relay/pages"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// maxBody bounds the body of a request, in bytes.
const maxBody = 4 << 10

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+wire.HealthPath, s.getHealth)
	mux.HandleFunc("POST "+wire.SignInPath, s.postSignIn)
	mux.HandleFunc("DELETE "+wire.SignInPath, s.deleteSignIn)
	mux.HandleFunc("POST "+wire.SessionsPath, s.withAccount(admin.SessionsWrite, s.postSession))
	mux.HandleFunc("GET "+wire.SessionsPath, s.withAccount(admin.SessionsRead, s.getSessions))
	mux.HandleFunc("DELETE "+wire.SessionsPath+"/{id}", s.withAccount(admin.SessionsWrite, s.deleteSession))
	mux.HandleFunc("POST "+wire.SessionsPath+"/{id}/invitation", s.withAccount(admin.SessionsWrite, s.postInvitation))
	mux.HandleFunc("POST "+wire.ReportsPath, s.postReport)
	mux.HandleFunc("GET "+wire.LinkPath, s.serveLink)
	s.registerAdministration(mux)
	s.pages.Register(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, wire.ReasonNotFound, 0) })

	versioned := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set(wire.VersionHeader, strconv.Itoa(wire.Version))
		h.Set("Cache-Control", "no-store") // answers have tokens and codes
		h.Set("X-Content-Type-Options", "nosniff")
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimit(r))
		if span := s.patience(r.URL.Path); span > 0 {
			patient(span, mux, w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
	return recorded(s.cfg.Record, forwarded(s.cfg.Trusted, versioned))
}

// bodyLimit is how large a request may be, in bytes.
func bodyLimit(r *http.Request) int64 {
	switch r.URL.Path {
	case adminPath + "logo", pages.LogoPath:
		return admin.MaxLogo + maxBody
	case wire.ReportsPath:
		return wire.MaxReport
	case adminPath + "appearance", pages.AppearancePath:
		return 4 * maxBody
	}
	return maxBody
}

func (s *Server) getHealth(w http.ResponseWriter, _ *http.Request) {
	s.answer(w, http.StatusOK, wire.Health{Status: "ok", Version: wire.Version, Release: s.cfg.Release, Sessions: s.dir.count()})
}

func (s *Server) postSession(w http.ResponseWriter, r *http.Request, a store.Account) {
	var ask wire.NewSession
	if !s.body(w, r, &ask) {
		return
	}
	if !s.limits.sessions.take(a.ID) {
		s.fail(w, r, wire.ReasonTooManyTries, 0)
		return
	}
	created, reason := wire.Session{}, wire.Reason("")
	switch {
	case ask.Customer == "":
		created, reason = s.create(r.Context(), a)
	case len(ask.Customer) == offerDigits && digits(ask.Customer):
		created, reason = s.dir.connect(a, ask.Customer)
		if reason == wire.ReasonUnknownID {
			if at := s.nodes.offerAt(r.Context(), ask.Customer); at != "" {
				s.answer(w, http.StatusMisdirectedRequest, wire.Failure{
					Reason: wire.ReasonElsewhere, Text: wire.ReasonElsewhere.Sentence(), Relay: at,
				})
				return
			}
		}
	default:
		reason = wire.ReasonUnknownID
	}
	if reason != "" {
		s.fail(w, r, reason, 0)
		return
	}
	s.log.Info("session starts", "session", created.ID, "user", a.User, "routing", shortened(created.Routing))
	s.answer(w, http.StatusCreated, created)
}

func (s *Server) getSessions(w http.ResponseWriter, r *http.Request, a store.Account) {
	all, err := s.list(r.Context(), a.ID)
	if err != nil {
		s.internal(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, all)
}

func (s *Server) deleteSession(w http.ResponseWriter, r *http.Request, a store.Account) {
	err := s.end(r.Context(), a.ID, r.PathValue("id"))
	switch {
	case errors.Is(err, store.ErrNotFound):
		s.fail(w, r, wire.ReasonNotFound, 0)
	case err != nil:
		s.internal(w, r, err)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// body reads a request's JSON; when it cannot, it has answered.
func (s *Server) body(w http.ResponseWriter, r *http.Request, into any) bool {
	data, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		s.fail(w, r, wire.ReasonTooLarge, 0)
		return false
	case err != nil, json.Unmarshal(data, into) != nil:
		s.fail(w, r, wire.ReasonMalformed, 0)
		return false
	}
	return true
}

func (s *Server) answer(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		s.log.Error("answer could not be written", "error", err)
		status, data = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(data, '\n')) // whoever asked may be gone; that is theirs to find out
}

var statuses = map[wire.Reason]int{
	wire.ReasonSignIn:       http.StatusUnauthorized,
	wire.ReasonTooManyTries: http.StatusTooManyRequests,
	wire.ReasonUnknownID:    http.StatusNotFound,
	wire.ReasonBusy:         http.StatusConflict,
	wire.ReasonNotFound:     http.StatusNotFound,
	wire.ReasonMalformed:    http.StatusBadRequest,
	wire.ReasonTooLarge:     http.StatusRequestEntityTooLarge,
	wire.ReasonStopping:     http.StatusServiceUnavailable,
	wire.ReasonNoMail:       http.StatusNotImplemented,
	wire.ReasonMail:         http.StatusBadGateway,
	wire.ReasonMailAddress:  http.StatusUnprocessableEntity,
}

// fail refuses a request with a Failure, under the reason's usual status unless another one is given. When the store has not
// answered, nothing that was found out about the request counts.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, reason wire.Reason, status int) {
	if silent(r.Context()) {
		s.log.Error("the store does not answer", "method", r.Method, "path", r.URL.Path, "address", r.RemoteAddr)
		w.Header().Set("Retry-After", "5")
		s.answer(w, http.StatusServiceUnavailable, wire.Failure{
			Reason: wire.ReasonInternal, Text: "The relay's database does not answer. Please try again in a moment.",
		})
		return
	}
	if status == 0 {
		status = statuses[reason]
	}
	if status == 0 {
		status = http.StatusInternalServerError
	}
	if reason == wire.ReasonTooManyTries {
		w.Header().Set("Retry-After", "60")
	}
	s.log.Info("refused", "method", r.Method, "path", r.URL.Path, "address", r.RemoteAddr, "reason", string(reason))
	s.answer(w, status, wire.Failure{Reason: reason, Text: reason.Sentence()})
}

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
