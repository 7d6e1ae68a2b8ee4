package whiteboard

import (
	"bytes"
	"slices"
	"unicode"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/fontscan"
	"github.com/go-text/typesetting/segmenter"
	"github.com/go-text/typesetting/shaping"
)

// UseEmoji gives the font in which emoji are drawn, an OpenType file. Programs that are given the same one draw the same;
// what it lacks is drawn with the system's. Without it, or if it is no font, only the system's are used.
func UseEmoji(file []byte) {
	fonts.mu.Lock()
	fonts.emojiFile, fonts.emojiFont = file, nil
	fonts.mu.Unlock()
	fonts.generation.Add(1)
}

// emojiLocked is the font that was given, or nil. It is read when somebody first writes an emoji.
func (f *fontBook) emojiLocked() *font.Face {
	if f.emojiFile != nil {
		f.emojiFont, _ = font.ParseTTF(bytes.NewReader(f.emojiFile))
		f.emojiFile = nil
	}
	return f.emojiFont
}

// Signs that say how the one before them is drawn, or join it with others.
const (
	asText   = '\uFE0E'
	asEmoji  = '\uFE0F'
	joiner   = '\u200D'
	keycap   = '\u20E3'
	firstTag = '\U000E0020'
	lastTag  = '\U000E007F'
)

// pictures are the signs below U+1F000 that are emoji when nothing else is said: those with Emoji_Presentation in
// Unicode's emoji-data.txt.
var pictures = &unicode.RangeTable{R16: []unicode.Range16{
	{0x231A, 0x231B, 1},
	{0x23E9, 0x23EC, 1},
	{0x23F0, 0x23F3, 3},
	{0x25FD, 0x25FE, 1},
	{0x2614, 0x2615, 1},
	{0x2648, 0x2653, 1},
	{0x267F, 0x2693, 0x14},
	{0x26A1, 0x26AA, 9},
	{0x26AB, 0x26BD, 0x12},
	{0x26BE, 0x26C4, 6},
	{0x26C5, 0x26CE, 9},
	{0x26D4, 0x26EA, 0x16},
	{0x26F2, 0x26F3, 1},
	{0x26F5, 0x26FA, 5},
	{0x26FD, 0x2705, 8},
	{0x270A, 0x270B, 1},
	{0x2728, 0x274C, 0x24},
	{0x274E, 0x2753, 5},
	{0x2754, 0x2755, 1},
	{0x2757, 0x2757, 1},
	{0x2795, 0x2797, 1},
	{0x27B0, 0x27BF, 15},
	{0x2B1B, 0x2B1C, 1},
	{0x2B50, 0x2B55, 5},
}}

// isEmoji tells whether what is seen as one sign is a picture in colours. From U+1F000 on, where Unicode has emoji among
// signs that hardly any font has, all are taken for it.
func isEmoji(sign []rune) bool {
	switch {
	case slices.Contains(sign, asText):
		return false
	case slices.Contains(sign, asEmoji):
		return true
	}
	return unicode.Is(pictures, sign[0]) || sign[0] >= 0x1F000 && sign[0] < 0x20000
}

// stretch is a part of a text, in letters.
type stretch struct{ from, to int }

// emojiIn is where a text has emoji.
func emojiIn(text []rune) []stretch {
	if !slices.ContainsFunc(text, func(r rune) bool { return r == asEmoji || r >= 0x1F000 || unicode.Is(pictures, r) }) {
		return nil
	}
	var found []stretch
	var graphemes segmenter.Segmenter
	graphemes.Init(text)
	for signs := graphemes.GraphemeIterator(); signs.Next(); {
		if sign := signs.Grapheme(); isEmoji(sign.Text) {
			found = append(found, stretch{sign.Offset, sign.Offset + len(sign.Text)})
		}
	}
	return found
}

// withEmoji gives each emoji in a text a run and a font of its own; the runs are those of the text without regard to them.
func withEmoji(runs []shaping.Input, text []rune) []shaping.Input {
	emoji := emojiIn(text)
	if len(emoji) == 0 {
		return slices.Clone(runs)
	}
	var list []shaping.Input
	for _, run := range runs {
		from, end := run.RunStart, run.RunEnd
		for _, sign := range emoji {
			if sign.to <= from || sign.from >= end {
				continue
			}
			if sign.from > from {
				list = append(list, part(run, from, sign.from, run.Face))
			}
			if sign.from >= run.RunStart { // else the run before has it
				list = append(list, part(run, sign.from, sign.to, fonts.emojiFace(text[sign.from:sign.to])))
			}
			from = sign.to
		}
		if from < end {
			list = append(list, part(run, from, end, run.Face))
		}
	}
	return list
}

func part(run shaping.Input, from, to int, face *font.Face) shaping.Input {
	run.RunStart, run.RunEnd, run.Face = from, to, face
	return run
}

// emojiFace is the font for an emoji.
func (f *fontBook) emojiFace(sign []rune) *font.Face {
	f.mu.Lock()
	defer f.mu.Unlock()
	if given := f.emojiLocked(); given != nil && covers(given, sign) {
		return given
	}
	if f.system != nil {
		f.system.SetQuery(fontscan.Query{Families: []string{fontscan.Emoji}})
		if face := f.system.ResolveFace(sign[0]); face != nil && covers(face, sign) {
			return face
		}
	}
	return f.goLocked()
}

// covers tells whether a font has everything that a sign is made of.
func covers(face *font.Face, sign []rune) bool {
	for _, r := range sign {
		if r == asEmoji || r == joiner || r >= firstTag && r <= lastTag {
			continue
		}
		if _, ok := face.NominalGlyph(r); !ok {
			return false
		}
	}
	return true
}
