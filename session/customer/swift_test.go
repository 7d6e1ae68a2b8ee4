package customer

import (
	"testing"
	"time"
)

const (
	picture1080 = 1920 * 1080 * 4
	picture4K   = 3840 * 2160 * 4
)

func TestLZ4WhereTheLinkIsFasterThanTheEncoder(t *testing.T) {
	slow := func(s *swift) { // a computer that writes 100 MB/s into the stream, 800 as LZ4
		for range 30 {
			s.learn(false, picture1080, picture1080/30, 83*time.Millisecond)
			s.learn(true, picture1080, picture1080/10, 10*time.Millisecond)
		}
	}
	quick := func(s *swift) { // one that writes 5 GB/s into the stream
		for range 30 {
			s.learn(false, picture1080, picture1080/30, 1600*time.Microsecond)
		}
	}
	for _, c := range []struct {
		name   string
		before func(*swift)
		pixels int
		rate   float64
		want   bool
	}{
		{"a whole 4K picture on the same machine", func(*swift) {}, picture4K, 500e6, true},
		{"on a network of 1 Gbit/s", func(*swift) {}, picture4K, 100e6, true},
		{"at 10 Mbit/s", func(*swift) {}, picture4K, 1.25e6, false},
		{"nothing is known of the link", func(*swift) {}, picture4K, 0, false},
		{"a page of text", func(*swift) {}, 1600 * 960 * 4, 500e6, false},
		{"a line of text", func(*swift) {}, 1600 * 16 * 4, 500e6, false},
		{"a slow computer at 100 Mbit/s", slow, picture1080, 12e6, true},
		{"a slow computer at 2 Mbit/s", slow, picture1080, 250e3, false},
		{"a quick computer", quick, picture1080, 500e6, false},
		{"a quick computer's 4K picture", quick, picture4K, 500e6, false},
	} {
		var s swift
		s.fast(0, 0)
		c.before(&s)
		if got := s.fast(c.pixels, c.rate); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestSmallUpdatesSayNothingAboutSpeed(t *testing.T) {
	var s swift
	s.fast(0, 0)
	before := s
	s.learn(false, 1000, 900, time.Second)
	if s != before {
		t.Fatal(s)
	}
}
