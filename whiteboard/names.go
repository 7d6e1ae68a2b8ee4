package whiteboard

import (
	"fmt"
	"strconv"
	"strings"
)

var kindNames = [kinds]string{
	Pen: "pen", Highlighter: "highlighter", Line: "line", Arrow: "arrow", Rectangle: "rectangle", Ellipse: "ellipse", Text: "text", Eraser: "eraser",
}

func (k Kind) String() string {
	if k == 0 || k >= kinds {
		return fmt.Sprintf("kind %d", uint8(k))
	}
	return kindNames[k]
}

// ParseKind is the kind with a name.
func ParseKind(name string) (Kind, error) {
	for k, known := range kindNames {
		if name == known && name != "" {
			return Kind(k), nil
		}
	}
	return 0, fmt.Errorf("there is no tool %q; there are %s", name, strings.Join(kindNames[1:], ", "))
}

var colorNames = map[string]Color{
	"red": Red, "orange": Orange, "yellow": Yellow, "green": Green, "blue": Blue, "violet": Violet, "black": Black, "white": White,
}

// ParseColor reads the name of one of the colours, or #rrggbb.
func ParseColor(s string) (Color, error) {
	if c, ok := colorNames[s]; ok {
		return c, nil
	}
	v, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32)
	if err != nil || len(s) != 7 || s[0] != '#' {
		return Color{}, fmt.Errorf("there is no colour %q; there are red, orange, yellow, green, blue, violet, black, white and #rrggbb", s)
	}
	return Color{uint8(v >> 16), uint8(v >> 8), uint8(v)}, nil
}

func (c Color) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
