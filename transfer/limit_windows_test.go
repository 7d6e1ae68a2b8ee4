package transfer

import "testing"

func limitFiles(t *testing.T, _ uint64) func() {
	t.Skip("there is no such limit on Windows")
	return nil
}
