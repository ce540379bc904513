package main

import (
	"net/url"
	"path/filepath"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/client"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/helm"
)

// judgeScheme asks whether there is a protocol to get a source by; nobody is ever called for it.
func judgeScheme(source v1alpha1.ApplicationSource, verdicts Verdicts) {
	switch {
	case source.RepoURL == "" || source.IsOCI():
	case source.IsHelm():
		judgeSchemeOfCharts(source.RepoURL, verdicts)
	default:
		judgeSchemeOfGit(source.RepoURL, verdicts)
	}
}

// judgeSchemeOfGit asks the library by which Argo CD finds what a revision is. It takes what is no URL for a folder,
// and one that is not absolute for a folder where the repo server happens to have started.
func judgeSchemeOfGit(repoURL string, verdicts Verdicts) {
	endpoint, err := transport.NewEndpoint(repoURL)
	if err == nil {
		_, err = client.NewClient(endpoint)
	}
	verdicts.addError("scheme", err)
	if err == nil && endpoint.Protocol == "file" && !strings.Contains(repoURL, "://") && !filepath.IsAbs(repoURL) {
		verdicts.add("scheme", "a folder beside the repo server: "+repoURL)
	}
}

// judgeSchemeOfCharts asks Argo CD for the index of a repository of this scheme where nothing answers.
func judgeSchemeOfCharts(repoURL string, verdicts Verdicts) {
	parsed, err := url.Parse(repoURL)
	if err != nil {
		verdicts.add("scheme", err)
		return
	}
	if helm.IsHelmOciRepo(repoURL) {
		return
	}
	message, known := indexErrors.Load(parsed.Scheme)
	if !known {
		nowhere := url.URL{Scheme: parsed.Scheme, Host: "127.0.0.1:1", Path: "/"}
		_, err = helm.NewClient(nowhere.String(), helm.HelmCreds{}, false, "", "").GetIndex(true, 1)
		message = err.Error()
		indexErrors.Store(parsed.Scheme, message)
	}
	if text, _ := message.(string); strings.Contains(text, "unsupported protocol scheme") {
		verdicts.add("scheme", text)
	}
}

var indexErrors sync.Map
