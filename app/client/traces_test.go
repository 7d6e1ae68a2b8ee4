package main

import (
	"os"
	"testing"
)

func TestTheFontIndexLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	indexFonts()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

func BenchmarkIndexFonts(b *testing.B) {
	for b.Loop() {
		indexFonts()
	}
}
