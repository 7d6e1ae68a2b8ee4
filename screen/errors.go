package screen

import "errors"

// ErrResized says that the desktop has another size than the caller thinks.
var ErrResized = errors.New("screen: the desktop has changed its size")
