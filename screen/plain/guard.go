package plain

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// Guard does the work of the second process and ends it, if this is one; otherwise it returns at once. Call it before anything
// else: nothing of the program is to run in that process.
func Guard() {
	if len(os.Args) != 2 {
		return
	}
	var err error
	switch os.Args[1] {
	case argGuard:
		ends := make(chan os.Signal, 1)
		// Whoever ends this process politely wants the desktop back; Ctrl+C and a closed terminal are meant for the first one too.
		signal.Notify(ends, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
		err = guard(os.Stdin, os.Stdout, ends)
	case argPutBack:
		err = putBackFrom(os.Stdin)
	default:
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "handrail:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// guard takes off, waits until in ends or a signal comes, and puts back.
func guard(in io.Reader, out io.Writer, ends <-chan os.Signal) error {
	b, err := open()
	if err != nil {
		return err
	}
	defer b.close()
	was := b.read()
	if err := json.NewEncoder(out).Encode(report{Was: was}); err != nil {
		return err // nothing is changed yet, and nobody would know of it
	}
	left := b.takeOff(was)
	told := json.NewEncoder(out).Encode(report{Left: left})
	if told == nil {
		gone := make(chan struct{})
		go func() {
			_, _ = io.Copy(io.Discard, in) // it ends with the first process, however that ends
			close(gone)
		}()
		select {
		case <-gone:
		case <-ends:
		}
	}
	return errors.Join(told, b.putBack(was))
}

// putBackFrom puts back what the report of a process that was killed says.
func putBackFrom(in io.Reader) error {
	var r report
	if err := json.NewDecoder(io.LimitReader(in, maxReport)).Decode(&r); err != nil {
		return err
	}
	b, err := open()
	if err != nil {
		return err
	}
	defer b.close()
	return b.putBack(r.Was)
}

// read is the value of every knob that can be read. A kind of which no knob can be read is added to what is left.
func (b *bench) read() map[string]string {
	was := map[string]string{}
	for _, kind := range []string{Wallpaper, Effects} {
		there, readable := false, false
		for _, k := range b.knobs {
			if k.kind != kind {
				continue
			}
			there = true
			if value, err := k.read(); err == nil {
				was[k.name], readable = value, true
			}
		}
		if there && !readable {
			b.leave(kind)
		}
	}
	return was
}

func (b *bench) leave(kind string) {
	if !slices.Contains(b.left, kind) {
		b.left = append(b.left, kind)
	}
}

// takeOff turns the knobs that were read, and gives the kinds that are left.
func (b *bench) takeOff(was map[string]string) (left []string) {
	for _, k := range b.knobs {
		value, known := was[k.name]
		if !known || value == k.plain {
			continue
		}
		if k.write(k.plain) != nil {
			b.leave(k.kind)
		}
	}
	return b.left
}

// putBack turns the knobs back that nobody has turned since. It goes through all, whatever happens to one.
func (b *bench) putBack(was map[string]string) error {
	var problems error
	for _, k := range b.knobs {
		value, known := was[k.name]
		if !known || value == k.plain {
			continue
		}
		if now, err := k.read(); err == nil && now != k.plain && now != value {
			continue
		}
		if err := k.write(value); err != nil {
			problems = errors.Join(problems, fmt.Errorf("%s: %w", k.name, err))
		}
	}
	return problems
}
