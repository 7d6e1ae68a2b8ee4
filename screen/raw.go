package screen

// rawPixels is the payload of a raw part as it is, after a check of its length.
func rawPixels(payload []byte, rawLength int) ([]byte, error) {
	if len(payload) != rawLength {
		return nil, malformed("%d bytes of pixels instead of %d", len(payload), rawLength)
	}
	return payload, nil
}
