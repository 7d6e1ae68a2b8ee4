// Package console lets a program that is linked for windows, not for a terminal, write to the terminal it was started
// from. Only Windows tells the two apart.
package console

// Attach connects os.Stdin, os.Stdout and os.Stderr with the terminal that the program was started from, if there
// is one and they lead nowhere yet. To be called first thing in main.
func Attach() { attach() }
