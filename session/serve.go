package session

import (
	"context"
	"sync"

	"handrail/session/wire"
)

// ServeAll runs a session's loops until all have ended; stop ends them, and is called as soon as one has. The
// first loop is the one that receives control messages: its error is why the session is over, because it
// alone reads the other side's own word; an error of another loop counts where that says that the peer broke
// the protocol or that this computer failed, not merely that the channel is gone.
func ServeAll(ctx context.Context, stop func(), control func() error, others ...func() error) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var own error
	for _, loop := range others {
		wg.Go(func() {
			defer stop()
			err := loop()
			mu.Lock()
			defer mu.Unlock()
			if own == nil && ctx.Err() == nil && isOwn(err) {
				own = err
			}
		})
	}
	result := control()
	stop()
	wg.Wait()
	if own != nil {
		return own
	}
	return result
}

// isOwn tells an error that a loop found itself from one that all loops see when the channel is gone.
func isOwn(err error) bool {
	switch ReasonOf(err) {
	case wire.ReasonProtocol, wire.ReasonNoScreen:
		return true
	}
	return false
}
