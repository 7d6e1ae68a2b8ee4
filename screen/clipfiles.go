package screen

import (
	"net/url"
	"path/filepath"
	"strings"
)

// FileClipboard is this computer's clipboard as file managers use it: for files and folders that were copied and are
// to be pasted. Methods are safe for concurrent use.
type FileClipboard interface {
	// SetFiles puts files and folders of this computer on it, by their full paths, as if they had been copied here.
	SetFiles(paths []string) error
	// Close gives it back. What was set may be lost with it.
	Close() error
}

// MaxClipFiles is how many files and folders on a clipboard are looked at.
const MaxClipFiles = 1000

// FileURI is a path as programs hand it to each other: file:///home/anna/a%20letter.odt.
func FileURI(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/Users
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// URIPath is the path of a file on this computer, or "" for anything else.
func URIPath(uri string) string {
	u, err := url.Parse(strings.TrimSpace(uri))
	if err != nil || u.Scheme != "file" || u.Host != "" && u.Host != "localhost" || !strings.HasPrefix(u.Path, "/") {
		return ""
	}
	return filepath.Clean(filepath.FromSlash(u.Path))
}
