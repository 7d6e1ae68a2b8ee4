package screen

import "github.com/pierrec/lz4/v4"

// compressLZ4 writes raw as one LZ4 block into dst and returns its length, or 0 when that would not be
// shorter than raw itself. dst must be at least as long as raw.
func compressLZ4(c *lz4.Compressor, dst, raw []byte) int {
	if len(raw) < 2 {
		return 0
	}
	n, err := c.CompressBlock(raw, dst[:len(raw)-1])
	if err != nil {
		return 0 // it did not fit
	}
	return n
}

// decompressLZ4 fills raw, whose length is known, from one LZ4 block.
func decompressLZ4(raw, block []byte) error {
	n, err := lz4.UncompressBlock(block, raw)
	if err != nil {
		return malformed("LZ4 block: %v", err)
	}
	if n != len(raw) {
		return malformed("LZ4 block of %d bytes instead of %d", n, len(raw))
	}
	return nil
}
