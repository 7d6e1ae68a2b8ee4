//go:build !linux

package theme

// Desktop is System: this system says whether it is light or dark.
func Desktop() Variant { return System }
