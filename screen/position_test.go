package screen

import "testing"

func TestPositionsOfOtherSystems(t *testing.T) {
	windows, macs := 0, 0
	for position := uint16(1); position < 248; position++ {
		if scan, extended, ok := WindowsScanCode(position); ok {
			windows++
			as := int(scan)
			if extended {
				as |= 0x100
			}
			if back := PositionOfWindows(as); back != position {
				t.Errorf("%d is %#x on Windows, and that is %d", position, as, back)
			}
		}
		if key, ok := MacKey(position); ok {
			macs++
			if back := PositionOfMac(int(key)); back != position {
				t.Errorf("%d is %#x on macOS, and that is %d", position, key, back)
			}
		}
	}
	if windows < 100 || macs < 100 {
		t.Errorf("Windows has %d keys, and macOS %d", windows, macs)
	}
	for _, known := range []struct{ position, windows, mac uint16 }{{30, 0x1e, 0x00}, {57, 0x39, 0x31}, {103, 0x48, 0x7e}, {125, 0x5b, 0x37}} {
		scan, _, _ := WindowsScanCode(known.position)
		key, _ := MacKey(known.position)
		if scan != known.windows || key != known.mac {
			t.Errorf("%d is %#x and %#x", known.position, scan, key)
		}
	}
	for _, no := range []int{0, 0x59, 0x100, 0x1ff, -1, 1 << 20} {
		if at := PositionOfWindows(no); at != 0 {
			t.Errorf("%#x is a key: %d", no, at)
		}
	}
}
