// Argo CD's servers in one program: the first argument, or the name that it is run under, says which.
//
//	argocd-servers argocd-repo-server --port 8081 …
//	argocd-servers redis 127.0.0.1:6379
//
// They are Argo CD's own commands, as its images run them. In Redis's place stands miniredis, which Argo CD's own tests
// use: the servers keep a cache there, and nothing that must last.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/alicebob/miniredis/v2"
	"github.com/spf13/cobra"

	controller "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	applicationset "github.com/argoproj/argo-cd/v3/cmd/argocd-applicationset-controller/commands"
	cmpserver "github.com/argoproj/argo-cd/v3/cmd/argocd-cmp-server/commands"
	reposerver "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
)

var servers = map[string]func() *cobra.Command{
	"argocd-application-controller":    controller.NewCommand,
	"argocd-applicationset-controller": applicationset.NewCommand,
	"argocd-cmp-server":                cmpserver.NewCommand,
	"argocd-repo-server":               reposerver.NewCommand,
	"redis":                            redis,
}

func main() {
	words := os.Args
	if servers[filepath.Base(words[0])] == nil {
		words = words[1:]
	}
	if len(words) == 0 || servers[filepath.Base(words[0])] == nil {
		fmt.Fprintf(os.Stderr, "say which server: %s\n", strings.Join(names(), ", "))
		os.Exit(2)
	}
	command := servers[filepath.Base(words[0])]()
	command.SetArgs(words[1:])
	if command.Execute() != nil { // which has printed why
		os.Exit(1)
	}
}

func names() []string {
	var names []string
	for name := range servers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// redis serves on the address until it is told to end.
func redis() *cobra.Command {
	return &cobra.Command{
		Use:  "redis ADDRESS",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			server := miniredis.NewMiniRedis()
			if err := server.StartAddr(args[0]); err != nil {
				return err
			}
			defer server.Close()
			end := make(chan os.Signal, 1)
			signal.Notify(end, os.Interrupt, syscall.SIGTERM)
			<-end
			return nil
		},
	}
}
