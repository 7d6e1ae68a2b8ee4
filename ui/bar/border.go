package bar

import "image"

// borderWidth is how many pixels wide the frame around what is shared is.
const borderWidth = 3

// sides are the four narrow rectangles along the edges of a monitor.
func sides(m image.Rectangle) [4]image.Rectangle {
	return [4]image.Rectangle{
		{Min: m.Min, Max: image.Pt(m.Max.X, m.Min.Y+borderWidth)},
		{Min: image.Pt(m.Min.X, m.Max.Y-borderWidth), Max: m.Max},
		{Min: m.Min, Max: image.Pt(m.Min.X+borderWidth, m.Max.Y)},
		{Min: image.Pt(m.Max.X-borderWidth, m.Min.Y), Max: m.Max},
	}
}
