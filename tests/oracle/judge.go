package main

import (
	"context"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"github.com/argoproj/gitops-engine/pkg/sync/common"
	"github.com/argoproj/gitops-engine/pkg/sync/syncwaves"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kjson "sigs.k8s.io/json"

	"github.com/argoproj/argo-cd/v3/controller/hydrator"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/argo"
	"github.com/argoproj/argo-cd/v3/util/argo/normalizers"
)

// judge holds every manifest of a request against Argo CD.
func judge(request Request) Answer {
	world := &world{clusters: request.Clusters, namespace: request.Namespace, servers: serversByName(request.Secrets)}
	answer := Answer{Applications: []Verdicts{}, Projects: []Verdicts{}, Checkouts: []string{}}
	for _, text := range request.Projects {
		verdicts, project := Verdicts{}, &v1alpha1.AppProject{}
		if decode(text, project, verdicts) {
			verdicts.addError("project", project.ValidateProject())
			if world.projects == nil {
				world.projects = map[string]*v1alpha1.AppProject{}
			}
			world.projects[project.Name] = project
		}
		answer.Projects = append(answer.Projects, verdicts)
	}
	apps := make([]*v1alpha1.Application, 0, len(request.Applications))
	for _, text := range request.Applications {
		verdicts, app := Verdicts{}, &v1alpha1.Application{}
		if decode(text, app, verdicts) {
			world.judgeApplication(app, verdicts)
			judgeWritten(text, app, verdicts)
			if request.Render {
				render(app, verdicts)
			}
			if request.Root != "" {
				judgeFiles(request.Root, app, app.InstanceName(world.namespace), verdicts)
			}
		}
		apps = append(apps, app)
		answer.Applications = append(answer.Applications, verdicts)
	}
	judgeConcurrency(apps, answer.Applications)
	world.judgeHydration(apps, answer.Applications)
	return answer
}

// decode reads a manifest as a strict client does, and tells whether it could be read at all.
func decode(text []byte, into any, verdicts Verdicts) bool {
	unknown, err := kjson.UnmarshalStrict(text, into)
	for _, field := range unknown {
		verdicts.add("unknownField", field)
	}
	verdicts.addError("decode", err)
	return err == nil
}

func (w *world) judgeApplication(app *v1alpha1.Application, verdicts Verdicts) {
	defer func() {
		if crash := recover(); crash != nil { // Argo CD's own: it does on "/" among a project's sourceNamespaces
			verdicts.add("crash", crash)
		}
	}()
	w.judgeMetadata(app, verdicts)
	w.judgePermissions(app, verdicts)
	w.judgeDestination(app.Spec.Destination, verdicts)
	if len(sourcesOf(&app.Spec)) == 0 {
		w.ask("noSource", v1alpha1.ApplicationSpec{}, verdicts)
	}
	for i, source := range sourcesOf(&app.Spec) {
		w.judgeLocation(source, &app.Spec, verdicts)
		judgeSource(i, source, app, verdicts)
		judgeScheme(source, verdicts)
	}
	if app.Spec.SourceHydrator != nil {
		judgePath("hydratorPath", app.Spec.SourceHydrator.DrySource.Path, verdicts)
		judgePath("hydratorPath", app.Spec.SourceHydrator.SyncSource.Path, verdicts)
	}
	w.judgeReferences(app, verdicts)
	judgeNormalized(&app.Spec, verdicts)
	judgeSyncPolicy(app.Spec.SyncPolicy, verdicts)
	judgeIgnoreDifferences(app.Spec.IgnoreDifferences, verdicts)
}

// sourcesOf are the sources that Argo CD uses, of a hydrator the dry one.
func sourcesOf(spec *v1alpha1.ApplicationSpec) v1alpha1.ApplicationSources {
	if dry := spec.SourceHydrator; dry != nil {
		source := dry.GetDrySource()
		source.Helm, source.Kustomize = dry.DrySource.Helm, dry.DrySource.Kustomize
		source.Directory, source.Plugin = dry.DrySource.Directory, dry.DrySource.Plugin
		return v1alpha1.ApplicationSources{source}
	}
	return spec.GetSources()
}

// judgeMetadata asks Kubernetes for what it refuses, and Argo CD for what it makes of annotations and finalizers.
func (w *world) judgeMetadata(app *v1alpha1.Application, verdicts Verdicts) {
	if !argo.IsValidAppName(app.Name) {
		verdicts.add("name", app.Name)
	}
	meta := app.ObjectMeta.DeepCopy()
	if meta.Namespace == "" {
		meta.Namespace = "argocd"
	}
	for _, err := range validation.ValidateObjectMeta(meta, true, validation.NameIsDNSSubdomain, field.NewPath("metadata")) {
		verdicts.add("metadata", err)
	}
	for _, condition := range argo.ValidateManagedByURL(app) {
		verdicts.add("managedByURL", condition.Message)
	}
	judgeWave(app.Annotations, verdicts)
	judgeFinalizers(app.Finalizers, verdicts)
	judgeTracking(app.InstanceName(w.namespace), verdicts)
}

