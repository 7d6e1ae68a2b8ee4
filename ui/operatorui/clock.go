package operatorui

import "time"

// now is the time that minutes are counted by; pictures of windows are taken at a fixed one.
var now = time.Now
