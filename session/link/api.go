package link

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"handrail/session/wire"
)

// maxAnswer bounds what is read of a relay's answer, in bytes.
const maxAnswer = 1 << 20

// API is a relay's HTTP interface for one operator. Methods are safe for concurrent use once signed in.
type API struct {
	relay *url.URL
	token string

	mu      sync.Mutex
	clients map[string]*http.Client // by the address of a relay, guarded by mu
}

// NewAPI is the interface of the relay at this address. Nothing is sent yet.
func NewAPI(relay *url.URL) (*API, error) {
	if err := CheckSecure(relay); err != nil {
		return nil, err
	}
	a := &API{relay: relay, clients: map[string]*http.Client{}}
	_, err := a.client(relay)
	return a, err
}

// client is the client for one of the relays.
func (a *API) client(relay *url.URL) (*http.Client, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if client := a.clients[relay.String()]; client != nil {
		return client, nil
	}
	client, err := newHTTPClient(relay)
	if err != nil {
		return nil, err
	}
	client.Timeout = connectTimeout
	a.clients[relay.String()] = client
	return client, nil
}

// Relay is the relay's address.
func (a *API) Relay() *url.URL { return a.relay }

// Token is what an operator's Hello needs; empty before SignIn.
func (a *API) Token() string { return a.token }

// SignIn signs an operator in; later calls are made in that name.
func (a *API) SignIn(ctx context.Context, user, password string) (wire.SignedIn, error) {
	var answer wire.SignedIn
	err := a.call(ctx, http.MethodPost, wire.SignInPath, wire.SignIn{User: user, Password: password}, &answer)
	if err == nil {
		a.token = answer.Token
		known.learn(a.relay, a.relay, answer.Relays)
	}
	return answer, err
}

// SignOut makes the token useless.
func (a *API) SignOut(ctx context.Context) error {
	return a.call(ctx, http.MethodDelete, wire.SignInPath, nil, nil)
}

// NewSession starts a session, which waits for its customer.
func (a *API) NewSession(ctx context.Context) (wire.Session, error) {
	var answer wire.Session
	err := a.call(ctx, http.MethodPost, wire.SessionsPath, wire.NewSession{}, &answer)
	return answer, err
}

// Connect starts a session with the customer whose program shows this ID.
func (a *API) Connect(ctx context.Context, id string) (wire.Session, error) {
	var answer wire.Session
	err := a.call(ctx, http.MethodPost, wire.SessionsPath, wire.NewSession{Customer: id}, &answer)
	return answer, err
}

// EndSession ends a session for both peers.
func (a *API) EndSession(ctx context.Context, id string) error {
	return a.call(ctx, http.MethodDelete, wire.SessionsPath+"/"+url.PathEscape(id), nil, nil)
}

// Invite asks the relay to send a customer the way to a waiting session, by mail.
func (a *API) Invite(ctx context.Context, id string, invite wire.Invite) error {
	return a.call(ctx, http.MethodPost, wire.SessionsPath+"/"+url.PathEscape(id)+"/invitation", invite, nil)
}

// Close gives idle connections back.
func (a *API) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, client := range a.clients {
		client.CloseIdleConnections()
	}
}

// call asks the relay, or another one where several work together.
func (a *API) call(ctx context.Context, method, path string, question, answer any) error {
	var data []byte
	if question != nil {
		var err error
		if data, err = json.Marshal(question); err != nil {
			return wire.Fail(wire.ReasonInternal, err)
		}
	}
	return known.each(a.relay, func(at *url.URL, limit time.Duration) error {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		err := a.ask(ctx, at, method, path, data, answer)
		if next := elsewhere(at, err); next != nil {
			err = a.ask(ctx, next, method, path, data, answer)
		}
		return err
	})
}

// ask asks the relay at this very address.
func (a *API) ask(ctx context.Context, at *url.URL, method, path string, question []byte, answer any) error {
	client, err := a.client(at)
	if err != nil {
		return err
	}
	var body io.Reader
	if question != nil {
		body = bytes.NewReader(question)
	}
	request, err := http.NewRequestWithContext(ctx, method, endpoint(at, path), body)
	if err != nil {
		return wire.Fail(wire.ReasonUnreachable, err)
	}
	request.Header.Set("Content-Type", "application/json")
	if a.token != "" {
		request.Header.Set("Authorization", "Bearer "+a.token)
	}
	response, err := client.Do(request)
	if err != nil {
		return dialError(ctx, nil, err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return wire.Fail(wire.ReasonUnreachable, err)
	}
	return readAnswer(response, data, answer)
}

func readAnswer(response *http.Response, data []byte, answer any) error {
	if err := redirected(response); err != nil {
		return err
	}
	switch version := response.Header.Get(wire.VersionHeader); version {
	case fmt.Sprint(wire.Version):
	case "":
		return wire.Fail(wire.ReasonNotARelay, errors.New(response.Status))
	default:
		return wire.Fail(wire.ReasonVersion, fmt.Errorf("the relay speaks version %s, this program %d", version, wire.Version))
	}
	if response.StatusCode >= 300 {
		var failure wire.Failure
		if err := json.Unmarshal(data, &failure); err != nil || failure.Reason == "" {
			return wire.Fail(wire.ReasonNotARelay, errors.New(response.Status))
		}
		refused := wire.Fail(failure.Reason, errors.New(response.Status))
		refused.Relay = failure.Relay
		return refused
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(data, answer); err != nil {
		return wire.Fail(wire.ReasonNotARelay, err)
	}
	return nil
}
