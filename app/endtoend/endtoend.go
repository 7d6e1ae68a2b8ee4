// Package endtoend tests the built programs as people run them: a relay process, the operator's program, the
// customer's program, each with an X display and a home of its own, and real programs to look at and type into.
//
// The programs are taken from the folder build/ of the tree, or from $HANDRAIL_BUILD; "make build" makes them.
package endtoend
