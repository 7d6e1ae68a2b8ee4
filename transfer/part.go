package transfer

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// part is a file that is arriving. Until it is complete it has a name of its own,
//
//	.handrail-PLACE-VERSION-RANDOM.part
//
// in which PLACE stands for the path that it is for, and VERSION for the size and time of what is sent: that is
// how it is found again by another session or a program that was started anew. Its chunks are in order and without
// holes. Only one transfer has it open.
type part struct {
	dir  *dir
	file *os.File
	name string // of the part
	want string // the name that the file is to have

	entry  entry
	chunks int64     // verified and written
	sum    hash.Hash // over the hashes of these
}

func placeKey(local string) string { return shortHash("place", local) }

func versionKey(e entry) string {
	return shortHash("version", strconv.FormatInt(e.Size, 10), strconv.FormatInt(e.Time.UnixNano(), 10), strconv.FormatBool(e.Exec))
}

func shortHash(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return hex.EncodeToString(sum[:6])
}

// readParts lists the incomplete files of a folder once for its tree, and removes those that were abandoned.
func (d *dir) readParts() map[string][]string {
	d.tree.mu.Lock()
	defer d.tree.mu.Unlock()
	key := pathKey{}.in(d.path)
	parts, read := d.tree.parts[key]
	if read {
		return parts
	}
	defer func() { d.tree.parts[key] = parts }()
	list, err := d.root.Open(".")
	if err != nil {
		return parts
	}
	defer list.Close()
	for {
		names, err := list.Readdirnames(1024)
		for _, name := range names {
			rest, ok := strings.CutPrefix(name, partPrefix)
			place, _, has := strings.Cut(rest, "-")
			if ok && has && strings.HasSuffix(name, ".part") && !d.tidy(name) {
				if parts == nil { // most folders have none
					parts = map[string][]string{}
				}
				parts[place] = append(parts[place], name)
			}
		}
		if err != nil || len(names) == 0 {
			return parts
		}
	}
}

// abandoned is after how long nobody is expected to go on with a part any more.
const abandoned = 14 * 24 * time.Hour

// tidy removes a part that was abandoned and that no transfer has open.
func (d *dir) tidy(name string) bool {
	info, err := d.root.Lstat(name)
	if err != nil || time.Since(info.ModTime()) < abandoned {
		return false
	}
	file, info, err := d.regular(name, os.O_RDWR)
	if err != nil {
		return false
	}
	defer file.Close()
	if linked(info) || lockFile(file) != nil {
		return false
	}
	if runtime.GOOS == "windows" { // there the lock would keep it
		file.Close()
	}
	return d.root.Remove(name) == nil
}

// findPart opens what has arrived of an entry in an earlier try, if there is anything. Parts of other versions
// of the same file are removed, and all but the longest of this one.
func findPart(d *dir, local string, e entry) *part {
	_, name := split(local)
	place := placeKey(local)
	var best *part
	longest := int64(-1)
	for _, candidate := range d.readParts()[place] {
		file, info, err := d.regular(candidate, os.O_RDWR)
		if err != nil {
			continue
		}
		if lockFile(file) != nil { // another transfer has it
			file.Close()
			continue
		}
		p := &part{dir: d, file: file, name: candidate, want: name, entry: e, sum: sha256.New()}
		switch {
		case !strings.HasPrefix(candidate, partPrefix+place+"-"+versionKey(e)+"-"), linked(info), info.Size() > e.Size, info.Size() <= longest:
			p.discard()
			continue
		case best != nil:
			best.discard()
		}
		best, longest = p, info.Size()
	}
	return best
}

// newPart begins an empty one.
func newPart(d *dir, local string, e entry) (*part, error) {
	_, name := split(local)
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	p := &part{dir: d, want: name, entry: e, sum: sha256.New()}
	p.name = partPrefix + placeKey(local) + "-" + versionKey(e) + "-" + hex.EncodeToString(random[:]) + ".part"
	mode := os.FileMode(0o666) // less what the user's umask says
	if e.Exec {
		mode = 0o777
	}
	var err error
	p.file, err = d.root.OpenFile(p.name, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, err
	}
	if err := lockFile(p.file); err != nil {
		p.discard()
		return nil, err
	}
	return p, nil
}

// marksOf reads the whole chunks of a file and gives the hash over their hashes at some places: at the end, and
// at ever smaller parts of it, in case that what was written last did not survive.
func marksOf(file io.ReaderAt, count int64, size int64, stop func() bool) ([]mark, error) {
	at := map[int64]bool{}
	for n := count; n > 0 && len(at) < maxMarks-1; n = n * 3 / 4 {
		at[n] = true
	}
	sum := sha256.New()
	if count == 0 {
		return []mark{{0, sum.Sum(nil)}}, nil
	}
	var marks []mark
	buffer := make([]byte, ChunkSize)
	for i := range count {
		if stop() {
			return nil, Cancelled
		}
		chunk := buffer[:min(ChunkSize, size-i*ChunkSize)]
		if _, err := file.ReadAt(chunk, i*ChunkSize); err != nil {
			return nil, err
		}
		h := sha256.Sum256(chunk)
		sum.Write(h[:])
		if at[i+1] {
			marks = append(marks, mark{i + 1, sum.Sum(nil)})
		}
	}
	return marks, nil
}

