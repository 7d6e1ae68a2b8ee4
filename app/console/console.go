// Package console has what our programs need to write to a terminal, a pipe or a log: one that is linked for windows, not for a
// terminal, which only Windows tells apart, reaches the terminal it was started from; and one outlives whoever read its output.
package console

// Attach connects os.Stdin, os.Stdout and os.Stderr with the terminal that the program was started from, if there
// is one and they lead nowhere yet. To be called first thing in main.
func Attach() { attach() }
