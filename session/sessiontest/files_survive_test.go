package sessiontest

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"handrail/session"
	"handrail/transfer"
)

// TestFilesSurviveTheirNetwork breaks the connections of a session in every way, and restarts its relay, while files go
// both ways. They go on by themselves, within the same session: nobody has to send anything again.
func TestFilesSurviveTheirNetwork(t *testing.T) {
	breaks := 8
	if os.Getenv("HANDRAIL_SOAK") != "" {
		breaks = 100
	}
	seed := uint64(time.Now().UnixNano())
	if n, err := strconv.ParseUint(os.Getenv("HANDRAIL_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("seed %d, %d breaks", seed, breaks)
	relay := StartRelay(t, false)
	random := rand.New(rand.NewPCG(seed, 3))
	networks := []*Network{StartNetwork(t, relay.URL, seed), StartNetwork(t, relay.URL, seed+1)}
	computer := NewComputer(64, 48)
	computer.Folder = filepath.Join(t.TempDir(), "there")
	o, c := throughFor(t, computer, networks[0].URL, networks[1].URL)
	if err := o.Files().SetFolder(filepath.Join(t.TempDir(), "here")); err != nil {
		t.Fatal(err)
	}
	for _, n := range networks {
		n.Shape(0, 0, 6<<20)
	}
	done := 0
	for round := 0; done < breaks; round++ {
		name := strconv.Itoa(round) + ".bin"
		up, down := filepath.Join(t.TempDir(), name), filepath.Join(t.TempDir(), name)
		sent, back := writeRandom(t, up, 8<<20), writeRandom(t, down, 8<<20)
		if _, err := o.Files().Send(up); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Files().Send(down); err != nil {
			t.Fatal(err)
		}
		running := func() bool {
			for _, r := range append(o.Files().Rows(), c.Files().Rows()...) {
				if !r.State.Final() {
					return true
				}
			}
			return false
		}
		for running() {
			time.Sleep(time.Duration(random.IntN(200)) * time.Millisecond)
			if done < breaks {
				breakOnce(t, random, relay, networks)
				done++
			}
			AwaitState(t, &o.Status, session.Active)
			AwaitState(t, &c.Status, session.Active)
			time.Sleep(300 * time.Millisecond) // so that some of the file passes in between
		}
		for _, r := range append(o.Files().Rows(), c.Files().Rows()...) {
			if r.State != transfer.Done {
				t.Fatalf("round %d: %+v", round, r)
			}
		}
		sameFile(t, filepath.Join(computer.Folder, name), sent)
		sameFile(t, filepath.Join(o.Files().Folder(), name), back)
	}
}

// breakOnce breaks one or all connections on one side, or the relay.
func breakOnce(t *testing.T, random *rand.Rand, relay *Relay, networks []*Network) {
	t.Helper()
	if random.IntN(8) == 0 {
		relay.Stop()
		relay.Restart()
		return
	}
	networks[random.IntN(2)].Inflict(Quick[random.IntN(len(Quick))], random.IntN(4) == 0)
}
