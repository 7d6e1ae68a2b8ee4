package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// goal is what is asked of a peer on one workload over loopback.
type goal struct {
	workload  string
	reference string  // peer that bytes are compared with; empty: kilobytes are meant
	bytes     float64 // times the reference's, or kilobytes, at most
	delivered float64 // images, of those drawn, at least
}

var goals = []goal{
	{"text", "x0vnc-lossless", 0.10, 0.90},
	{"less", "x0vnc-lossless", 0.75, 1},
	{"window", "x0vnc-lossless", 0.30, 1},
	{"web", "x0vnc-lossless", 0.12, 1},
	{"photo", "x0vnc-lossless", 0.70, 1},
	{"video", "x0vnc-jpeg", 0.70, 0.95},
	{"typing", "", 40, 1},
	{"idle", "", 5, 1},
}

// latencyGoal is what is asked of the marker's way, in milliseconds; zero p95: nothing.
type latencyGoal struct {
	link, load string
	p50, p95   float64
}

var latencyGoals = []latencyGoal{
	{"loop", "", 5, 0},
	{"10m", "", 26, 0},
	{"2m", "", 46, 0},
	{"10m", "video", 45, 90},
}

// printGoals prints what is asked of a peer beside what was measured.
func printGoals(args []string) error {
	fs := flag.NewFlagSet("goals", flag.ExitOnError)
	peer := fs.String("peer", "handrail", "peer that the goals are for")
	window := fs.String("window", "handrail-window", "the same with a real window, printed beside it")
	memory := fs.String("memory", "", "file with what the project's BenchmarkMemory has printed")
	fs.Parse(args)
	t := newTables("x0vnc-lossless")
	for _, name := range fs.Args() {
		f, err := os.Open(filepath.Join(name, "results.jsonl"))
		if err != nil {
			return err
		}
		err = t.read(f)
		f.Close()
		if err != nil {
			return err
		}
	}
	t.writeGoals(os.Stdout, *peer, *window)
	if *memory == "" {
		return nil
	}
	f, err := os.Open(*memory)
	if err != nil {
		return err
	}
	defer f.Close()
	figures, err := readMemory(f)
	if err == nil {
		writeMemory(os.Stdout, figures)
	}
	return err
}

func (t *tables) writeGoals(w io.Writer, peer, window string) {
	header(w, []string{"workload", "bytes: goal", "measured", "", "images: goal", "delivered / drawn", "", "CPU ms an image: x0vncserver lossless", "measured", "", "identical"})
	for _, g := range goals {
		k := workKey{peer, g.workload, "loop"}
		if len(t.work[k]) == 0 {
			continue
		}
		line(w, append(append(append([]string{g.workload}, t.bytesGoal(g, k)...), t.imagesGoal(g, k)...), append(t.cpuGoal(k), t.likeness(k))...))
	}
	fmt.Fprintln(w)
	header(w, []string{"latency of a marker, ms", "p50: goal", "measured", "", "p95: goal", "measured", "", "in the real window: p50", "p95", "of which drawing: p50"})
	for _, g := range latencyGoals {
		r, ok := t.quickest(latencyKey{peer, g.link, g.load})
		if !ok {
			continue
		}
		row := []string{strings.TrimSpace(g.link + " " + g.load), fmt.Sprintf("≤ %.0f", g.p50), fmt.Sprintf("%.1f", r.P50), verdict(r.P50 <= g.p50)}
		if g.p95 > 0 {
			row = append(row, fmt.Sprintf("≤ %.0f", g.p95), fmt.Sprintf("%.1f", r.P95), verdict(r.P95 <= g.p95))
		} else {
			row = append(row, "", fmt.Sprintf("%.1f", r.P95), "")
		}
		if drawn, ok := t.quickest(latencyKey{window, g.link, g.load}); ok {
			row = append(row, fmt.Sprintf("%.1f", drawn.P50), fmt.Sprintf("%.1f", drawn.P95), fmt.Sprintf("%.1f", drawn.P50-r.P50))
		} else {
			row = append(row, "", "", "")
		}
		line(w, row)
	}
	if most := t.mostMemory(peer); most > 0 {
		fmt.Fprintf(w, "\nMost memory of the customer's program over all workloads, once it shares: %.0f MB.\n", most)
	}
}

// quickest is the series with the least median, of several.
func (t *tables) quickest(k latencyKey) (best latencyResult, ok bool) {
	for _, r := range t.latency[k] {
		if !ok || r.P50 < best.P50 {
			best, ok = r, true
		}
	}
	return best, ok
}

// mostMemory is a peer's server's over all workloads, in MB.
func (t *tables) mostMemory(peer string) (most float64) {
	for k := range t.work {
		if m, ok := t.median(k, serverMemory); ok && k.peer == peer {
			most = max(most, m*(1<<20)/1e6)
		}
	}
	return most
}

func verdict(reached bool) string {
	if reached {
		return "reached"
	}
	return "**not reached**"
}

func (t *tables) bytesGoal(g goal, k workKey) []string {
	mb, _ := t.median(k, megabytes)
	if g.reference == "" {
		return []string{fmt.Sprintf("≤ %.0f kB", g.bytes), fmt.Sprintf("%.1f kB", mb*1000), verdict(mb*1000 <= g.bytes)}
	}
	asked := fmt.Sprintf("≤ %.2f × %s", g.bytes, g.reference)
	base, ok := t.median(workKey{g.reference, g.workload, "loop"}, megabytes)
	if !ok || base == 0 {
		return []string{asked, fmt.Sprintf("%.3f MB", mb), "not compared"}
	}
	return []string{asked, fmt.Sprintf("%.3f (%.2f MB of %.2f)", mb/base, mb, base), verdict(mb/base <= g.bytes)}
}

// imagesGoal compares rounded up to whole images: the two are counted at different moments.
func (t *tables) imagesGoal(g goal, k workKey) []string {
	got, _ := t.median(k, delivered)
	of, _ := t.median(k, drawn)
	asked := "all"
	if g.delivered < 1 {
		asked = fmt.Sprintf("≥ %.0f %%", g.delivered*100)
	}
	share := 0.0
	if of > 0 {
		share = got / of
	}
	return []string{asked, fmt.Sprintf("%.0f / %.0f (%.0f %%)", got, of, share*100), verdict(got >= math.Floor(of*g.delivered))}
}

func (t *tables) cpuGoal(k workKey) []string {
	got, ok := t.median(k, perImage)
	base, known := t.median(workKey{"x0vnc-lossless", k.workload, "loop"}, perImage)
	if !ok || !known {
		return []string{"", "", ""}
	}
	return []string{fmt.Sprintf("%.2f", base), fmt.Sprintf("%.2f", got), verdict(got <= base)}
}
