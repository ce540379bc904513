// The oracle answers what Argo CD's own code says of Applications and AppProjects.
//
// It reads one request a line from stdin, in JSON, and writes one answer a line to stdout. A verdict is a list of
// messages; what Argo CD has nothing to say against is left out. No cluster, no network and no Git is needed.
//
// With a subcommand (generate.go) it reads one request about one Application and its repository instead.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/sirupsen/logrus"
)

// Request is what is laid before Argo CD: manifests, and what it knows beside them.
type Request struct {
	Applications []json.RawMessage `json:"applications"`
	// Projects that Argo CD has; where it is absent, every project is there and permits everything.
	Projects []json.RawMessage `json:"projects"`
	// Clusters by name; where it is absent, every cluster is known.
	Clusters map[string]string `json:"clusters"`
	// Namespace that Argo CD itself runs in.
	Namespace string `json:"namespace"`
	// Render asks for the manifests of each source too, from a scratch folder; that starts kustomize and helm.
	Render bool `json:"render"`
	// Checkouts are folders, each a repository's root, whose symbolic links are looked at.
	Checkouts []string `json:"checkouts"`
	// Root is the folder that stands for the repository of every source, if sources are to be held against files.
	Root string `json:"root"`
	// Secrets are those of clusters, which Argo CD finds by the names that they say.
	Secrets []json.RawMessage `json:"secrets"`
}

// Verdicts are messages by what was looked at.
type Verdicts map[string][]string

// Answer has the verdicts on each manifest, in the order of the request.
type Answer struct {
	Applications []Verdicts `json:"applications"`
	Projects     []Verdicts `json:"projects"`
	// Checkouts have the link that Argo CD refuses each of them for; an empty text where there is none.
	Checkouts []string `json:"checkouts"`
}

func (verdicts Verdicts) add(what string, message any) {
	verdicts[what] = append(verdicts[what], fmt.Sprint(message))
}

func (verdicts Verdicts) addError(what string, err error) {
	if err != nil {
		verdicts.add(what, err)
	}
}

func answer(line []byte) ([]byte, error) {
	request := Request{Namespace: "argocd"}
	if err := json.Unmarshal(line, &request); err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	answer := judge(request)
	for _, root := range request.Checkouts {
		link, err := refusedLink(root)
		if err != nil {
			return nil, err
		}
		answer.Checkouts = append(answer.Checkouts, link)
	}
	return json.Marshal(answer)
}

func main() {
	logrus.SetOutput(io.Discard)
	answers := serve
	if len(os.Args) > 1 && subcommands[os.Args[1]] != nil {
		answers = func(in io.Reader, out io.Writer) error { return once(in, out, subcommands[os.Args[1]]) }
	}
	if err := answers(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve answers the lines in their order, several at once.
func serve(in io.Reader, out io.Writer) error {
	type result struct {
		line []byte
		err  error
	}
	waiting := make(chan chan result, 8*runtime.NumCPU())
	go func() {
		defer close(waiting)
		free := make(chan struct{}, runtime.NumCPU())
		lines := bufio.NewReader(in)
		for {
			line, err := lines.ReadBytes('\n')
			if len(line) > 0 {
				place := make(chan result, 1)
				waiting <- place
				free <- struct{}{}
				go func() {
					defer func() { <-free }()
					text, err := answer(line)
					place <- result{text, err}
				}()
			}
			if err != nil {
				return
			}
		}
	}()
	writer := bufio.NewWriter(out)
	for place := range waiting {
		result := <-place
		if result.err != nil {
			return result.err
		}
		if _, err := fmt.Fprintf(writer, "%s\n", result.line); err != nil {
			return err
		}
		if len(waiting) == 0 { // who asks one by one waits for this
			if err := writer.Flush(); err != nil {
				return err
			}
		}
	}
	return writer.Flush()
}
