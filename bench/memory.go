package main

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// memoryGoals is what the customer's program may have resident while it shares, in MB, by the name that the project's
// BenchmarkMemory has for the desktop.
var memoryGoals = []struct {
	desktop, name string
	most          float64
}{
	{"1080p", "one monitor, 1920×1080", 200},
	{"two-4K-monitors", "two monitors, 3840×2160 each", 400},
}

// readMemory takes the figures from what go test prints: MB by desktop and unit.
func readMemory(r io.Reader) (map[string]map[string]float64, error) {
	figures := map[string]map[string]float64{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "BenchmarkMemory/") {
			continue
		}
		desktop, _, _ := strings.Cut(strings.TrimPrefix(fields[0], "BenchmarkMemory/"), " ")
		if cut := strings.LastIndexByte(desktop, '-'); cut > 0 { // the number of processors
			if _, err := strconv.Atoi(desktop[cut+1:]); err == nil {
				desktop = desktop[:cut]
			}
		}
		figures[desktop] = map[string]float64{}
		for i := 2; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, err
			}
			figures[desktop][fields[i+1]] = value
		}
	}
	return figures, lines.Err()
}

// writeMemory prints the goals beside the figures.
func writeMemory(w io.Writer, figures map[string]map[string]float64) {
	fmt.Fprintln(w)
	header(w, []string{"memory of the customer's program, MB", "goal while sharing", "measured", "", "while it starts", "in the end"})
	for _, g := range memoryGoals {
		f, ok := figures[g.desktop]
		if !ok {
			continue
		}
		mb := func(unit string) string { return fmt.Sprintf("%.0f", f[unit]) }
		line(w, []string{g.name, fmt.Sprintf("≤ %.0f", g.most), mb("MB-sharing"), verdict(f["MB-sharing"] <= g.most), mb("MB-starting"), mb("MB-in-the-end")})
	}
}
