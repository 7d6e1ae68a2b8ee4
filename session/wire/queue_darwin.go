package wire

import "golang.org/x/sys/unix"

// notSentLowWater is TCP_NOTSENT_LOWAT of netinet/tcp.h.
const notSentLowWater = 0x201

func shortQueue(fd uintptr) {
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, notSentLowWater, unsentBytes)
}
