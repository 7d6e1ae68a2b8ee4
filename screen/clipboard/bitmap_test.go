package clipboard

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"runtime"
	"testing"
)

func TestPicturesOfOtherPrograms(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 31, 17))
	for y := range 17 {
		for x := range 31 {
			img.SetNRGBA(x, y, color.NRGBA{byte(8 * x), byte(15 * y), 77, 255})
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	dib, err := toDIB(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	back, err := png.Decode(bytes.NewReader(fromDIB(dib)))
	if err != nil {
		t.Fatal(err)
	}
	for y := range 17 {
		for x := range 31 {
			if color.NRGBAModel.Convert(back.At(x, y)) != img.At(x, y) {
				t.Fatalf("pixel %d, %d is %v instead of %v", x, y, back.At(x, y), img.At(x, y))
			}
		}
	}
	if fromDIB([]byte("no picture")) != nil || fromDIB(make([]byte, 100)) != nil {
		t.Error("nonsense is taken for a picture")
	}
}

// TestWhatABitmapIsMadeOf has pictures of all kinds of PNG made into bitmaps: what is transparent becomes white.
func TestWhatABitmapIsMadeOf(t *testing.T) {
	rect := image.Rect(0, 0, 3, 2)
	half := color.NRGBA{R: 255, A: 128}
	for name, test := range map[string]struct {
		img  interface{ Set(x, y int, c color.Color) }
		want color.NRGBA // of the pixel 1, 1, which was set to half
	}{
		"8 bits":          {image.NewNRGBA(rect), color.NRGBA{255, 127, 127, 255}},
		"16 bits":         {image.NewNRGBA64(rect), color.NRGBA{255, 127, 127, 255}},
		"with a palette":  {image.NewPaletted(rect, color.Palette{color.Transparent, half}), color.NRGBA{255, 127, 127, 255}},
		"opaque":          {image.NewRGBA(rect), color.NRGBA{255, 127, 127, 255}},
		"grey":            {image.NewGray(rect), color.NRGBA{38, 38, 38, 255}},
		"grey in 16 bits": {image.NewGray16(rect), color.NRGBA{38, 38, 38, 255}},
	} {
		test.img.Set(1, 1, half)
		var file bytes.Buffer
		if err := png.Encode(&file, test.img.(image.Image)); err != nil {
			t.Fatal(name, err)
		}
		dib, err := toDIB(file.Bytes())
		if err != nil {
			t.Fatal(name, err)
		}
		back, err := png.Decode(bytes.NewReader(fromDIB(dib)))
		if err != nil || back.Bounds() != rect {
			t.Fatalf("%s: %v", name, err)
		}
		got := color.NRGBAModel.Convert(back.At(1, 1)).(color.NRGBA)
		near := func(a, b byte) bool { return max(a, b)-min(a, b) <= 1 }
		if !near(got.R, test.want.R) || !near(got.G, test.want.G) || !near(got.B, test.want.B) {
			t.Errorf("%s: %v instead of %v", name, got, test.want)
		}
	}
	if _, err := toDIB([]byte("no picture")); err == nil {
		t.Error("nonsense is taken for a picture")
	}
}

// maxSide is the side of the largest square that is made into a bitmap, in pixels.
const maxSide = 4096

// plainPNG is a square of one colour, half transparent, with 16 bits a channel: a small file of a large picture.
func plainPNG(t *testing.T, side int) []byte {
	t.Helper()
	row := append([]byte{0}, bytes.Repeat([]byte{0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0x80, 0}, side)...)
	var one bytes.Buffer // a row, which stands for itself: all of them are the same
	w, err := flate.NewWriter(&one, flate.BestCompression)
	if err == nil {
		_, err = w.Write(row)
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	sum := adler32.New()
	for range side {
		_, _ = sum.Write(row)
	}
	pixels := append([]byte{0x78, 0xda}, bytes.Repeat(one.Bytes(), side)...)
	pixels = append(pixels, 1, 0, 0, 0xff, 0xff) // the last block, empty
	pixels = sum.Sum(pixels)
	file := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		file = binary.BigEndian.AppendUint32(file, uint32(len(data)))
		file = append(append(file, kind...), data...)
		file = binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(file[len(file)-len(data)-4:]))
	}
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(side)), uint32(side))
	chunk("IHDR", append(header, 16, 6, 0, 0, 0))
	chunk("IDAT", pixels)
	chunk("IEND", nil)
	return file
}

// TestALargePictureTakesLittle has pictures made into bitmaps that are much larger than their files.
func TestALargePictureTakesLittle(t *testing.T) {
	for _, picture := range []struct {
		side   int // pixels
		bitmap bool
		most   uint64 // bytes that may be taken for it
	}{
		{1024, true, 13 << 20}, // 8 bytes a pixel while it is decoded, 3 in the bitmap
		{maxSide + 1, false, 1 << 20},
		{8192, false, 1 << 20},
	} {
		file := plainPNG(t, picture.side)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		dib, err := toDIB(file)
		runtime.ReadMemStats(&after)
		if err != nil || (dib != nil) != picture.bitmap {
			t.Errorf("%d: a bitmap of %d bytes: %v", picture.side, len(dib), err)
		}
		taken := after.TotalAlloc - before.TotalAlloc
		t.Logf("a file of %d bytes with %d×%[2]d pixels took %d MiB", len(file), picture.side, taken>>20)
		if taken > picture.most {
			t.Errorf("more than %d MiB", picture.most>>20)
		}
	}
	if size := (image.Config{Width: 2 * 3840, Height: 2160}); !bounded(size) {
		t.Error("two monitors of 4K are too large")
	}
}

// TestABitmapThatLies reads one of few bytes whose header speaks of many pixels.
func TestABitmapThatLies(t *testing.T) {
	dib, err := toDIB(plainPNG(t, 10))
	if err != nil {
		t.Fatal(err)
	}
	binary.LittleEndian.PutUint32(dib[4:], 1<<15)
	binary.LittleEndian.PutUint32(dib[8:], 1<<15)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := fromDIB(dib)
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; got != nil || taken > 1<<20 {
		t.Errorf("%d bytes were made of it, and %d MiB taken", len(got), taken>>20)
	}
}
