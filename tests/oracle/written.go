package main

import (
	"encoding/json"
	"path"
	"strconv"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/git"
)

// judgeWritten tells which zero values of a manifest's spec are gone once Argo CD has read it into its types and written
// it back. Others are gone only where it does not know the field, which unknownField tells.
func judgeWritten(text []byte, app *v1alpha1.Application, verdicts Verdicts) {
	written, err := json.Marshal(app)
	if err != nil {
		verdicts.addError("decode", err)
		return
	}
	before, after := map[string]any{}, map[string]any{}
	_ = json.Unmarshal(text, &before) // it has been read before
	_ = json.Unmarshal(written, &after)
	tellDropped("", before["spec"], after["spec"], verdicts)
}

func tellDropped(at string, before, after any, verdicts Verdicts) {
	switch said := before.(type) {
	case map[string]any:
		kept, _ := after.(map[string]any)
		for key, value := range said {
			if _, ok := kept[key]; ok {
				tellDropped(at+key+".", value, kept[key], verdicts)
			} else if isZero(value) {
				verdicts.add("dropped", at+key)
			}
		}
	case []any:
		kept, _ := after.([]any)
		for i, value := range said {
			if i < len(kept) {
				tellDropped(at+strconv.Itoa(i)+".", value, kept[i], verdicts)
			}
		}
	}
}

func isZero(value any) bool {
	switch said := value.(type) {
	case map[string]any:
		return len(said) == 0
	case []any:
		return len(said) == 0
	default:
		return said == "" || said == false || said == 0.0
	}
}

// judgeConcurrency tells of replicas, which `kustomize edit` writes into the checkout, where Argo CD may render that
// checkout for another Application at the same time.
func judgeConcurrency(apps []*v1alpha1.Application, verdicts []Verdicts) {
	places := map[[3]string]map[int]bool{}
	each := func(look func(place [3]string, at int, source v1alpha1.ApplicationSource)) {
		for at, app := range apps {
			for _, source := range sourcesOf(&app.Spec) {
				kind, err := source.ExplicitType()
				isKustomize := err == nil && (kind == nil || *kind == v1alpha1.ApplicationSourceTypeKustomize)
				if isKustomize && source.Path != "" && !source.IsHelm() && !source.IsOCI() && source.AllowsConcurrentProcessing() {
					revision := source.TargetRevision
					if revision == "" {
						revision = "HEAD"
					}
					look([3]string{git.NormalizeGitURL(source.RepoURL), revision, path.Clean(source.Path)}, at, source)
				}
			}
		}
	}
	each(func(place [3]string, at int, _ v1alpha1.ApplicationSource) {
		if places[place] == nil {
			places[place] = map[int]bool{}
		}
		places[place][at] = true
	})
	each(func(place [3]string, at int, source v1alpha1.ApplicationSource) {
		if len(places[place]) > 1 && source.Kustomize != nil && len(source.Kustomize.Replicas) > 0 {
			verdicts[at].add("concurrent", place[2])
		}
	})
}
