//go:build !linux

package main

// giveBackCode does nothing: these systems do not count what they can read again from a program's file.
func giveBackCode() {}
