package screen

import (
	"bytes"
	"image"
	"math/rand/v2"
	"testing"
	"time"
)

// painter makes pictures like those of a desktop.
type painter struct {
	fb     *Framebuffer
	random *rand.Rand
}

func newPainter(width, height int, seed uint64) *painter {
	return &painter{NewFramebuffer(width, height, BGRX), rand.New(rand.NewPCG(seed, 1))}
}

// rect is one within the picture, at least a pixel large.
func (p *painter) rect() image.Rectangle {
	x, y := p.random.IntN(p.fb.Width), p.random.IntN(p.fb.Height)
	return image.Rect(x, y, x+1+p.random.IntN(p.fb.Width-x), y+1+p.random.IntN(p.fb.Height-y))
}

func (p *painter) pixel(x, y int, b, g, r byte) { copy(p.fb.row(x, x+1, y), []byte{b, g, r, 9}) }

// photo paints something like a photograph.
func (p *painter) photo(r image.Rectangle) {
	a, b := p.random.IntN(200), p.random.IntN(200)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			v := byte(a + x + p.random.IntN(4))
			p.pixel(x, y, v, v+byte(y), byte(b+y*2+p.random.IntN(4)))
		}
	}
}

// text paints something like text.
func (p *painter) text(r image.Rectangle) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			v := byte(255)
			if p.random.IntN(6) == 0 && y%14 > 3 {
				v = byte(p.random.IntN(4)) * 60
			}
			p.pixel(x, y, v, v, v)
		}
	}
}

// change changes the picture in some way and returns where.
func (p *painter) change() (dirty image.Rectangle, guesses []Move) {
	r := p.rect()
	switch p.random.IntN(7) {
	case 0:
		p.photo(r)
	case 1, 2:
		p.text(r)
	case 3:
		p.fb.fill(r, []byte{byte(p.random.IntN(256)), 7, byte(p.random.IntN(256)), 0})
	case 4: // scrolled
		if dy := p.random.IntN(r.Dy()); dy > 0 {
			p.fb.Move(Move{To: image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Max.Y-dy), From: image.Pt(r.Min.X, r.Min.Y+dy)})
			p.text(image.Rect(r.Min.X, r.Max.Y-dy, r.Max.X, r.Max.Y))
		}
	case 6: // pushed to a side
		if dx := p.random.IntN(r.Dx()); dx > 0 {
			p.sideways(r, dx*(1-2*p.random.IntN(2)))
		}
	case 5: // a window was moved, or that is what is said
		from := image.Pt(p.random.IntN(p.fb.Width-r.Dx()+1), p.random.IntN(p.fb.Height-r.Dy()+1))
		m := Move{To: r, From: from}
		guesses = append(guesses, m)
		if p.random.IntN(4) > 0 {
			p.fb.Move(m)
		}
		r = r.Union(m.Source())
	}
	return r, guesses
}

// sideways pushes what is in a rectangle to the left, or to the right where dx is negative.
func (p *painter) sideways(r image.Rectangle, dx int) {
	if dx > 0 {
		p.fb.Move(Move{To: image.Rect(r.Min.X, r.Min.Y, r.Max.X-dx, r.Max.Y), From: image.Pt(r.Min.X+dx, r.Min.Y)})
		p.text(image.Rect(r.Max.X-dx, r.Min.Y, r.Max.X, r.Max.Y))
		return
	}
	p.fb.Move(Move{To: image.Rect(r.Min.X-dx, r.Min.Y, r.Max.X, r.Max.Y), From: r.Min})
	p.text(image.Rect(r.Min.X, r.Min.Y, r.Min.X-dx, r.Max.Y))
}

// pipe is the customer's side and the viewer's, without a network.
type pipe struct {
	dirty    Region
	comparer Comparer
	finder   MoveFinder
	planner  Planner
	encoder  Encoder
	decoder  *Decoder
	now      time.Time
	parts    int
	lossy    bool // the last update had something lossy
}