// judgeWave tells whether Argo CD takes the wave that a hook weight says, which it does where it cannot read the wave.
func judgeWave(annotations map[string]string, verdicts Verdicts) {
	wave, ok := annotations[common.AnnotationSyncWave]
	if !ok {
		return
	}
	object := &unstructured.Unstructured{Object: map[string]any{}}
	object.SetAnnotations(map[string]string{common.AnnotationSyncWave: wave, "helm.sh/hook-weight": "7777"})
	if syncwaves.Wave(object) == 7777 && wave != "7777" {
		verdicts.add("wave", "no number: "+wave)
	}
}

// judgeFinalizers tells of those that ask for no deletion of resources, and of several that do.
func judgeFinalizers(finalizers []string, verdicts Verdicts) {
	cascades := map[string]bool{}
	for _, finalizer := range finalizers {
		alone := &v1alpha1.Application{ObjectMeta: metav1.ObjectMeta{Finalizers: []string{finalizer}}}
		if alone.CascadedDeletion() {
			cascades[alone.GetPropagationPolicy()] = true
		} else {
			verdicts.add("finalizer", finalizer)
		}
	}
	if len(cascades) > 1 {
		verdicts.add("cascades", len(cascades))
	}
}

// judgeTracking asks Kubernetes about an object with the label that Argo CD tracks an Application of this name by.
func judgeTracking(name string, verdicts Verdicts) {
	object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap"}}
	err := argo.NewResourceTracking().SetAppInstance(
		object, "app.kubernetes.io/instance", name, "", v1alpha1.TrackingMethodLabel, "")
	verdicts.addError("tracking", err)
	for _, err := range metav1validation.ValidateLabels(object.GetLabels(), field.NewPath("labels")) {
		verdicts.add("tracking", err)
	}
}

// judgePermissions asks what the controller asks at every refresh: the project, and all of ValidatePermissions.
func (w *world) judgePermissions(app *v1alpha1.Application, verdicts Verdicts) {
	project, err := w.project(app)
	if err != nil {
		verdicts.add("projectMissing", err)
		return
	}
	if !project.IsAppNamespacePermitted(app, w.namespace) {
		verdicts.add("namespaceDenied", argo.ErrProjectNotPermitted(app.Name, app.Namespace, project.Name))
	}
	conditions, err := argo.ValidatePermissions(context.Background(), &app.Spec, project, w)
	verdicts.addError("permissions", err)
	for _, condition := range conditions {
		verdicts.add("permissions", condition.Message)
	}
	for _, source := range sourcesOf(&app.Spec) {
		if source.RepoURL != "" && !project.IsSourcePermitted(source) {
			verdicts.add("sourceDenied", source.RepoURL)
		}
	}
	if cluster, err := argo.GetDestinationCluster(context.Background(), app.Spec.Destination, w); err == nil {
		permitted, err := project.IsDestinationPermitted(cluster, app.Spec.Destination.Namespace, nil)
		if verdicts.addError("destinationDenied", err); !permitted {
			verdicts.add("destinationDenied", cluster.Server+" "+app.Spec.Destination.Namespace)
		}
	}
}

func (w *world) judgeDestination(destination v1alpha1.ApplicationDestination, verdicts Verdicts) {
	_, err := argo.GetDestinationCluster(context.Background(), destination, w)
	verdicts.addError("destination", err)
	if destination.Namespace != "" && !argo.IsValidNamespaceName(destination.Namespace) {
		verdicts.add("destinationNamespace", destination.Namespace)
	}
}

// judgeLocation asks ValidatePermissions about one source. It stops at the first fault that it finds, so it is asked
// once for each, of a source that has the others set right.
func (w *world) judgeLocation(source v1alpha1.ApplicationSource, spec *v1alpha1.ApplicationSpec, verdicts Verdicts) {
	if hydrator := spec.SourceHydrator; hydrator != nil {
		w.ask("hydrator", v1alpha1.ApplicationSpec{SourceHydrator: hydrator}, verdicts)
		return
	}
	several := spec.HasMultipleSources()
	withRepo, withPath, withRevision := source, source, source
	withPath.Path, withPath.Chart = "deploy", ""
	withRepo.RepoURL, withRevision.RepoURL = "https://git.example.com/shop.git", "https://git.example.com/shop.git"
	withRevision.TargetRevision = "1.2.3"
	for what, source := range map[string]v1alpha1.ApplicationSource{
		"repo": withPath, "revision": withRepo, "location": withRevision,
	} {
		if what == "revision" && source.Chart == "" {
			continue
		}
		spec := v1alpha1.ApplicationSpec{Source: &source}
		if several {
			spec = v1alpha1.ApplicationSpec{Sources: v1alpha1.ApplicationSources{source}}
		}
		w.ask(what, spec, verdicts)
	}
}

