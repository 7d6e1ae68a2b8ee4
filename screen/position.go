package screen

// Positions of keys are numbered as Linux does (input-event-codes.h). Other systems have numbers of their own for the same keys.

// windowsExtended are the keys that Windows marks as extended, by the second byte of their scan codes. All others up to 88 have
// the scan codes of the first set, which Linux's numbers come from.
var windowsExtended = map[uint16]uint16{
	96: 0x1c, 97: 0x1d, 98: 0x35, 99: 0x37, 100: 0x38, 102: 0x47, 103: 0x48, 104: 0x49, 105: 0x4b, 106: 0x4d, 107: 0x4f,
	108: 0x50, 109: 0x51, 110: 0x52, 111: 0x53, 125: 0x5b, 126: 0x5c, 127: 0x5d,
}

// numLock is the key that Windows' programs inject with the mark; keyboards send it without.
const numLock = 69

// WindowsScanCode is a key's scan code on Windows and its mark. ok is false for keys that Windows does not have there.
func WindowsScanCode(position uint16) (scan uint16, extended, ok bool) {
	if scan, ok := windowsExtended[position]; ok {
		return scan, true, true
	}
	if position == numLock {
		return position, true, true
	}
	return position, false, position > 0 && position <= 88 && position != 84 && position != 85
}

// PositionOfWindows is the position of a scan code as windows on Windows get it: marked ones have bit 8. 0 is none.
func PositionOfWindows(scan int) uint16 {
	const mark = 0x100
	if scan&mark == 0 {
		if scan > 0 && scan <= 88 {
			return uint16(scan)
		}
		return 0
	}
	if scan == mark|numLock {
		return numLock
	}
	for position, code := range windowsExtended {
		if int(code) == scan&^mark {
			return position
		}
	}
	return 0
}

// macKeys are macOS' numbers of keys (Events.h in its Carbon framework) by their positions.
var macKeys = map[uint16]uint16{
	1: 0x35, 2: 0x12, 3: 0x13, 4: 0x14, 5: 0x15, 6: 0x17, 7: 0x16, 8: 0x1a, 9: 0x1c, 10: 0x19, 11: 0x1d, 12: 0x1b, 13: 0x18,
	14: 0x33, 15: 0x30, 16: 0x0c, 17: 0x0d, 18: 0x0e, 19: 0x0f, 20: 0x11, 21: 0x10, 22: 0x20, 23: 0x22, 24: 0x1f, 25: 0x23,
	26: 0x21, 27: 0x1e, 28: 0x24, 29: 0x3b, 30: 0x00, 31: 0x01, 32: 0x02, 33: 0x03, 34: 0x05, 35: 0x04, 36: 0x26, 37: 0x28,
	38: 0x25, 39: 0x29, 40: 0x27, 41: 0x32, 42: 0x38, 43: 0x2a, 44: 0x06, 45: 0x07, 46: 0x08, 47: 0x09, 48: 0x0b, 49: 0x2d,
	50: 0x2e, 51: 0x2b, 52: 0x2f, 53: 0x2c, 54: 0x3c, 55: 0x43, 56: 0x3a, 57: 0x31, 58: 0x39, 59: 0x7a, 60: 0x78, 61: 0x63,
	62: 0x76, 63: 0x60, 64: 0x61, 65: 0x62, 66: 0x64, 67: 0x65, 68: 0x6d, 69: 0x47, 71: 0x59, 72: 0x5b, 73: 0x5c, 74: 0x4e,
	75: 0x56, 76: 0x57, 77: 0x58, 78: 0x45, 79: 0x53, 80: 0x54, 81: 0x55, 82: 0x52, 83: 0x41, 86: 0x0a, 87: 0x67, 88: 0x6f,
	96: 0x4c, 97: 0x3e, 98: 0x4b, 100: 0x3d, 102: 0x73, 103: 0x7e, 104: 0x74, 105: 0x7b, 106: 0x7c, 107: 0x77, 108: 0x7d,
	109: 0x79, 110: 0x72, 111: 0x75, 117: 0x51, 125: 0x37, 126: 0x36, 127: 0x6e,
}

// MacKey is macOS' number of a key. ok is false for keys that Macs do not have.
func MacKey(position uint16) (key uint16, ok bool) {
	key, ok = macKeys[position]
	return key, ok
}

// PositionOfMac is the position of macOS' number of a key, 0 if it has none.
func PositionOfMac(key int) uint16 {
	for position, k := range macKeys {
		if int(k) == key {
			return position
		}
	}
	return 0
}