// marks tells what this part has.
func (p *part) marks(stop func() bool) ([]mark, error) {
	info, err := p.file.Stat()
	if err != nil {
		return nil, err
	}
	count := info.Size() / ChunkSize
	if info.Size() == p.entry.Size {
		count = chunks(p.entry.Size)
	}
	return marksOf(p.file, count, p.entry.Size, stop)
}

// keep goes on after the first so many chunks, which are in the file; the rest is cut off.
func (p *part) keep(count int64, stop func() bool) error {
	p.sum.Reset()
	p.chunks = 0
	if err := p.file.Truncate(min(count*ChunkSize, p.entry.Size)); err != nil {
		return err
	}
	buffer := make([]byte, ChunkSize)
	for ; p.chunks < count; p.chunks++ {
		if stop() {
			return Cancelled
		}
		chunk := buffer[:min(ChunkSize, p.entry.Size-p.chunks*ChunkSize)]
		if _, err := p.file.ReadAt(chunk, p.chunks*ChunkSize); err != nil {
			return err
		}
		h := sha256.Sum256(chunk)
		p.sum.Write(h[:])
	}
	return nil
}

// write appends a chunk, whose hash has been checked.
func (p *part) write(chunk []byte, h [sha256.Size]byte) error {
	if _, err := p.file.WriteAt(chunk, p.chunks*ChunkSize); err != nil {
		return err
	}
	p.chunks++
	p.sum.Write(h[:])
	if written := p.chunks * ChunkSize; written%writeBehind == 0 {
		return trickle(p.file, written)
	}
	return nil
}

// writeBehind is how many bytes of a large file are handed to the disk at a time while it arrives. At most twice as
// many wait for it: progress is what the disk has taken, the last sync has little left to do, and what
// other programs have read stays in memory.
const writeBehind = 8 << 20

// length is how long the next chunk must be, 0 after the last.
func (p *part) length() int {
	return int(max(0, min(ChunkSize, p.entry.Size-p.chunks*ChunkSize)))
}

// complete tells whether all chunks are there and the hash over theirs is this one.
func (p *part) complete(h [sha256.Size]byte) bool {
	return p.length() == 0 && [sha256.Size]byte(p.sum.Sum(nil)) == h
}

// sync puts the contents and what belongs to the file on the disk. The name is still the part's.
func (p *part) sync(flush func(*os.File) error) error {
	if err := markOrigin(p.file); err != nil {
		return err
	}
	if !p.entry.Time.IsZero() { // last, since the mark is a change too
		if err := setTime(p.dir.file, p.file, p.name, p.entry.Time); err != nil {
			return err
		}
	}
	return flush(p.file)
}

// maxNumber is how many files of the same name may be numbered.
const maxNumber = 10_000

// publish gives the file its name, or one with a number where that is taken; with replace it takes the place of
// a file of that name. It never writes over anything else. The part is closed.
func (p *part) publish(replace bool) (name string, err error) {
	for n := 1; n <= maxNumber; n++ {
		name = numbered(p.want, n)
		if replace && n == 1 && p.replaceable() {
			err = p.dir.root.Rename(p.name, name)
		} else {
			err = renameNew(p.dir.root, p.dir.file, p.name, name)
		}
		if !errors.Is(err, os.ErrExist) {
			p.file.Close()
			return name, err
		}
	}
	return "", fmt.Errorf("%w: too many files are called %s", Disk, p.want)
}

// replaceable tells whether there is a file with the wanted name that may be replaced.
func (p *part) replaceable() bool {
	info, err := p.dir.root.Lstat(p.want)
	return err == nil && info.Mode().IsRegular() && !linked(info)
}

// discard removes the part.
func (p *part) discard() {
	p.file.Close()
	_ = p.dir.root.Remove(p.name)
}

// suspend leaves the part for another try; an empty one is of no use.
func (p *part) suspend() {
	if p.chunks == 0 {
		if info, err := p.file.Stat(); err != nil || info.Size() < ChunkSize {
			p.discard()
			return
		}
	}
	p.file.Close()
}

// sameTime compares times as coarsely as the coarsest file systems keep them.
func sameTime(a, b time.Time) bool {
	d := a.Sub(b)
	return d > -2*time.Second && d < 2*time.Second
}
