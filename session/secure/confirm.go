package secure

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"

	"handrail/session/wire"
)

const (
	nonceSize      = 32
	commitmentSize = sha256.Size
	commitmentDSI  = "handrail verifier"
)

var (
	errReflected  = errors.New("the operator's share is our own")
	errTag        = errors.New("the confirmation is not right")
	errCommitment = errors.New("the nonce is not the one that was committed to")
)

// binding ties a CPace run to the channel it runs in; see the package comment for what is in it.
type binding struct {
	sid, ci []byte
}

// proved is what a successful confirmation leaves: ISK and the joiner's nonce.
type proved struct {
	isk, nonce []byte
}

func commit(nonce []byte) []byte {
	sum := sha256.Sum256(append([]byte(commitmentDSI), nonce...))
	return sum[:]
}

func joinerAD(commitment []byte) []byte { return lvCat([]byte(wire.Customer), commitment) }
func operatorAD() []byte                { return lvCat([]byte(wire.Operator)) }

// confirmJoiner runs the joiner's half of the frames over rw. The joiner shows its tag first: that way the
// operator, whose secret is attacked, shows nothing that depends on it to somebody who does not know it.
func confirmJoiner(rw io.ReadWriter, secret []byte, b binding) (proved, error) {
	nonce := make([]byte, nonceSize)
	_, _ = rand.Read(nonce) // never fails
	commitment := commit(nonce)
	run := startPAKE(secret, b.ci, b.sid)
	if err := writeFrame(rw, frameShare, run.share, commitment); err != nil {
		return proved{}, err
	}
	_, yb, err := readFrame(rw, frameAnswer)
	if err != nil {
		return proved{}, err
	}
	if bytes.Equal(yb, run.share) {
		return proved{}, wire.Fail(wire.ReasonIntercepted, errReflected)
	}
	keys, err := run.finish(yb, run.share, joinerAD(commitment), yb, operatorAD())
	if err != nil {
		return proved{}, wire.Fail(wire.ReasonIntercepted, err)
	}
	if err := writeFrame(rw, frameConfirm, keys.ta, nonce); err != nil {
		return proved{}, err
	}
	k, tb, err := readFrame(rw, frameAccept, frameWrong)
	switch {
	case err != nil:
		return proved{}, err
	case k == frameWrong:
		return proved{}, wire.Fail(wire.ReasonWrongCode, errors.New("said by the operator's program"))
	case !hmac.Equal(tb, keys.tb):
		// Whoever is there says that our tag was right and yet cannot make its own.
		return proved{}, wire.Fail(wire.ReasonIntercepted, errTag)
	}
	return proved{isk: keys.isk, nonce: nonce}, nil
}

// confirmOperator runs the operator's half of the frames over rw.
func confirmOperator(rw io.ReadWriter, secret []byte, b binding) (proved, error) {
	_, body, err := readFrame(rw, frameShare)
	if err != nil {
		return proved{}, err
	}
	ya, commitment := body[:shareSize], body[shareSize:]
	run := startPAKE(secret, b.ci, b.sid)
	keys, err := run.finish(ya, ya, joinerAD(commitment), run.share, operatorAD())
	if err != nil {
		return proved{}, wire.Fail(wire.ReasonIntercepted, err)
	}
	if err := writeFrame(rw, frameAnswer, run.share); err != nil {
		return proved{}, err
	}
	_, body, err = readFrame(rw, frameConfirm)
	if err != nil {
		return proved{}, err
	}
	ta, nonce := body[:tagSize], body[tagSize:]
	if !hmac.Equal(ta, keys.ta) {
		// Best effort: the refusal stands even if the joiner does not hear of it.
		_ = writeFrame(rw, frameWrong)
		return proved{}, wire.Fail(wire.ReasonWrongCode, errTag)
	}
	if !hmac.Equal(commit(nonce), commitment) {
		return proved{}, wire.Fail(wire.ReasonIntercepted, errCommitment)
	}
	if err := writeFrame(rw, frameAccept, keys.tb); err != nil {
		return proved{}, err
	}
	return proved{isk: keys.isk, nonce: nonce}, nil
}
