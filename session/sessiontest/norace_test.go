//go:build !race

package sessiontest

const mostAllocations = 2
