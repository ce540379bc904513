package main

import (
	"context"
	"encoding/json"
	"os"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/argoproj/argo-cd/v3/reposerver/repository"
	apppath "github.com/argoproj/argo-cd/v3/util/app/path"
	"github.com/argoproj/argo-cd/v3/util/argo"
	"github.com/argoproj/argo-cd/v3/util/git"
	utilio "github.com/argoproj/argo-cd/v3/util/io"
)

// judgeFiles asks what becomes of the sources of an Application, each of which is from the folder root: whether files
// override them, and whether they can be rendered.
func judgeFiles(root string, app *v1alpha1.Application, name string, verdicts Verdicts) {
	for _, source := range sourcesOf(argo.NormalizeApplicationSpec(&app.Spec)) {
		path, err := apppath.Path(root, source.Path)
		if err != nil {
			verdicts.add("rendered", err)
			continue
		}
		merged := source.DeepCopy()
		if _, err := repository.GetAppSourceType(context.Background(), merged, path, root, name, nil, nil, nil); err != nil {
			verdicts.add("overridden", err)
		} else if text(merged) != text(&source) {
			verdicts.add("overridden", text(merged))
		}
		verdicts.addError("rendered", renderFrom(root, path, app, source, name))
	}
}

func text(source *v1alpha1.ApplicationSource) string {
	text, _ := json.Marshal(source) // it has just been read
	return string(text)
}

// renderFrom renders in a copy, as kustomize edit changes files.
func renderFrom(root, path string, app *v1alpha1.Application, source v1alpha1.ApplicationSource, name string) error {
	copied, err := os.MkdirTemp("", "repository")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(copied) }()
	if err := os.CopyFS(copied, os.DirFS(root)); err != nil {
		return err
	}
	request := &apiclient.ManifestRequest{
		AppName:           name,
		Namespace:         app.Spec.Destination.Namespace,
		ProjectName:       app.Spec.GetProject(),
		Repo:              &v1alpha1.Repository{Repo: source.RepoURL},
		ApplicationSource: &source,
		KustomizeOptions:  &v1alpha1.KustomizeOptions{},
		HelmOptions:       &v1alpha1.HelmOptions{},
	}
	_, err = repository.GenerateManifests(
		context.Background(), copied+path[len(root):], copied, "HEAD", request, true, git.NoopCredsStore{},
		resource.MustParse("0"), utilio.NewRandomizedTempPaths(copied))
	return err
}
