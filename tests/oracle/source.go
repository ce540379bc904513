package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	apppath "github.com/argoproj/argo-cd/v3/util/app/path"
	"github.com/argoproj/argo-cd/v3/util/argo"
	"github.com/argoproj/argo-cd/v3/util/git"
	"github.com/argoproj/argo-cd/v3/util/versions"
)

// judgeSource asks what the API server and the repo server ask of one source.
func judgeSource(at int, source v1alpha1.ApplicationSource, app *v1alpha1.Application, verdicts Verdicts) {
	_, err := source.ExplicitType()
	verdicts.addError("renderers", err)
	usesChart := source.IsHelm() && !source.IsOCI()
	if source.IsHelm() && source.IsOCI() {
		verdicts.add("unusedChart", at)
	}
	if usesChart && source.Path != "" {
		verdicts.add("unusedPath", at)
	}
	if source.IsHelm() {
		if _, err := versions.MaxVersion(source.TargetRevision, nil); versions.IsConstraint(source.TargetRevision) {
			verdicts.add("floats", "constraint "+source.TargetRevision)
		} else if err != nil {
			verdicts.add("floats", "neither version nor constraint: "+source.TargetRevision)
		}
	}
	if !usesChart && app.Spec.SourceHydrator == nil {
		judgePath("path", source.Path, verdicts)
	}
	if helm := source.Helm; helm != nil {
		_, err = parseKubeVersion(helm.KubeVersion)
		verdicts.addError("helmKubeVersion", err)
		judgeNamespace("helmNamespace", helm.Namespace, verdicts)
		without := helm.DeepCopy()
		without.Values = ""
		if helm.Values != "" && string(without.ValuesYAML()) == string(helm.ValuesYAML()) && helm.ValuesObject != nil {
			verdicts.add("unusedValues", at)
		}
		if !app.Spec.HasMultipleSources() {
			judgeVariables(source, app, verdicts)
		}
	}
	if kustomize := source.Kustomize; kustomize != nil {
		judgeKustomize(kustomize, verdicts)
	}
}

func judgeKustomize(kustomize *v1alpha1.ApplicationSourceKustomize, verdicts Verdicts) {
	_, err := parseKubeVersion(kustomize.KubeVersion)
	verdicts.addError("kustomizeKubeVersion", err)
	judgeNamespace("kustomizeNamespace", kustomize.Namespace, verdicts)
	for _, replica := range kustomize.Replicas {
		_, err := replica.GetIntCount()
		verdicts.addError("replicas", err)
	}
	labels := map[string]string{}
	for key, value := range kustomize.CommonLabels {
		if !strings.Contains(value, "$") { // what the build environment brings is not known
			labels[key] = value
		}
	}
	for _, err := range metav1validation.ValidateLabels(labels, field.NewPath("commonLabels")) {
		verdicts.add("commonLabels", err)
	}
}

func judgeNamespace(what, namespace string, verdicts Verdicts) {
	if namespace != "" && !argo.IsValidNamespaceName(namespace) {
		verdicts.add(what, namespace)
	}
}

// judgePath asks whether a path leads out of its repository, which is an empty folder here.
func judgePath(what, path string, verdicts Verdicts) {
	_, err := apppath.Path(scratch, path)
	if err != nil && (strings.HasSuffix(err.Error(), "is absolute") || strings.HasSuffix(err.Error(), "outside root")) {
		verdicts.add(what, err)
	}
}

// scratch stands for the root of a repository; nothing is ever in it.
var scratch = os.TempDir() + "/no-such-repository"

// refusedLink finds the first symbolic link that the repo server refuses everything in a checkout for.
func refusedLink(root string) (string, error) {
	err := apppath.CheckOutOfBoundsSymlinks(root)
	if refused := (*apppath.OutOfBoundsSymlinkError)(nil); errors.As(err, &refused) {
		return refused.File, nil
	}
	return "", err
}

// judgeVariables finds value files that begin with a variable that the build environment does not have.
func judgeVariables(source v1alpha1.ApplicationSource, app *v1alpha1.Application, verdicts Verdicts) {
	env := newEnv(&apiclient.ManifestRequest{
		AppName:           "name",
		Namespace:         "namespace",
		ProjectName:       "project",
		Repo:              &v1alpha1.Repository{Repo: "url"},
		ApplicationSource: &v1alpha1.ApplicationSource{Path: "path", TargetRevision: "target"},
	}, "revision")
	for _, file := range valueFiles(source.Helm) {
		if strings.HasPrefix(file, "$") {
			os.Expand(strings.Split(file, "/")[0], func(name string) string {
				if env.Envsubst("${"+name+"}") == "" {
					verdicts.add("variable", name)
				}
				return ""
			})
		}
	}
}

func valueFiles(helm *v1alpha1.ApplicationSourceHelm) []string {
	files := append([]string{}, helm.ValueFiles...)
	for _, parameter := range helm.FileParameters {
		files = append(files, parameter.Path)
	}
	return files
}

// judgeReferences asks for the refs of the sources, and for what value files refer to.
func (w *world) judgeReferences(app *v1alpha1.Application, verdicts Verdicts) {
	sources := app.Spec.GetSources()
	refs, err := argo.GetRefSources(context.Background(), sources, app.Spec.Project, w.repository, nil)
	if err != nil {
		verdicts.add("refs", err)
		verdicts.add("valueFiles", err) // it does not come to these
		return
	}
	resolve := func(*v1alpha1.Repository, string, ...git.ClientOpts) (git.Client, string, error) {
		return nil, strings.Repeat("0", 40), nil
	}
	for at, source := range sources {
		several := app.Spec.HasMultipleSources()
		if _, err := resolveReferencedSources(several, source.Helm, refs, resolve, nil); err != nil {
			verdicts.add("valueFiles", fmt.Sprintf("sources[%d]: %v", at, err))
		}
	}
}
