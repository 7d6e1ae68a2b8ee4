package secure

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"errors"

	"github.com/gtank/ristretto255"
)

// CPace by draft-irtf-cfrg-cpace-21, suite CPACE-RISTR255-SHA512: group ristretto255 (RFC 9496), hash SHA-512,
// initiator-responder setting. The functions carry the draft's names in their comments, and the draft's test
// vectors are in the tests. All group operations are those of the ristretto255 package, in constant time.

const (
	shareSize = 32 // an encoded group element, field_size_bytes
	tagSize   = sha512.Size

	groupDSI  = "CPaceRistretto255"       // G.DSI
	iskDSI    = groupDSI + "_ISK"         // G.DSI || b"_ISK"
	macDSI    = "CPaceMac"                // of section "Key confirmation"
	blockSize = sha512.BlockSize          // H.s_in_bytes
	topBits   = byte(0xff) >> (256 - 252) // keeps group_size_bits, 252, of 256
)

// errShare reports a peer's share that is no group element or leads to the neutral one. The draft demands to
// abort.
var errShare = errors.New("cpace: invalid share")

// lvCat is lv_cat: each string after its length in LEB128.
func lvCat(parts ...[]byte) []byte {
	var out []byte
	for _, p := range parts {
		n := len(p)
		for ; n >= 0x80; n >>= 7 {
			out = append(out, byte(n)|0x80)
		}
		out = append(append(out, byte(n)), p...)
	}
	return out
}

// generatorString is generator_string: zeros after PRS fill the first hash block, so that hashing takes the
// same time for secrets of any usual length.
func generatorString(prs, ci, sid []byte) []byte {
	head := lvCat([]byte(groupDSI), prs)
	zeros := make([]byte, max(0, blockSize-1-len(head)))
	return append(head, lvCat(zeros, ci, sid)...)
}

// generator is calculate_generator.
func generator(prs, ci, sid []byte) *ristretto255.Element {
	hash := sha512.Sum512(generatorString(prs, ci, sid))
	g, err := ristretto255.NewIdentityElement().SetUniformBytes(hash[:])
	if err != nil {
		panic("cpace: " + err.Error()) // only for a length other than 64
	}
	return g
}

// sampleScalar is sample_scalar in the recommended way: 252 random bits, which are always below the order.
func sampleScalar() *ristretto255.Scalar {
	var b [shareSize]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	b[shareSize-1] &= topBits
	y, err := ristretto255.NewScalar().SetCanonicalBytes(b[:])
	if err != nil {
		panic("cpace: " + err.Error())
	}
	return y
}

// scalarMult is scalar_mult.
func scalarMult(y *ristretto255.Scalar, g *ristretto255.Element) []byte {
	return ristretto255.NewIdentityElement().ScalarMult(y, g).Bytes()
}

// scalarMultVfy is scalar_mult_vfy, with errShare where the draft has G.I.
func scalarMultVfy(y *ristretto255.Scalar, encoded []byte) ([]byte, error) {
	x, err := ristretto255.NewIdentityElement().SetCanonicalBytes(encoded)
	if err != nil {
		return nil, errShare
	}
	product := ristretto255.NewIdentityElement().ScalarMult(y, x)
	if product.Equal(ristretto255.NewIdentityElement()) == 1 {
		return nil, errShare
	}
	return product.Bytes(), nil
}

// transcriptIR is transcript_ir.
func transcriptIR(ya, ada, yb, adb []byte) []byte {
	return append(lvCat(ya, ada), lvCat(yb, adb)...)
}

// sessionKey is ISK, from the secret point k, which must not be used for anything else.
func sessionKey(sid, k, transcript []byte) []byte {
	isk := sha512.Sum512(append(lvCat([]byte(iskDSI), sid, k), transcript...))
	return isk[:]
}

// confirmTag is Ta for (Ya, ADa) and Tb for (Yb, ADb), by HMAC-SHA512.
func confirmTag(sid, isk, y, ad []byte) []byte {
	key := sha512.Sum512(bytes.Join([][]byte{[]byte(macDSI), sid, isk}, nil))
	mac := hmac.New(sha512.New, key[:])
	mac.Write(lvCat(y, ad))
	return mac.Sum(nil)
}

// pake is one side of one CPace run; its scalar is used once.
type pake struct {
	sid    []byte
	scalar *ristretto255.Scalar
	share  []byte // Ya or Yb
}

func startPAKE(prs, ci, sid []byte) *pake {
	p := &pake{sid: sid, scalar: sampleScalar()}
	p.share = scalarMult(p.scalar, generator(prs, ci, sid))
	return p
}

// agreed is what a run has come to: the key, and the tags that prove it. Only the right PRS makes them equal at
// both ends.
type agreed struct {
	isk    []byte
	ta, tb []byte
}

// finish takes the whole transcript, of which p.share is one of the two shares, and the peer's share again.
func (p *pake) finish(peer, ya, ada, yb, adb []byte) (agreed, error) {
	k, err := scalarMultVfy(p.scalar, peer)
	if err != nil {
		return agreed{}, err
	}
	isk := sessionKey(p.sid, k, transcriptIR(ya, ada, yb, adb))
	return agreed{
		isk: isk,
		ta:  confirmTag(p.sid, isk, ya, ada),
		tb:  confirmTag(p.sid, isk, yb, adb),
	}, nil
}
