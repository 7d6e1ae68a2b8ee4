package session

import "strings"

// GroupCode is a code as far as it has been typed, its digits in groups as Code.String shows them, so that they are easier
// to compare with what is read out. What has other signs than digits and spaces is left as it is.
func GroupCode(typed string) string {
	digits := len(strings.Join(strings.Fields(typed), ""))
	return group(typed, max(MinRouting, digits-SecretLen), 3, 3)
}

// GroupID is GroupCode for an ID, as Code.ID shows it.
func GroupID(typed string) string { return group(typed, 3, 2, 2) }

// GroupPassword is GroupCode for a password, as Code.Password shows it.
func GroupPassword(typed string) string { return group(typed, 3, 3) }

// group puts digits into groups of these sizes; what is more than these have goes to the last.
func group(typed string, sizes ...int) string {
	digits := strings.Join(strings.Fields(typed), "")
	if strings.Trim(digits, "0123456789") != "" {
		return typed
	}
	var groups []string
	for i, size := range sizes {
		if i == len(sizes)-1 || size > len(digits) {
			size = len(digits)
		}
		if size > 0 {
			groups = append(groups, digits[:size])
			digits = digits[size:]
		}
	}
	return strings.Join(groups, " ")
}
