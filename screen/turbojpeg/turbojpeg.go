// Package turbojpeg writes JPEG pictures with the system's libjpeg-turbo, several times as fast as the standard
// library. The library is looked for when the program runs: nothing needs it, neither to build nor to start.
//
//	config.NewJPEG = turbojpeg.New // nil where the library is missing: the standard library does it then
package turbojpeg
