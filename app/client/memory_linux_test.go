package main

import (
	"strings"
	"testing"
)

func TestCodeIsGivenBackOnlyWhereNothingIsLost(t *testing.T) {
	const text = `7f0000000000-7f0004000000 r-xp 00000000 fe:00 1 /usr/lib/libLLVM-15.so.1
Rss:               50000 kB
Anonymous:             0 kB
7f1000000000-7f1004000000 r-xp 00000000 fe:00 1 /usr/lib/relocated.so
Rss:               50000 kB
Anonymous:             4 kB
7f2000000000-7f2000100000 r-xp 00000000 fe:00 1 /usr/lib/small.so
Anonymous:             0 kB
7f3000000000-7f3004000000 r--p 00000000 fe:00 1 /usr/lib/libLLVM-15.so.1
Anonymous:             0 kB
7f4000000000-7f4004000000 r-xp 00000000 fe:00 1 /opt/handrail-client
Anonymous:             0 kB
7f5000000000-7f5004000000 r-xp 00000000 00:00 0
Anonymous:             0 kB
7f6000000000-7f6004000000 rwxp 00000000 fe:00 1 /usr/lib/writable.so
Anonymous:             0 kB
`
	got := codeMappings(strings.NewReader(text), "handrail-client")
	if len(got) != 1 || got[0] != (mapping{0x7f0000000000, 0x7f0004000000}) {
		t.Fatalf("%x", got)
	}
	giveBackCode() // the test goes on
}
