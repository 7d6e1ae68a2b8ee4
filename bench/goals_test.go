package main

import (
	"strings"
	"testing"
)

func TestGoals(t *testing.T) {
	const results = `
{"peer":"x0vnc-lossless","workload":"web","link":"loop","downBytes":2000000,"serverCPU":1,"srcChanges":50,"viewChanges":50,"psnr":99}
{"peer":"ours","workload":"web","link":"loop","downBytes":500000,"serverCPU":0.5,"srcChanges":50,"viewChanges":49,"psnr":99,"serverMem":100000000}
{"peer":"ours","link":"loop","load":"","n":20,"p50":4.5,"p95":9}
{"peer":"drawn","link":"loop","load":"","n":20,"p50":20,"p95":31}
{"peer":"ours","link":"10m","load":"video","n":20,"p50":46,"p95":80}`
	table := newTables("x0vnc-lossless")
	if err := table.read(strings.NewReader(results[1:])); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	table.writeGoals(&b, "ours", "drawn")
	figures, err := readMemory(strings.NewReader(`goos: linux
BenchmarkMemory/1080p-2         	       1	       150.4 MB-in-the-end	       190.0 MB-sharing	       219.6 MB-starting
BenchmarkMemory/two-4K-monitors 	       1	       300.0 MB-in-the-end	       401.0 MB-sharing	       310.3 MB-starting
`))
	if err != nil {
		t.Fatal(err)
	}
	writeMemory(&b, figures)
	for _, want := range []string{
		"| web | ≤ 0.12 × x0vnc-lossless | 0.250 (0.50 MB of 2.00) | **not reached** | all | 49 / 50 (98 %) | **not reached** | 20.00 | 10.20 | reached | yes |",
		"| loop | ≤ 5 | 4.5 | reached |  | 9.0 |  | 20.0 | 31.0 | 15.5 |",
		"| 10m video | ≤ 45 | 46.0 | **not reached** | ≤ 90 | 80.0 | reached |  |  |  |",
		"once it shares: 100 MB.",
		"| one monitor, 1920×1080 | ≤ 200 | 190 | reached | 220 | 150 |",
		"| two monitors, 3840×2160 each | ≤ 400 | 401 | **not reached** | 310 | 300 |",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("missing %s", want)
		}
	}
	if t.Failed() {
		t.Log(b.String())
	}
}
