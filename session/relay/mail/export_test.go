package mail

// TextsForTest are all texts by language.
func TextsForTest() map[string]map[string]string { return allTexts }
