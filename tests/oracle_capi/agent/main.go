// Renders texts as the agent of BYOH renders the files that it writes: by text/template, with one field.
// Reads a list of texts as JSON, and writes the list of what becomes of them.
package main

import (
	"encoding/json"
	"os"
	"strings"
	"text/template"
)

type host struct{ DefaultNetworkInterfaceName string }

func main() {
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		panic(err)
	}
	for at, text := range texts {
		var written strings.Builder
		if err := template.Must(template.New("file").Parse(text)).Execute(&written, host{"eth0"}); err != nil {
			panic(err)
		}
		texts[at] = written.String()
	}
	if err := json.NewEncoder(os.Stdout).Encode(texts); err != nil {
		panic(err)
	}
}
