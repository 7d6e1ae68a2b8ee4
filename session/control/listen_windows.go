package control

import (
	"fmt"
	"net"
)

// listenPrivate makes the socket. Its folder is in the user's profile, which other users cannot enter.
func listenPrivate(path string) (net.Listener, error) {
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return listener, nil
}
