package editing

import (
	"embed"
	"strings"
)

//go:embed templates
var templates embed.FS

// Templates are the kinds that a new document can be started from.
func Templates() (kinds []string) {
	files, _ := templates.ReadDir("templates") // it is part of the program
	for _, file := range files {
		kinds = append(kinds, strings.TrimSuffix(file.Name(), ".yaml"))
	}
	return kinds
}

// Template is the text that a new document of the kind starts from.
func Template(kind string) (text string, ok bool) {
	content, err := templates.ReadFile("templates/" + kind + ".yaml")
	return string(content), err == nil
}
