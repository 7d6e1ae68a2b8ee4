package mux

import (
	"math/bits"
	"sync"
	"unsafe"
)

// Buffers are kept by powers of two from 1 << minClass to 1 << maxClass bytes.
const (
	minClass = 6
	maxClass = 24 // the largest message has 9 MiB; growing it must not copy it for each fragment
)

// pools have the buffers by their first bytes (*byte): to put a slice into one would need a place for the slice.
var pools [maxClass + 1]sync.Pool

// getBuffer gives a slice of n bytes whose contents mean nothing.
func getBuffer(n int) []byte {
	class := max(bits.Len(uint(max(n, 1)-1)), minClass)
	if class > maxClass {
		return make([]byte, n)
	}
	if first, ok := pools[class].Get().(*byte); ok {
		return unsafe.Slice(first, 1<<class)[:n]
	}
	return make([]byte, n, 1<<class)
}

// Recycle takes back a message that Receive gave, to spare the collector. Nobody may use it afterwards.
func Recycle(message []byte) {
	class := bits.Len(uint(max(cap(message), 1) - 1))
	if class < minClass || class > maxClass || cap(message) != 1<<class {
		return
	}
	pools[class].Put(unsafe.SliceData(message))
}

// grow gives a slice of n bytes that begins with message's.
func grow(message []byte, n int) []byte {
	if n <= cap(message) && message != nil {
		return message[:n]
	}
	larger := getBuffer(n)
	copy(larger, message)
	Recycle(message)
	return larger
}
