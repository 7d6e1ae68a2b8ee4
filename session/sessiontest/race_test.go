//go:build race

package sessiontest

// mostAllocations is more with the race detector, with which pools throw buffers away now and then.
const mostAllocations = 30
