package relay

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"handrail/session/relay/admin"
	"handrail/session/relay/mail"
	"handrail/session/relay/pages"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// mute is a store that says nothing any more: to nobody, or only who asks.
type mute struct {
	*store.DB
	all, most *atomic.Bool
}

func (m mute) who(ctx context.Context) error {
	if m.all.Load() {
		<-ctx.Done()
	}
	return ctx.Err()
}

func (m mute) what(ctx context.Context) error {
	if m.most.Load() {
		<-ctx.Done()
	}
	return m.who(ctx)
}

func (m mute) Token(ctx context.Context, hash [32]byte) (store.Token, store.Account, error) {
	if err := m.who(ctx); err != nil {
		return store.Token{}, store.Account{}, err
	}
	return m.DB.Token(ctx, hash)
}

func (m mute) Key(ctx context.Context, hash [32]byte) (store.Key, store.Account, error) {
	if err := m.who(ctx); err != nil {
		return store.Key{}, store.Account{}, err
	}
	return m.DB.Key(ctx, hash)
}

func (m mute) AccountByUser(ctx context.Context, user string) (store.Account, error) {
	if err := m.who(ctx); err != nil {
		return store.Account{}, err
	}
	return m.DB.AccountByUser(ctx, user)
}

func (m mute) SecondFactor(ctx context.Context, account string) (store.SecondFactor, error) {
	if err := m.what(ctx); err != nil {
		return store.SecondFactor{}, err
	}
	return m.DB.SecondFactor(ctx, account)
}

func (m mute) Accounts(ctx context.Context) ([]store.Account, error) {
	if err := m.what(ctx); err != nil {
		return nil, err
	}
	return m.DB.Accounts(ctx)
}

func (m mute) OpenSessions(ctx context.Context) ([]store.SessionRecord, error) {
	if err := m.what(ctx); err != nil {
		return nil, err
	}
	return m.DB.OpenSessions(ctx)
}

func (m mute) ReserveSession(ctx context.Context, r store.SessionRecord, rested time.Time) error {
	if err := m.what(ctx); err != nil {
		return err
	}
	return m.DB.ReserveSession(ctx, r, rested)
}

func (m mute) WantEnd(ctx context.Context, id, account string) error {
	if err := m.what(ctx); err != nil {
		return err
	}
	return m.DB.WantEnd(ctx, id, account)
}

func (m mute) OfferAt(ctx context.Context, number string) (string, error) {
	if err := m.what(ctx); err != nil {
		return "", err
	}
	return m.DB.OfferAt(ctx, number)
}

// patienceOfTest is long enough for a busy machine, and short for whoever waits for the test.
const patienceOfTest = time.Second

// slowMail takes longer for a mail than the store may take to answer.
type slowMail struct{}

func (slowMail) send(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(2 * patienceOfTest):
		return nil
	}
}

func (m slowMail) Invite(ctx context.Context, _ string, _ mail.Invitation) error { return m.send(ctx) }
func (m slowMail) Welcome(ctx context.Context, _ string, _ mail.Welcome) error   { return m.send(ctx) }