func (w *world) ask(what string, spec v1alpha1.ApplicationSpec, verdicts Verdicts) {
	spec.Destination = v1alpha1.ApplicationDestination{Server: v1alpha1.KubernetesInternalAPIServerAddr}
	conditions, err := argo.ValidatePermissions(context.Background(), &spec, everything, w)
	verdicts.addError(what, err)
	for _, condition := range conditions {
		verdicts.add(what, condition.Message)
	}
}

// judgeNormalized tells what the controller takes out of the live Application or puts in.
func judgeNormalized(spec *v1alpha1.ApplicationSpec, verdicts Verdicts) {
	normalized := argo.NormalizeApplicationSpec(spec)
	if spec.Project != normalized.Project {
		verdicts.add("normalized", "project")
	}
	if !reflect.DeepEqual(spec.SyncPolicy, normalized.SyncPolicy) {
		verdicts.add("normalized", "syncPolicy")
	}
	before, after := fieldsOf(spec.Source), fieldsOf(normalized.Source)
	for _, renderer := range []string{"helm", "kustomize", "directory"} {
		if !reflect.DeepEqual(before[renderer], after[renderer]) {
			verdicts.add("normalized", "source."+renderer)
		}
	}
	if !reflect.DeepEqual(spec.Sources, normalized.Sources) {
		verdicts.add("normalized", "sources")
	}
}

func fieldsOf(source *v1alpha1.ApplicationSource) map[string]any {
	fields := map[string]any{}
	if text, err := json.Marshal(source); err == nil {
		_ = json.Unmarshal(text, &fields) // it has just been written
	}
	return fields
}

func judgeSyncPolicy(policy *v1alpha1.SyncPolicy, verdicts Verdicts) {
	if policy == nil {
		return
	}
	if policy.Retry != nil {
		_, err := policy.Retry.NextRetryAt(metav1.Now().Time, 1)
		verdicts.addError("retry", err)
	}
	if namespace := policy.ManagedNamespaceMetadata; namespace != nil {
		path := field.NewPath("managedNamespaceMetadata")
		errs := metav1validation.ValidateLabels(namespace.Labels, path.Child("labels"))
		errs = append(errs, validation.ValidateAnnotations(namespace.Annotations, path.Child("annotations"))...)
		for _, err := range errs {
			verdicts.add("namespaceMetadata", err)
		}
	}
}

// judgeIgnoreDifferences builds the normalizer, and lets it remove what each JSON pointer points to.
func judgeIgnoreDifferences(entries []v1alpha1.ResourceIgnoreDifferences, verdicts Verdicts) {
	_, err := normalizers.NewIgnoreNormalizer(entries, nil, normalizers.IgnoreNormalizerOpts{})
	verdicts.addError("ignoreDifferences", err)
	for _, entry := range entries {
		for _, pointer := range entry.JSONPointers {
			if !isFollowed(pointer) {
				verdicts.add("pointer", pointer)
			}
		}
	}
}

// isFollowed tells whether the normalizer removes something by the pointer, from an object that has been made for it.
func isFollowed(pointer string) bool {
	normalizer, err := normalizers.NewIgnoreNormalizer(
		[]v1alpha1.ResourceIgnoreDifferences{{Kind: "*", JSONPointers: []string{pointer}}},
		nil, normalizers.IgnoreNormalizerOpts{})
	if err != nil {
		return false
	}
	object := &unstructured.Unstructured{Object: objectFor(pointer)}
	before := object.DeepCopy()
	return normalizer.Normalize(object) == nil && !reflect.DeepEqual(before, object)
}

func objectFor(pointer string) map[string]any {
	object := map[string]any{"apiVersion": "v1", "kind": "Probe"}
	steps := strings.FieldsFunc(pointer, func(sign rune) bool { return sign == '/' || sign == '.' })
	if strings.HasPrefix(pointer, "/") {
		steps = strings.Split(pointer[1:], "/")
	}
	at := object
	for i, step := range steps {
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		if i == len(steps)-1 {
			at[step] = "probe"
			break
		}
		next, ok := at[step].(map[string]any)
		if !ok {
			next = map[string]any{}
			at[step] = next
		}
		at = next
	}
	return object
}

// judgeHydration asks the hydrator about all Applications that it writes to one branch together.
func (w *world) judgeHydration(apps []*v1alpha1.Application, verdicts []Verdicts) {
	places := map[string]int{}
	for i, app := range apps {
		if app.Spec.SourceHydrator == nil {
			continue
		}
		app.Name = app.Name + "#" + strconv.Itoa(i) // two of one name are no matter of the hydrator
		places[app.QualifiedName()] = i
	}
	judge := hydrator.NewHydrator(w, 0, nil, nil, nil)
	byBranch := map[any][]*v1alpha1.Application{}
	for _, app := range apps {
		if app.Spec.SourceHydrator != nil {
			key := getHydrationQueueKey(app)
			byBranch[key] = append(byBranch[key], app)
		}
	}
	for _, together := range byBranch {
		_, errs := validateApplications(judge, together)
		for name, err := range errs {
			verdicts[places[name]].add("hydration", err)
		}
	}
}
