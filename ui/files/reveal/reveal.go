// Package reveal opens the folder that a file is in, with the file selected where the system can do that.
//
//	reveal.Show(path)
package reveal

// Show opens the folder of a file or folder with an absolute path. It does not wait.
func Show(path string) { go show(path) }