// TestRequestsWhileTheStoreIsSilent has programs and people ask while the store says nothing. They are told so, in time; and nothing
// is made up, such as that a password is wrong or that there are no sessions.
func TestRequestsWhileTheStoreIsSilent(t *testing.T) {
	all, most := &atomic.Bool{}, &atomic.Bool{}
	r := newRig(t, func(c *Config) {
		c.Store = mute{c.Store.(*store.DB), all, most}
		c.Times.Store = patienceOfTest
		c.Limits.FailedSignIns = Rate{3, time.Minute}
		c.Node = Node{Address: "https://a.example.org", Silent: 100 * time.Millisecond}
	})
	boss := r.addAdministrator("boss")
	boss.Administrator = true
	second := r.addAccount("desk2", "Help desk 2")
	if err := r.db.BeginSecondFactor(t.Context(), second.ID, make([]byte, 20)); err != nil {
		t.Fatal(err)
	}
	if err := r.db.ConfirmSecondFactor(t.Context(), second.ID, nil); err != nil {
		t.Fatal(err)
	}
	token := r.tokenOf(boss.User, password)
	key := r.newProgram(boss.User, admin.ScopesOf(boss)...)
	s := r.newSession(token)
	v := r.visitor(boss.User)
	asks := func(which *atomic.Bool, paths ...[2]string) {
		t.Helper()
		which.Store(true)
		defer which.Store(false)
		var wg sync.WaitGroup
		for _, ask := range paths {
			for _, who := range []string{token, key.token} {
				wg.Go(func() {
					began := time.Now()
					f := wire.Failure{}
					status := r.call(ask[0], ask[1], who, map[string]string{}, &f)
					if status != 503 || f.Reason != wire.ReasonInternal || !strings.Contains(f.Text, "does not answer") {
						t.Errorf("%s %s: %d %+v", ask[0], ask[1], status, f)
					}
					if took := time.Since(began); took > 10*patienceOfTest {
						t.Errorf("%s %s took %v", ask[0], ask[1], took)
					}
				})
			}
		}
		wg.Wait()
	}
	asks(all, [2]string{"GET", wire.SessionsPath}, [2]string{"POST", wire.SessionsPath}, [2]string{"DELETE", wire.SessionsPath + "/" + s.ID},
		[2]string{"POST", wire.SessionsPath + "/" + s.ID + "/invitation"}, [2]string{"DELETE", wire.SignInPath}, [2]string{"GET", keysPath},
		[2]string{"GET", adminPath + "accounts"}, [2]string{"GET", adminPath + "audit"}, [2]string{"PUT", adminPath + "logo"})
	asks(most, [2]string{"GET", wire.SessionsPath}, [2]string{"POST", wire.SessionsPath}, [2]string{"DELETE", wire.SessionsPath + "/elsewhere"},
		[2]string{"GET", adminPath + "accounts"}, [2]string{"GET", adminPath + "sessions"}, [2]string{"DELETE", adminPath + "sessions/elsewhere"})

	for _, ask := range []struct {
		which *atomic.Bool
		user  string
	}{{all, "desk1"}, {most, second.User}} {
		ask.which.Store(true)
		var wg sync.WaitGroup
		for range 4 { // more than may be wrong
			wg.Go(func() {
				if status := r.signInStatus(ask.user, password+wire.SecondMark+"123456"); status != 503 {
					t.Errorf("%s signs in: %d", ask.user, status)
				}
			})
		}
		wg.Wait()
		ask.which.Store(false)
	}
	for range 2 { // and none of them counts
		if status := r.signInStatus("desk2", "wrong"); status != 401 {
			t.Errorf("a wrong password, later: %d", status)
		}
	}

	all.Store(true)
	if v.do("/desk", nil).want(503, "Something went wrong"); v.header.Get("Retry-After") == "" {
		t.Error("nobody says when to try again")
	}
	all.Store(false)
	v.do("/desk", nil).want(200, s.Routing)
}

// TestOnlyTheStoreIsWaitedForInVain has a request come in slowly, and a slow mail server: those may take their time.
func TestOnlyTheStoreIsWaitedForInVain(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.Times.Store = patienceOfTest
		c.Mail = slowMail{}
	})
	token := r.tokenOf(r.addAdministrator("boss").User, password)
	s := r.newSession(token)
	if status := r.call("POST", wire.SessionsPath+"/"+s.ID+"/invitation", token, wire.Invite{To: "a@example.org"}, nil); status != 204 {
		t.Errorf("an invitation: %d", status)
	}
	var link linkView
	ask := accountAsk{User: "new", Name: "New", linkAsk: linkAsk{Mail: "a@example.org"}}
	status := r.call("POST", adminPath+"accounts", token, ask, &link)
	if status != 201 || !link.Mailed {
		t.Errorf("a link: %d %+v", status, link)
	}

	body, far := io.Pipe()
	go func() {
		for _, part := range []string{`{"customer":`, `""`, `}`} {
			time.Sleep(patienceOfTest)
			_, _ = io.WriteString(far, part)
		}
		far.Close()
	}()
	req, err := http.NewRequest("POST", r.web.URL+wire.SessionsPath, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 201 {
		t.Errorf("a slow request: %s", resp.Status)
	}
}

// broken is a store that cannot look second factors up.
type broken struct {
	*store.DB
	at *atomic.Bool
}

func (b broken) UseRecoveryCode(ctx context.Context, account string, hash [32]byte) error {
	if b.at.Load() {
		return errors.New("the store is broken")
	}
	return b.DB.UseRecoveryCode(ctx, account, hash)
}

// TestASecondFactorThatCannotBeLookedUp is no wrong one, and none that counts as such.
func TestASecondFactorThatCannotBeLookedUp(t *testing.T) {
	at := &atomic.Bool{}
	r := newRig(t, func(c *Config) { c.Store = broken{c.Store.(*store.DB), at} })
	a := r.addAccount("desk2", "Help desk 2")
	code := "abcd-efgh-ijkl-mnop"
	if err := errors.Join(r.db.BeginSecondFactor(t.Context(), a.ID, make([]byte, 20)),
		r.db.ConfirmSecondFactor(t.Context(), a.ID, [][32]byte{pages.HashRecoveryCode(code)})); err != nil {
		t.Fatal(err)
	}
	at.Store(true)
	for range 12 { // more than may be wrong
		if status := r.signInStatus("desk2", password+wire.SecondMark+code); status != 500 {
			t.Errorf("while it cannot be looked up: %d", status)
		}
	}
	at.Store(false)
	for _, want := range []int{200, 401} {
		if status := r.signInStatus("desk2", password+wire.SecondMark+code); status != want {
			t.Errorf("then: %d, not %d", status, want)
		}
	}
}
