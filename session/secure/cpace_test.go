package secure

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/gtank/ristretto255"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// vectors are those of the draft for the suite with ristretto255 and SHA-512. Maps, because names in it differ
// only in case.
type vectors struct {
	Run    map[string]string          `json:"run"`
	Points map[string]json.RawMessage `json:"points"`
}

func loadVectors(t *testing.T) vectors {
	t.Helper()
	data, err := os.ReadFile("testdata/cpace.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func (v vectors) point(t *testing.T, name string, to any) {
	t.Helper()
	if err := json.Unmarshal(v.Points[name], to); err != nil {
		t.Fatal(err)
	}
}

func scalar(t *testing.T, s string) *ristretto255.Scalar {
	t.Helper()
	y, err := ristretto255.NewScalar().SetCanonicalBytes(unhex(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return y
}

func equalHex(t *testing.T, what string, got []byte, want string) {
	t.Helper()
	if w := unhex(t, want); !bytes.Equal(got, w) || len(w) == 0 {
		t.Errorf("%s:\n got %x\nwant %x", what, got, w)
	}
}

func TestVectorsOfTheDraft(t *testing.T) {
	v := loadVectors(t).Run
	prs, ci, sid := unhex(t, v["PRS"]), unhex(t, v["CI"]), unhex(t, v["sid"])
	ada, adb := unhex(t, v["ADa"]), unhex(t, v["ADb"])
	equalHex(t, "generator_string", generatorString(prs, ci, sid),
		"11435061636552697374726574746f3235350850617373776f726464"+strings.Repeat("00", 100)+
			"180b415f696e69746961746f720b425f726573706f6e646572107e4b4791d6a8ef019b936c79fb7f2c57")
	g := generator(prs, ci, sid)
	equalHex(t, "g", g.Bytes(), v["g"])

	a := &pake{sid: sid, scalar: scalar(t, v["ya"])}
	b := &pake{sid: sid, scalar: scalar(t, v["yb"])}
	a.share, b.share = scalarMult(a.scalar, g), scalarMult(b.scalar, g)
	equalHex(t, "Ya", a.share, v["Ya"])
	equalHex(t, "Yb", b.share, v["Yb"])
	for _, side := range []struct{ own, peer *pake }{{a, b}, {b, a}} {
		k, err := scalarMultVfy(side.own.scalar, side.peer.share)
		if err != nil {
			t.Fatal(err)
		}
		equalHex(t, "K", k, v["K"])
		keys, err := side.own.finish(side.peer.share, a.share, ada, b.share, adb)
		if err != nil {
			t.Fatal(err)
		}
		equalHex(t, "ISK", keys.isk, v["ISK_IR"])
	}
}

func TestInvalidPointsOfTheDraft(t *testing.T) {
	v := loadVectors(t)
	var valid map[string]string
	var invalid1, invalid2 string
	v.point(t, "Valid", &valid)
	v.point(t, "Invalid Y1", &invalid1)
	v.point(t, "Invalid Y2", &invalid2)
	s := scalar(t, valid["s"])
	product, err := scalarMultVfy(s, unhex(t, valid["X"]))
	if err != nil {
		t.Fatal(err)
	}
	equalHex(t, "scalar_mult_vfy", product, valid["G.scalar_mult_vfy(s,X)"])
	for _, bad := range []string{invalid1, invalid2, "", "00", valid["X"] + "00", strings.Repeat("ff", 32)} {
		if _, err := scalarMultVfy(s, unhex(t, bad)); !errors.Is(err, errShare) {
			t.Errorf("share %q: %v", bad, err)
		}
	}
	if _, err := scalarMultVfy(ristretto255.NewScalar(), unhex(t, valid["X"])); !errors.Is(err, errShare) {
		t.Errorf("product is the neutral element: %v", err)
	}
}

func TestStringsOfTheDraft(t *testing.T) {
	count := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(i)
		}
		return b
	}
	s := func(x string) []byte { return []byte(x) }
	for _, c := range []struct {
		what string
		got  []byte
		want string
	}{
		{"prepend_len of nothing", lvCat(nil), "00"},
		{"prepend_len of 4", lvCat(s("1234")), "0431323334"},
		{"prepend_len of 127", lvCat(count(127)), "7f" + hex.EncodeToString(count(127))},
		{"prepend_len of 128", lvCat(count(128)), "8001" + hex.EncodeToString(count(128))},
		{"lv_cat", lvCat(s("1234"), s("5"), nil, s("678")), "043132333401350003363738"},
		{
			"transcript_ir", transcriptIR(s("123"), s("PartyA"), s("234"), s("PartyB")),
			"03313233065061727479410332333406506172747942",
		},
		{
			"transcript_ir", transcriptIR(s("3456"), s("PartyA"), s("2345"), s("PartyB")),
			"043334353606506172747941043233343506506172747942",
		},
	} {
		equalHex(t, c.what, c.got, c.want)
	}
}

func TestGeneratorStringOfALongSecret(t *testing.T) {
	// No room for zeros: the field is there and empty.
	prs := bytes.Repeat([]byte{7}, 300)
	want := lvCat([]byte(groupDSI), prs, nil, []byte("ci"), []byte("sid"))
	if got := generatorString(prs, []byte("ci"), []byte("sid")); !bytes.Equal(got, want) {
		t.Errorf("got %x", got)
	}
}

// TestEveryInputCounts checks that both sides agree with equal inputs, and that each input alone parts them.
func TestEveryInputCounts(t *testing.T) {
	type inputs struct{ prs, ci, sid, ada, adb string }
	same := inputs{"123456", "ci", "sid", "a", "b"}
	run := func(x, y inputs) bool {
		a := startPAKE([]byte(x.prs), []byte(x.ci), []byte(x.sid))
		b := startPAKE([]byte(y.prs), []byte(y.ci), []byte(y.sid))
		ka, err := a.finish(b.share, a.share, []byte(x.ada), b.share, []byte(x.adb))
		if err != nil {
			t.Fatal(err)
		}
		kb, err := b.finish(a.share, a.share, []byte(y.ada), b.share, []byte(y.adb))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(ka.ta, ka.tb) {
			t.Error("both sides have the same tag")
		}
		return bytes.Equal(ka.isk, kb.isk) && bytes.Equal(ka.ta, kb.ta) && bytes.Equal(ka.tb, kb.tb)
	}
	if !run(same, same) {
		t.Error("equal inputs do not agree")
	}
	for name, other := range map[string]inputs{
		"PRS": {"123457", "ci", "sid", "a", "b"},
		"CI":  {"123456", "CI", "sid", "a", "b"},
		"sid": {"123456", "ci", "SID", "a", "b"},
		"ADa": {"123456", "ci", "sid", "A", "b"},
		"ADb": {"123456", "ci", "sid", "a", "B"},
		"cut": {"123456", "c", "isid", "a", "b"},
	} {
		if run(same, other) {
			t.Errorf("another %s makes no difference", name)
		}
	}
}

func FuzzShare(f *testing.F) {
	f.Add(make([]byte, 32))
	f.Add(ristretto255.NewGeneratorElement().Bytes())
	f.Add(bytes.Repeat([]byte{0xff}, 32))
	y := sampleScalar()
	f.Fuzz(func(t *testing.T, share []byte) {
		k, err := scalarMultVfy(y, share)
		if (err == nil) != (len(k) == shareSize) || bytes.Equal(k, make([]byte, shareSize)) {
			t.Errorf("share %x gives %x, %v", share, k, err)
		}
	})
}