// send brings over what has changed within the dirty rectangles.
func (p *pipe) send(t testing.TB, fb *Framebuffer, guesses []Move, full bool) {
	b := Budget{Now: p.now, Loss: true, Full: full}
	moves := p.finder.Find(p.comparer.Last(), fb, p.dirty.Rects(), guesses, p.planner.Movable)
	for _, m := range moves {
		p.dirty.Add(m.To)
	}
	plan := p.planner.Plan(fb, moves, p.comparer.Compare(fb, p.dirty.Rects()), b)
	p.dirty.Clear()
	if !full {
		p.planner.Refine(fb, b, 1<<20)
	}
	p.lossy = len(plan.Lossy) > 0
	if err := p.encoder.Write(fb, plan, Depth24, func(part []byte) error {
		p.parts++
		_, err := p.decoder.Decode(bytes.Clone(part))
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestTwoHundredRandomChanges: whatever is drawn, moved, scrolled or played, whatever waits because the way is full,
// and however small or large the desktop gets meanwhile: half a second after the last change the viewer has the same
// pixels.
func TestTwoHundredRandomChanges(t *testing.T) {
	for seed := range uint64(2) {
		p := newPainter(700, 500, seed)
		c := &pipe{decoder: NewDecoder(RGBA, Limits{}), now: time.Unix(1000, 0)}
		c.dirty.Add(p.fb.Bounds())
		video := image.Rect(128, 64, 450, 300)
		for i := range 200 {
			if i%50 == 49 {
				p.fb = NewFramebuffer(200+p.random.IntN(700), 350+p.random.IntN(300), BGRX)
				c.planner.Reset()
				c.dirty.Clear()
				c.dirty.Add(p.fb.Bounds())
				video = video.Intersect(p.fb.Bounds())
			}
			var guesses []Move
			if i%40 < 20 {
				p.photo(video)
				c.dirty.Add(video)
			}
			if i%3 == 0 {
				var r image.Rectangle
				r, guesses = p.change()
				c.dirty.Add(r)
			}
			c.now = c.now.Add(40 * time.Millisecond)
			c.send(t, p.fb, guesses, i%7 > 4)
			if i%20 == 19 {
				c.settle(t, p.fb)
				sameColours(t, c.decoder.Framebuffer(), p.fb, Depth24)
			}
		}
		if c.planner.owing != 0 || c.planner.losing != 0 {
			t.Errorf("%d tiles are owed and %d lossy", c.planner.owing, c.planner.losing)
		}
	}
}

// settle lets time pass until nothing is due any more.
func (p *pipe) settle(t testing.TB, fb *Framebuffer) {
	for range 20 {
		due, ok := p.planner.Due()
		if !ok {
			return
		}
		if due.After(p.now) {
			p.now = due
		}
		p.send(t, fb, nil, false)
	}
	t.Fatal("there is always something due")
}

// TestMovingPicturesAreLossyOnlyWhileTheyMove follows one from its first image to its last.
func TestMovingPicturesAreLossyOnlyWhileTheyMove(t *testing.T) {
	p := newPainter(640, 480, 5)
	c := &pipe{decoder: NewDecoder(RGBA, Limits{}), now: time.Unix(1000, 0)}
	c.dirty.Add(p.fb.Bounds())
	c.send(t, p.fb, nil, false)
	video := image.Rect(100, 100, 500, 400)
	lossy := 0
	for range 20 {
		p.photo(video)
		c.dirty.Add(video)
		c.now = c.now.Add(33 * time.Millisecond)
		c.parts = 0
		c.send(t, p.fb, nil, false)
		if c.lossy {
			lossy++
			if c.parts > 2 { // a corner is too small to tell
				t.Errorf("an image in %d parts", c.parts)
			}
		}
	}
	if lossy < 15 || lossy == 20 {
		t.Errorf("%d of 20 images were lossy", lossy)
	}
	due, ok := c.planner.Due()
	if !ok || due.Sub(c.now) != stillness {
		t.Errorf("refined after %v", due.Sub(c.now))
	}
	c.settle(t, p.fb)
	sameColours(t, c.decoder.Framebuffer(), p.fb, Depth24)
}

// TestWhatIsStillWithinAMovingPicture is sent with it, as similar as the rest, and exactly in the end.
func TestWhatIsStillWithinAMovingPicture(t *testing.T) {
	p := newPainter(640, 480, 8)
	c := &pipe{decoder: NewDecoder(RGBA, Limits{}), now: time.Unix(1000, 0)}
	video, still := image.Rect(64, 64, 384, 384), image.Rect(192, 192, 256, 256)
	p.text(still)
	c.dirty.Add(p.fb.Bounds())
	c.send(t, p.fb, nil, false)
	lossy := 0
	for range 20 {
		p.photo(image.Rect(video.Min.X, video.Min.Y, video.Max.X, still.Min.Y))
		p.photo(image.Rect(video.Min.X, still.Min.Y, still.Min.X, still.Max.Y))
		p.photo(image.Rect(still.Max.X, still.Min.Y, video.Max.X, still.Max.Y))
		p.photo(image.Rect(video.Min.X, still.Max.Y, video.Max.X, video.Max.Y))
		c.dirty.Add(video)
		c.now = c.now.Add(33 * time.Millisecond)
		c.send(t, p.fb, nil, false)
		if c.lossy {
			lossy++
			if len(c.planner.plan.Lossy) != 1 {
				t.Fatalf("the picture is sent in %d pieces", len(c.planner.plan.Lossy))
			}
			if exact := len(c.planner.plan.Plain) + len(c.planner.plan.Fills) + len(c.planner.plan.Photos); exact > 0 {
				t.Errorf("%d pieces are sent exactly that are sent lossily, too", exact)
			}
		}
	}
	if lossy == 0 {
		t.Error("nothing was lossy")
	}
	c.settle(t, p.fb)
	sameColours(t, c.decoder.Framebuffer(), p.fb, Depth24)
}

// TestTypingPassesAFullWindow: what is cold is sent while what is hot has to wait.
func TestTypingPassesAFullWindow(t *testing.T) {
	p := newPainter(640, 480, 6)
	c := &pipe{decoder: NewDecoder(RGBA, Limits{}), now: time.Unix(1000, 0)}
	video, word := image.Rect(0, 0, 256, 256), image.Rect(300, 300, 340, 312)
	for i := range 30 {
		p.photo(video)
		p.text(word)
		c.dirty.Add(video)
		c.dirty.Add(word)
		c.now = c.now.Add(33 * time.Millisecond)
		c.send(t, p.fb, nil, i >= 20)
		if c.lossy && i >= 20 {
			t.Fatal("an image was sent into a full window")
		}
	}
	got := c.decoder.Framebuffer()
	for y := word.Min.Y; y < word.Max.Y; y++ {
		for x := word.Min.X; x < word.Max.X; x++ {
			if got.row(x, x+1, y)[0] != p.fb.row(x, x+1, y)[0] {
				t.Fatal("the word did not arrive")
			}
		}
	}
	if !c.planner.Owing() {
		t.Error("the image is forgotten")
	}
}

// TestScrollingIsCopied also says how exact the search is.
func TestScrollingIsCopied(t *testing.T) {
	p := newPainter(1000, 800, 7)
	p.text(p.fb.Bounds())
	var f MoveFinder
	last := NewFramebuffer(1000, 800, BGRX)
	last.CopyFrom(p.fb, p.fb.Bounds())
	window := image.Rect(100, 90, 900, 700)
	p.fb.Move(Move{To: image.Rect(100, 90, 900, 700-42), From: image.Pt(100, 90+42)})
	p.text(image.Rect(100, 700-42, 900, 700))
	moves := f.Find(last, p.fb, []image.Rectangle{window}, nil, func(image.Rectangle) bool { return true })
	if len(moves) != 1 || !image.Rect(100, 90, 900, 658).In(moves[0].To) || moves[0].From != image.Pt(100, 132) {
		t.Fatalf("found %v", moves)
	}
	var c Comparer
	c.last, c.tiles = last, make([]image.Rectangle, 16)
	for _, r := range c.Compare(p.fb, []image.Rectangle{window}) {
		if !r.In(image.Rect(100, 658, 900, 700)) {
			t.Errorf("%v differs after the move", r)
		}
	}
}

// TestWhatIsPushedToASideIsCopied: of a table that is scrolled to a side only the new columns are sent.
func TestWhatIsPushedToASideIsCopied(t *testing.T) {
	table := image.Rect(130, 70, 900, 560)
	for _, dx := range []int{1, 17, 200, -1, -40, -333} {
		p := newPainter(1000, 600, 5)
		p.text(p.fb.Bounds())
		c := &pipe{now: time.Unix(1000, 0)}
		c.dirty.Add(p.fb.Bounds())
		c.comparer.Compare(p.fb, c.dirty.Rects())
		p.sideways(table, dx)
		dirty := []image.Rectangle{table.Inset(-5)} // the window system is not exact
		moves := c.finder.Find(c.comparer.Last(), p.fb, dirty, nil, c.planner.Movable)
		if len(moves) != 1 || moves[0].To.Min.X-moves[0].From.X != -dx || moves[0].To.Min.Y != moves[0].From.Y {
			t.Errorf("%d pixels: found %v", dx, moves)
			continue
		}
		left := 0
		for _, r := range c.comparer.Compare(p.fb, append(dirty, moves[0].To)) {
			left += area(r)
		}
		if most := (max(dx, -dx)+2*tileSize)*table.Dy() + 2*tileSize*table.Dx(); left > most {
			t.Errorf("%d pixels: %d pixels are left to be sent, at most %d should be", dx, left, most)
		}
	}
}
