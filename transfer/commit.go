package transfer

import (
	"sync"
)

// committer puts complete files on the disk for good: contents first, then the name, then the folder. It does so for
// many files at once while the next ones arrive, because waiting for the disk for each file by itself would make
// small files slow.
type committer struct {
	in     *incoming
	files  chan committed
	broken chan struct{} // closed when err is set
	done   chan struct{}
	once   sync.Once
	err    error
}

type committed struct {
	part  *part
	local string
}

const (
	maxGroup = 128 // files of a group, which are open
	syncers  = 32  // that wait for the disk at once
)

func newCommitter(in *incoming) *committer {
	c := &committer{in: in, files: make(chan committed, maxGroup/2), broken: make(chan struct{}), done: make(chan struct{})}
	go c.run()
	return c
}

// add takes over a part.
func (c *committer) add(p *part, local string) { c.files <- committed{p, local} }

// finish waits until everything added is on the disk.
func (c *committer) finish() error {
	c.once.Do(func() { close(c.files) })
	<-c.done
	return c.err
}

func (c *committer) run() {
	defer close(c.done)
	for first := range c.files {
		group := []committed{first}
	more:
		for len(group) < maxGroup {
			select {
			case next, ok := <-c.files:
				if !ok {
					break more
				}
				group = append(group, next)
			default:
				break more
			}
		}
		err := c.err
		if err == nil {
			err = c.commit(group)
		} else {
			for _, f := range group {
				c.in.leave(f.part)
			}
		}
		for _, f := range group {
			f.part.dir.release()
		}
		if err != nil && c.err == nil {
			c.err = err
			close(c.broken)
		}
	}
}

// commit puts a group on the disk. A file whose part cannot be written down stays a part.
func (c *committer) commit(group []committed) error {
	errs := make([]error, len(group)) // Gone: it is no longer wanted
	var wg sync.WaitGroup
	turn := make(chan struct{}, syncers)
	for i, f := range group {
		turn <- struct{}{}
		wg.Go(func() {
			if errs[i] = Gone; !c.in.gate.barred.Load() {
				errs[i] = f.part.sync(c.in.x.flush)
			}
			<-turn
		})
	}
	wg.Wait()
	var failed error
	folders := map[string]*dir{}
	for i, f := range group {
		err := errs[i]
		if err == nil {
			err = c.publish(f)
		} else {
			c.in.leave(f.part)
		}
		if err == nil {
			folders[f.part.dir.path] = f.part.dir
		}
		if failed == nil {
			failed = err
		}
	}
	for _, d := range folders {
		if err := syncDir(d.file); err != nil && failed == nil {
			failed = err
		}
	}
	return failed
}

// publish gives a file its name, if it still may have one.
func (c *committer) publish(f committed) error {
	name, tried := "", false
	err := c.in.gate.through(func() (err error) {
		tried = true
		name, err = f.part.publish(c.in.replace)
		return err
	})
	switch {
	case !tried:
		c.in.leave(f.part)
	case err == nil:
		c.in.published(f.local, name)
	}
	return err
}
