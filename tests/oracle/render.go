package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/argoproj/argo-cd/v3/reposerver/repository"
	"github.com/argoproj/argo-cd/v3/util/git"
	utilio "github.com/argoproj/argo-cd/v3/util/io"
)

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
spec:
  selector:
    matchLabels: {app: cart}
  template:
    metadata:
      labels: {app: cart}
    spec:
      containers:
      - name: cart
        image: cart:1.0
`

// repositories are what a source of each kind may find, so that its own settings alone decide.
var repositories = map[string]map[string]string{
	"kustomize": {
		"kustomization.yaml": "resources: [deployment.yaml]\n",
		"deployment.yaml":    deployment,
		"replicas.yaml":      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cart}\nspec: {replicas: 2}\n",
	},
	"helm": {
		"Chart.yaml":                "apiVersion: v2\nname: cart\nversion: 1.2.3\n",
		"templates/deployment.yaml": deployment,
	},
	"directory": {"deployment.yaml": deployment},
}

// render makes the manifests of each source as the repo server does, whatever path or chart it names.
func render(app *v1alpha1.Application, verdicts Verdicts) {
	for at, source := range sourcesOf(&app.Spec) {
		if err := renderSource(app, source); err != nil {
			verdicts.add("rendered", fmt.Sprintf("source %d: %v", at, err))
		}
	}
}

func renderSource(app *v1alpha1.Application, source v1alpha1.ApplicationSource) error {
	kind := "directory"
	switch {
	case source.Plugin != nil:
		return nil
	case source.Kustomize != nil:
		kind = "kustomize"
	case source.Helm != nil || source.Chart != "":
		kind = "helm"
	}
	root, err := scratchRepository(repositories[kind])
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(root) }()
	request := &apiclient.ManifestRequest{
		AppName:           app.Name,
		Namespace:         app.Spec.Destination.Namespace,
		ProjectName:       app.Spec.GetProject(),
		Repo:              &v1alpha1.Repository{Repo: source.RepoURL},
		ApplicationSource: &source,
		KustomizeOptions:  &v1alpha1.KustomizeOptions{},
		HelmOptions:       &v1alpha1.HelmOptions{},
	}
	_, err = repository.GenerateManifests(
		context.Background(), root, root, "HEAD", request, true, git.NoopCredsStore{}, resource.MustParse("0"),
		utilio.NewRandomizedTempPaths(root))
	return err
}

func scratchRepository(files map[string]string) (string, error) {
	root, err := os.MkdirTemp("", "repository")
	if err != nil {
		return "", err
	}
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return "", err
		}
	}
	return root, nil
}
