package store

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Bounds of a password: characters at least, bytes at most.
const (
	MinPassword = 8
	MaxPassword = 1024
)

// CheckPassword says in one sentence what is wrong with a new password, or returns nil.
func CheckPassword(password string) error {
	switch {
	case utf8.RuneCountInString(password) < MinPassword:
		return fmt.Errorf("the password is too short: it needs at least %d characters", MinPassword)
	case len(password) > MaxPassword:
		return fmt.Errorf("the password is too long: it may have at most %d bytes", MaxPassword)
	}
	return nil
}

// Params are argon2id's costs.
type Params struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultParams cost about a tenth of a second on one core; OWASP's recommendation (19 MiB, 2 passes) is the floor.
var DefaultParams = Params{MemoryKiB: 32 << 10, Passes: 3, Lanes: 1}

// Bounds for the costs that a stored hash may ask for, so that a damaged database cannot exhaust the machine.
const (
	maxMemoryKiB = 1 << 20
	maxPasses    = 64
	saltLen      = 16
	keyLen       = 32
)

// ErrBusy is the error when all of a Hasher's places stayed taken until the context ended.
var ErrBusy = errors.New("too many passwords are being checked")

// Hasher hashes and checks passwords, at most a few at a time, because each costs MemoryKiB of memory.
// Its methods are safe for concurrent use.
type Hasher struct {
	params Params
	decoy  string        // checked when there is no account, so that this takes as long
	places chan struct{} // one element for each hash that is being computed
}

// NewHasher makes a Hasher that computes at most limit hashes at a time. The zero Params are DefaultParams.
func NewHasher(params Params, limit int) *Hasher {
	if params == (Params{}) {
		params = DefaultParams
	}
	h := &Hasher{params: params, places: make(chan struct{}, max(limit, 1))}
	h.decoy = hash(rand.Text(), params)
	return h
}

// Acquire waits for a place and returns the function that gives it back. Hash and Check take a place themselves;
// a caller that must look at something in between takes one and uses CheckNow.
func (h *Hasher) Acquire(ctx context.Context) (release func(), err error) {
	select {
	case h.places <- struct{}{}:
		return func() { <-h.places }, nil
	case <-ctx.Done():
		return nil, ErrBusy
	}
}

// Hash returns the password's hash as a PHC string with a fresh salt.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	release, err := h.Acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return h.HashNow(password), nil
}

// HashNow is Hash for a caller that has a place.
func (h *Hasher) HashNow(password string) string { return hash(password, h.params) }

// NoPassword is the hash of an account that nobody can sign in to yet.
const NoPassword = ""

// CheckNow says whether the password belongs to the hash. An empty hash stands for an account that does not exist:
// the answer is no and takes as long. Stale says that the hash was made with other costs than today's and
// should be made anew. The caller has a place.
func (h *Hasher) CheckNow(password, phc string) (ok, stale bool) {
	known := phc != ""
	if !known {
		phc = h.decoy
	}
	params, salt, want, err := parse(phc)
	if err != nil {
		return false, false
	}
	got := argon2.IDKey([]byte(password), salt, params.Passes, params.MemoryKiB, params.Lanes, uint32(len(want)))
	ok = subtle.ConstantTimeCompare(got, want) == 1 && known
	return ok, params != h.params || len(want) != keyLen
}

func hash(password string, p Params) string {
	salt := make([]byte, saltLen)
	rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, p.Passes, p.MemoryKiB, p.Lanes, keyLen)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.MemoryKiB, p.Passes, p.Lanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// parse reads a PHC string, https://github.com/P-H-C/phc-string-format.
func parse(phc string) (p Params, salt, key []byte, err error) {
	bad := func(what string) (Params, []byte, []byte, error) {
		return Params{}, nil, nil, errors.New("password hash: " + what)
	}
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return bad("not an argon2id string")
	}
	if parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return bad("unknown version")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Passes, &p.Lanes); err != nil {
		return bad("unreadable costs")
	}
	if p.MemoryKiB > maxMemoryKiB || p.Passes == 0 || p.Passes > maxPasses || p.Lanes == 0 {
		return bad("costs out of bounds")
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(key) < 16 || len(key) > 64 {
		return bad("unreadable salt or key")
	}
	return p, salt, key, nil
}
