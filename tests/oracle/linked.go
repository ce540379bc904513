package main

import (
	_ "unsafe" // for go:linkname

	"github.com/argoproj/argo-cd/v3/controller/hydrator"
	"github.com/argoproj/argo-cd/v3/controller/hydrator/types"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	_ "github.com/argoproj/argo-cd/v3/reposerver/repository" // what is linked must be there
	"github.com/argoproj/argo-cd/v3/util/git"
)

// Functions of Argo CD that its packages keep to themselves. The oracle must call them rather than a copy; where one
// is gone or has changed its place, the oracle does not link.

//go:linkname parseKubeVersion github.com/argoproj/argo-cd/v3/reposerver/repository.parseKubeVersion
func parseKubeVersion(version string) (string, error)

//go:linkname newEnv github.com/argoproj/argo-cd/v3/reposerver/repository.newEnv
func newEnv(request *apiclient.ManifestRequest, revision string) *v1alpha1.Env

//go:linkname resolveReferencedSources github.com/argoproj/argo-cd/v3/reposerver/repository.resolveReferencedSources
func resolveReferencedSources(
	hasMultipleSources bool,
	source *v1alpha1.ApplicationSourceHelm,
	refSources map[string]*v1alpha1.RefTarget,
	newClientResolveRevision func(*v1alpha1.Repository, string, ...git.ClientOpts) (git.Client, string, error),
	options git.ClientOpts,
) (map[string]string, error)

//go:linkname getHydrationQueueKey github.com/argoproj/argo-cd/v3/controller/hydrator.getHydrationQueueKey
func getHydrationQueueKey(app *v1alpha1.Application) types.HydrationQueueKey

//go:linkname validateApplications github.com/argoproj/argo-cd/v3/controller/hydrator.(*Hydrator).validateApplications
func validateApplications(
	hydrator *hydrator.Hydrator, apps []*v1alpha1.Application,
) (map[string]*v1alpha1.AppProject, map[string]error)
