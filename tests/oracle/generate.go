package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/argoproj/argo-cd/v3/reposerver/repository"
	"github.com/argoproj/argo-cd/v3/util/app/discovery"
	apppath "github.com/argoproj/argo-cd/v3/util/app/path"
	"github.com/argoproj/argo-cd/v3/util/cmp"
	"github.com/argoproj/argo-cd/v3/util/git"
	utilio "github.com/argoproj/argo-cd/v3/util/io"
)

// Generation is an Application whose manifests are to be made from a repository that is checked out already.
type Generation struct {
	Application v1alpha1.Application `json:"application"`
	// Repository is the folder of the checkout.
	Repository string `json:"repository"`
	// BuildOptions are kustomize's, as argocd-cm has them.
	BuildOptions string `json:"buildOptions"`
	// Excluded are the globs of what plugins do not get.
	Excluded []string `json:"excluded"`
	// OnlyGeneratePaths sends plugins nothing but what the annotation manifest-generate-paths names.
	OnlyGeneratePaths bool `json:"onlyGeneratePaths"`
	// Seconds that it may take; none are no limit.
	Seconds float64 `json:"seconds"`
	// Changed are files of commits, of which `refresh` tells those that concern the Application.
	Changed []string `json:"changed"`
}

// Generated is what Argo CD makes of it.
type Generated struct {
	Manifests  []json.RawMessage                  `json:"manifests"`
	Parameters []*apiclient.ParameterAnnouncement `json:"parameters"`
	Refresh    []string                           `json:"refresh"`
	Error      string                             `json:"error"`
}

// subcommands are asked one thing about one Application each.
var subcommands = map[string]func(context.Context, *Generation, *Generated) error{
	"manifests":  manifests,
	"parameters": parameters,
	"refresh":    refresh,
}

func once(in io.Reader, out io.Writer, ask func(context.Context, *Generation, *Generated) error) error {
	generation, generated := Generation{}, Generated{}
	if err := json.NewDecoder(in).Decode(&generation); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	ctx := context.Background()
	if generation.Seconds > 0 {
		limited, cancel := context.WithTimeout(ctx, time.Duration(generation.Seconds*float64(time.Second)))
		defer cancel()
		ctx = limited
	}
	if err := ask(ctx, &generation, &generated); err != nil {
		generated.Error = err.Error()
	}
	return json.NewEncoder(out).Encode(generated)
}

// manifests makes them as the repo server does, which asks the plugins' servers at their sockets.
func manifests(ctx context.Context, generation *Generation, generated *Generated) error {
	app, source := &generation.Application, generation.Application.Spec.Source
	request := &apiclient.ManifestRequest{
		AppName:                         app.Name,
		Namespace:                       app.Spec.Destination.Namespace,
		ProjectName:                     app.Spec.GetProject(),
		Repo:                            &v1alpha1.Repository{Repo: source.RepoURL},
		ApplicationSource:               source,
		KustomizeOptions:                &v1alpha1.KustomizeOptions{BuildOptions: generation.BuildOptions},
		HelmOptions:                     &v1alpha1.HelmOptions{},
		AnnotationManifestGeneratePaths: app.Annotations[v1alpha1.AnnotationKeyManifestGeneratePaths],
	}
	response, err := repository.GenerateManifests(
		ctx, filepath.Join(generation.Repository, source.Path), generation.Repository, "HEAD", request, false,
		git.NoopCredsStore{}, resource.MustParse("0"), utilio.NewRandomizedTempPaths(generation.Repository),
		repository.WithCMPTarExcludedGlobs(generation.Excluded),
		repository.WithCMPUseManifestGeneratePaths(generation.OnlyGeneratePaths))
	if err != nil {
		return err
	}
	for _, manifest := range response.Manifests {
		generated.Manifests = append(generated.Manifests, json.RawMessage(manifest))
	}
	return nil
}

// parameters are what a plugin announces, for Argo CD's pages.
func parameters(ctx context.Context, generation *Generation, generated *Generated) error {
	source := generation.Application.Spec.Source
	path := filepath.Join(generation.Repository, source.Path)
	closer, client, err := discovery.DetectConfigManagementPlugin(
		ctx, path, generation.Repository, source.Plugin.Name, nil, generation.Excluded)
	if err != nil {
		return err
	}
	defer utilio.Close(closer)
	stream, err := client.GetParametersAnnouncement(ctx)
	if err != nil {
		return err
	}
	if err := cmp.SendRepoStream(ctx, path, generation.Repository, stream, nil, generation.Excluded); err != nil {
		return err
	}
	announced, err := stream.CloseAndRecv()
	generated.Parameters = announced.GetParameterAnnouncements()
	return err
}

// refresh tells which of the changed files, in a commit of its own, makes Argo CD look at the Application again.
func refresh(_ context.Context, generation *Generation, generated *Generated) error {
	app := &generation.Application
	for _, source := range app.Spec.GetSources() {
		paths := apppath.GetSourceRefreshPaths(app, source)
		for _, file := range generation.Changed {
			if apppath.AppFilesHaveChanged(paths, []string{file}) {
				generated.Refresh = append(generated.Refresh, file)
			}
		}
	}
	return nil
}
