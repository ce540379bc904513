"""Rules on kustomizations around kloom's configs, and on what a build makes of what they generate."""

from __future__ import annotations

from kloom.validate.repository_rule import RepositoryRule

KUSTOMIZATION = RepositoryRule(
    "kustomization",
    "error",
    "kustomize can read a kustomization around kloom's configs, and what it lists is there.",
    why="A build with such a kustomization fails, or a config that was meant to be listed is never run.",
    source="kustomize api/types/kustomization.go, api/internal/target/kusttarget.go",
    bad="""\
# kustomization.yaml
generators: [applications.yaml]
resorces: [namespace.yaml]
""",
    good="""\
# kustomization.yaml
generators: [applications.yaml]
resources: [namespace.yaml]
""",
)
FILE_OUTSIDE = RepositoryRule(
    "file-outside-kustomization",
    "error",
    "A kustomization around kloom's configs lists files of its own folder and of folders below it.",
    why="kustomize refuses other files, unless it runs with --load-restrictor LoadRestrictionsNone.",
    source="kustomize api/internal/loader/loadrestrictions.go RestrictionRootOnly",
    bad="""\
# dev/kustomization.yaml
generators: [applications.yaml]
resources: [../namespace.yaml]
""",
    good="""\
# dev/kustomization.yaml
generators: [applications.yaml]
resources: [namespace.yaml]
""",
)
MISPLACED = RepositoryRule(
    "config-among-resources",
    "error",
    "Configs of kloom's are listed under generators, transformers or validators, not under resources.",
    why="kustomize prints a config under resources as if it were to be applied, runs nothing and is content.",
    source="kustomize api/internal/target/kusttarget.go",
    bad="""\
# kustomization.yaml
resources: [applications.yaml]
""",
    good="""\
# kustomization.yaml
generators: [applications.yaml]
""",
)
UNGUARDED = RepositoryRule(
    "exec-without-guard",
    "error",
    "A build with an exec function lists the guard, which fails where kustomize skipped the function.",
    why="Without --enable-exec kustomize skips an exec function and prints nothing of what it makes; Argo CD prunes.",
    source="kustomize#4399; overlays/components/guard",
    bad="""\
# applications.yaml
metadata: {annotations: {config.kubernetes.io/function: "exec: {path: kloom}"}}
# kustomization.yaml
generators: [applications.yaml]
""",
    good="""\
# applications.yaml
metadata: {annotations: {config.kubernetes.io/function: "exec: {path: kloom}"}}
# kustomization.yaml
generators: [applications.yaml]
components: [components/guard]
""",
)
APPLICATIONS_MOVED = RepositoryRule(
    "applications-moved",
    "error",
    "A kustomization's namespace does not move generated Applications to where Argo CD does not look.",
    why="kustomize sets it in every Application: Argo CD, which looks in its own namespace and in those that "
    "AppProjects permit, finds none of them, and prunes those that were there.",
    source="kustomize api/filters/namespace; argo-cd docs/operator-manual/app-any-namespace.md",
    bad="""\
# kustomization.yaml
generators: [applications.yaml]
namespace: dev
""",
    good="""\
# common-values.yaml
destination: {namespace: dev}
""",
)
APPLICATIONS_RENAMED = RepositoryRule(
    "applications-renamed",
    "warning",
    "The names of generated Applications are said in values, not by a kustomization's prefix or suffix.",
    why="kloom checks that names are valid, short enough and unique before kustomize changes them.",
    source="docs/values.md",
    bad="""\
# kustomization.yaml
generators: [applications.yaml]
namePrefix: shop-
""",
    good="""\
# common-values.yaml
global: {nameFormat: "shop-{service}-{cluster}"}
""",
)
CLUSTERS_RENAMED = RepositoryRule(
    "clusters-renamed",
    "error",
    "A kustomization renames and moves no generated cluster, unless a transformer mends what refers to it.",
    why="kustomize does not know the references of Cluster API, so they lead to names that are gone.",
    source="kustomize api/internal/konfig/builtinpluginconsts/namereference.go; docs/clusters.md",
    bad="""\
# clusters.yaml
kind: ByohClusterGenerator
# kustomization.yaml
generators: [clusters.yaml]
namePrefix: east-
""",
    good="""\
# clusters.yaml
kind: ByohClusterGenerator
# mended.yaml
apiVersion: kloom.dev/v1alpha1
kind: ByohMachineTemplateTransformer
metadata: {name: mended}
# kustomization.yaml
generators: [clusters.yaml]
namePrefix: east-
transformers: [mended.yaml]
""",
)
REFUSED = RepositoryRule(
    "refused-by-transformer",
    "error",
    "What a build hands to a transformer of kloom's is what it can transform.",
    why="A build fails with what the transformer says.",
    source="docs/cluster-endpoints.md, docs/byoh-machine-templates.md",
    bad="""\
# kustomization.yaml
resources: [cart.yaml]
transformers: [endpoints.yaml]
# cart.yaml
spec: {destination: {name: cluster-C}}  # nothing tells its endpoint
""",
    good="""\
# kustomization.yaml
resources: [cart.yaml]
transformers: [endpoints.yaml]
# cart.yaml
spec: {destination: {name: cluster-A}}
""",
)
NOT_RUN = RepositoryRule(
    "transformer-not-run",
    "info",
    "Where a transformer or validator of kloom's was not run, only a build tells whether it passes.",
    why="What it is given is not known without kustomize: a field of the kustomization changes it, or it is fetched.",
    source="docs/validate.md",
    bad="""\
# kustomization.yaml
resources: [cart.yaml]
transformers: [endpoints.yaml]
patches: [{path: patch.yaml}]
""",
    good="""\
# kustomization.yaml
resources: [cart.yaml]
transformers: [endpoints.yaml]
""",
)
OF_BUILDS = (KUSTOMIZATION, REFUSED)
"""What a build fails with: no rule that comments silence."""
IGNORABLE = (
    FILE_OUTSIDE,
    MISPLACED,
    UNGUARDED,
    APPLICATIONS_MOVED,
    APPLICATIONS_RENAMED,
    CLUSTERS_RENAMED,
    NOT_RUN,
)
