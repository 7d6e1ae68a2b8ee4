//go:build !cgo

package capture

import (
	"fmt"
	"image"
)

// duplicate is the summon of Windows in programs that were compiled without C.
func duplicate([]image.Rectangle) ([]witness, error) {
	return nil, fmt.Errorf("%w: this program was compiled without C", errNever)
}
