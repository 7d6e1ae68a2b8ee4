//go:build !linux

package operator

import "time"

var boot = time.Now()

func monotonic() int64 { return int64(time.Since(boot)) }
