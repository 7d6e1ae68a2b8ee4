package assets

import (
	"regexp"
	"strings"
)

// The outlines of the icons are written as briefly as SVG allows, in ways that the program which draws them
// does not know in full: numbers without anything between them, and commands left out where they repeat.

var (
	pathAttribute = regexp.MustCompile(` d="([^"]*)"`)
	pathToken     = regexp.MustCompile(`[a-zA-Z]|[-+]?(?:\d*\.\d+|\d+)`)
)

// pathNumbers is how many numbers each command takes.
var pathNumbers = map[byte]int{'m': 2, 'l': 2, 'h': 1, 'v': 1, 'c': 6, 's': 4, 'q': 4, 't': 2, 'a': 7, 'z': 0}

// spellOut writes all outlines of a drawing in full.
func spellOut(svg string) string {
	return pathAttribute.ReplaceAllStringFunc(svg, func(attribute string) string {
		data := pathAttribute.FindStringSubmatch(attribute)[1]
		return ` d="` + spellOutPath(data) + `"`
	})
}

func spellOutPath(data string) string {
	out := []string{}
	command, numbers := byte(0), 0
	for _, token := range pathToken.FindAllString(data, -1) {
		c := token[0]
		if takes, letter := pathNumbers[c|0x20]; letter && len(token) == 1 && (c < '0' || c > '9') {
			command, numbers = c, takes
			out = append(out, token)
			continue
		}
		if numbers == 0 { // the command repeats; after a move it is a line
			switch command {
			case 'm':
				command = 'l'
			case 'M':
				command = 'L'
			}
			numbers = pathNumbers[command|0x20]
			out = append(out, string(command))
		}
		numbers--
		out = append(out, fullNumber(token))
	}
	return strings.Join(out, " ")
}

// fullNumber gives a number its leading zero.
func fullNumber(n string) string {
	switch {
	case strings.HasPrefix(n, "."):
		return "0" + n
	case strings.HasPrefix(n, "-."):
		return "-0" + n[1:]
	}
	return n
}
