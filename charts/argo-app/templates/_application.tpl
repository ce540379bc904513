{{- /*
One Argo CD Application out of levels of values.

An app is a map that tells all there is to know of one Application:
  title    what its errors start with
  service  the service's name
  cluster  the cluster's name, "" where there is none
  global   the values that hold for every cluster
  levels   the values that hold for this one, nearest first: each with its `values` and with `place`, what is put
           before a field's name to tell where it stands ("cluster-A.", "roles.active.", "top-level ")

A named template gives text. One that looks a value up puts it into the map `into` instead, since text does not know
1 from "1".
*/ -}}

{{- /*
argo-app.enabled: "true" for values whose `enable` is the boolean true, else nothing.
Usage: {{ if include "argo-app.enabled" .Values }}
*/ -}}
{{- define "argo-app.enabled" -}}
{{- if eq (toJson .enable) "true" -}}
true
{{- end -}}
{{- end -}}

{{- /*
argo-app.printedByParent: "true" where the parent chart prints the Application, else nothing. Here it never does;
argo-app-root has its own definition, and Helm lets a parent's definition win over its sub-charts'.
Usage: {{ if include "argo-app.printedByParent" . }}
*/ -}}
{{- define "argo-app.printedByParent" -}}
{{- end -}}

{{- /*
argo-app.application: the Application. Its last field is a quoted one, because a document loses the newlines at its
end, and with them those of a block scalar.
Usage: {{ include "argo-app.application" $app }}
*/ -}}
{{- define "argo-app.application" -}}
{{- $metadata := dict -}}
{{- include "argo-app.metadata" (dict "into" $metadata "app" .) -}}
{{- $spec := dict -}}
{{- include "argo-app.spec" (dict "into" $spec "app" .) -}}
{{- include "argo-app.checkedText" (dict "values" (list $metadata $spec) "title" .title) -}}
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {{ $metadata.name | quote }}
  namespace: {{ $metadata.namespace | default "argocd" | quote }}
  {{- with $metadata.labels }}
  labels:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $metadata.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $metadata.finalizers }}
  finalizers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  project: {{ $spec.project | default "default" | quote }}
  {{- with $spec.source }}
  source:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $spec.sources }}
  sources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $spec.sourceHydrator }}
  sourceHydrator:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $spec.syncPolicy }}
  syncPolicy:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $spec.ignoreDifferences }}
  ignoreDifferences:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $spec.info }}
  info:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if hasKey $spec "revisionHistoryLimit" }}
  revisionHistoryLimit: {{ toYaml $spec.revisionHistoryLimit }}
  {{- end }}
  destination:
    {{- range $key, $value := $spec.destination }}
    {{ $key }}: {{ $value | quote }}
    {{- end }}
{{- end -}}

{{- /*
argo-app.checkedText: nothing, or an error for text that toYaml loses: it prints nothing at all of a value with a
control character from U+007F on, and breaks lines at U+0085, U+2028 and U+2029.
Usage: {{ include "argo-app.checkedText" (dict "values" (list $metadata $spec) "title" "cluster-A") }}
*/ -}}
{{- define "argo-app.checkedText" -}}
{{- $lost := regexFind ".{0,20}[\\x{7f}-\\x{9f}\\x{2028}\\x{2029}\\x{fffe}\\x{ffff}]" (printf "%v" .values) -}}
{{- if $lost -}}
  {{- fail (printf "%s: text must hold no control character, no U+2028 and no U+2029; there is %q" .title $lost) -}}
{{- end -}}
{{- end -}}

{{- /*
argo-app.metadata: put name, namespace, labels, annotations and finalizers into a map.
Usage: {{ include "argo-app.metadata" (dict "into" $metadata "app" $app) }}
*/ -}}
{{- define "argo-app.metadata" -}}
{{- $block := first .app.levels -}}
{{- $ofBlock := dict "place" (printf "%snamespace" $block.place) "value" $block.values.namespace -}}
{{- $ofGlobal := dict "place" "global.argocdNamespace" "value" .app.global.argocdNamespace -}}
{{- $candidates := list $ofBlock $ofGlobal -}}
{{- $_ := set .into "name" (include "argo-app.name" .app) -}}
{{- include "argo-app.nearest" (dict "into" .into "key" "namespace" "candidates" $candidates "title" .app.title) -}}
{{- include "argo-app.texts" (dict "into" .into "key" "labels" "additional" "additionalLabels" "app" .app) -}}
{{- include "argo-app.texts" (dict "into" .into "key" "annotations" "additional" "additionalAnnotations" "app" .app) -}}
{{- include "argo-app.field" (dict "into" .into "key" "finalizers" "levels" .app.levels "title" .app.title) -}}
{{- end -}}

{{- /*
argo-app.spec: put what there is of the spec into a map.
Usage: {{ include "argo-app.spec" (dict "into" $spec "app" $app) }}
*/ -}}
{{- define "argo-app.spec" -}}
{{- $into := .into -}}
{{- $app := .app -}}
{{- $withGlobal := append $app.levels (dict "place" "global." "values" $app.global) -}}
{{- include "argo-app.field" (dict "into" $into "key" "project" "levels" $withGlobal "title" $app.title) -}}
{{- include "argo-app.sources" . -}}
{{- include "argo-app.destination" . -}}
{{- range $key := list "syncPolicy" "ignoreDifferences" "info" "revisionHistoryLimit" -}}
  {{- include "argo-app.field" (dict "into" $into "key" $key "levels" $app.levels "title" $app.title) -}}
{{- end -}}
{{- end -}}

{{- /*
argo-app.sources: put source, sources or sourceHydrator into a map, whichever the nearest level says.
Usage: {{ include "argo-app.sources" (dict "into" $spec "app" $app) }}
*/ -}}
{{- define "argo-app.sources" -}}
{{- $title := .app.title -}}
{{- $ways := list "source" "sources" "sourceHydrator" -}}
{{- $way := include "argo-app.chosen" (dict "keys" $ways "levels" .app.levels "title" $title) -}}
{{- if not $way -}}
  {{- fail (printf "%s: an Application needs a source, sources or a sourceHydrator; there is none" $title) -}}
{{- end -}}
{{- include "argo-app.field" (dict "into" .into "key" $way "levels" .app.levels "title" $title) -}}
{{- if eq $way "source" -}}
  {{- include "argo-app.source" . -}}
{{- else if eq $way "sourceHydrator" -}}
  {{- include "argo-app.checkedHydrator" (dict "hydrator" .into.sourceHydrator "title" $title) -}}
{{- end -}}
{{- end -}}

{{- /*
argo-app.source: put a source into a map; each of its fields comes from the nearest level that has it.
Usage: {{ include "argo-app.source" (dict "into" $spec "app" $app) }}
*/ -}}
{{- define "argo-app.source" -}}
{{- $title := .app.title -}}
{{- $keys := list "repoURL" "targetRevision" "path" "chart" "helm" "kustomize" "directory" "plugin" "ref" "name" "tagPrefix" -}}
{{- $choices := list (list "path" "chart") (list "helm" "kustomize" "directory" "plugin") -}}
{{- include "argo-app.byField" (dict "into" .into "key" "source" "fields" $keys "choices" $choices "app" .app) -}}
{{- $source := .into.source -}}
{{- if not $source.repoURL -}}
  {{- fail (printf "%s: a source needs a repoURL; there is none" $title) -}}
{{- end -}}
{{- if not (or $source.path $source.chart) -}}
  {{- fail (printf "%s: a source needs a path or a chart; there is neither" $title) -}}
{{- end -}}
{{- end -}}

{{- /*
argo-app.checkedHydrator: nothing, or an error for a sourceHydrator that lacks something.
Usage: {{ include "argo-app.checkedHydrator" (dict "hydrator" $spec.sourceHydrator "title" "cluster-A") }}
*/ -}}
{{- define "argo-app.checkedHydrator" -}}
{{- $title := .title -}}
{{- $required := dict "drySource" (list "repoURL" "targetRevision" "path") "syncSource" (list "targetBranch" "path") -}}
{{- if .hydrator.hydrateTo -}}
  {{- $_ := set $required "hydrateTo" (list "targetBranch") -}}
{{- end -}}
{{- $hydrator := .hydrator -}}
{{- range $part, $fields := $required -}}
  {{- $values := index $hydrator $part | default dict -}}
  {{- range $field := $fields -}}
    {{- if not (index $values $field) -}}
      {{- fail (printf "%s: sourceHydrator.%s needs %s; there is no %s" $title $part (join ", " $fields) $field) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{- /*
argo-app.destination: put the destination into a map; each of its fields comes from the nearest level that has it.
Usage: {{ include "argo-app.destination" (dict "into" $spec "app" $app) }}
*/ -}}
{{- define "argo-app.destination" -}}
{{- $title := .app.title -}}
{{- $keys := list "server" "name" "namespace" -}}
{{- $choices := list (list "server" "name") -}}
{{- include "argo-app.field" (dict "into" .into "key" "destination" "levels" .app.levels "title" $title) -}}
{{- include "argo-app.byField" (dict "into" .into "key" "destination" "fields" $keys "choices" $choices "app" .app) -}}
{{- $destination := .into.destination -}}
{{- if not (or $destination.server $destination.name) -}}
  {{- fail (printf "%s: a destination needs a server or a name; there is neither" $title) -}}
{{- end -}}
{{- end -}}

{{- /*
argo-app.byField: put a map into a map, each of its fields from the nearest level that has it. Of each list in
`choices` only the field that the nearest level says is taken.
Usage: {{ include "argo-app.byField" (dict "into" $spec "key" "destination" "fields" (list "server" "name") "choices" (list (list "server" "name")) "app" $app) }}
*/ -}}
{{- define "argo-app.byField" -}}
{{- $title := .app.title -}}
{{- $key := .key -}}
{{- $levels := list -}}
{{- range $level := .app.levels -}}
  {{- with index $level.values $key -}}
    {{- $levels = append $levels (dict "place" (printf "%s%s." $level.place $key) "values" .) -}}
  {{- end -}}
{{- end -}}
{{- $fields := .fields -}}
{{- range $choice := .choices -}}
  {{- $chosen := include "argo-app.chosen" (dict "keys" $choice "levels" $levels "title" $title) -}}
  {{- range $field := without $choice $chosen -}}
    {{- $fields = without $fields $field -}}
  {{- end -}}
{{- end -}}
{{- $map := dict -}}
{{- range $field := $fields -}}
  {{- include "argo-app.field" (dict "into" $map "key" $field "levels" $levels "title" $title) -}}
{{- end -}}
{{- $_ := set .into $key $map -}}
{{- end -}}

{{- /*
argo-app.chosen: which one of several keys that exclude each other the nearest level says, nothing where none does.
Usage: {{ include "argo-app.chosen" (dict "keys" (list "server" "name") "levels" $levels "title" "cluster-A") }}
*/ -}}
{{- define "argo-app.chosen" -}}
{{- $title := .title -}}
{{- $keys := .keys -}}
{{- range $level := .levels -}}
  {{- $present := list -}}
  {{- range $key := $keys -}}
    {{- if not (include "argo-app.absent" (index $level.values $key)) -}}
      {{- $present = append $present (printf "%s%s" $level.place $key) -}}
    {{- end -}}
  {{- end -}}
  {{- if gt (len $present) 1 -}}
    {{- fail (printf "%s: only one of %s can be set; there are %s" $title (join ", " $keys) (join " and " $present)) -}}
  {{- end -}}
  {{- if $present -}}
    {{- trimPrefix $level.place (first $present) -}}
    {{- break -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{- /*
argo-app.field: put a field into a map, from the nearest level that has it.
Usage: {{ include "argo-app.field" (dict "into" $spec "key" "syncPolicy" "levels" $levels "title" "cluster-A") }}
*/ -}}
{{- define "argo-app.field" -}}
{{- $key := .key -}}
{{- $candidates := list -}}
{{- range $level := .levels -}}
  {{- $place := printf "%s%s" $level.place $key -}}
  {{- $candidates = append $candidates (dict "place" $place "value" (index $level.values $key)) -}}
{{- end -}}
{{- include "argo-app.nearest" (dict "into" .into "key" $key "candidates" $candidates "title" .title) -}}
{{- end -}}

{{- /*
argo-app.nearest: put the first of several values that is not absent into a map. One that was written before it and
left empty is an error: nobody can switch a field off that way.
Usage: {{ include "argo-app.nearest" (dict "into" $spec "key" "project" "candidates" (list (dict "place" "global.project" "value" "dev")) "title" "cluster-A") }}
*/ -}}
{{- define "argo-app.nearest" -}}
{{- $into := .into -}}
{{- $key := .key -}}
{{- $title := .title -}}
{{- $empty := "" -}}
{{- range $candidate := .candidates -}}
  {{- if not (include "argo-app.absent" $candidate.value) -}}
    {{- if $empty -}}
      {{- fail (printf "%s: %s is empty, but %s is not and would be inherited; %s" $title $empty $candidate.place (include "argo-app.insteadOfEmpty" $key)) -}}
    {{- end -}}
    {{- $_ := set $into $key $candidate.value -}}
    {{- break -}}
  {{- end -}}
  {{- if not (or $empty (kindIs "invalid" $candidate.value)) -}}
    {{- $empty = $candidate.place -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{- /*
argo-app.insteadOfEmpty: what to write instead of an empty field, for an error.
Usage: {{ include "argo-app.insteadOfEmpty" "syncPolicy" }}
*/ -}}
{{- define "argo-app.insteadOfEmpty" -}}
{{- if eq . "syncPolicy" -}}
say syncPolicy: {automated: {enabled: false}} to switch it off, or remove it to inherit
{{- else -}}
say what it must be, or remove it to inherit
{{- end -}}
{{- end -}}

{{- /*
argo-app.absent: "true" for null, "", {} and [], else nothing: 0 and false are values.
Usage: {{ if include "argo-app.absent" $value }}
*/ -}}
{{- define "argo-app.absent" -}}
{{- if and (empty .) (has (kindOf .) (list "invalid" "string" "map" "slice")) -}}
true
{{- end -}}
{{- end -}}

{{- /*
argo-app.texts: put the labels or the annotations of all levels into a map; of two with the same key the nearer wins.
A null is as if it were not there.
Usage: {{ include "argo-app.texts" (dict "into" $metadata "key" "labels" "additional" "additionalLabels" "app" $app) }}
*/ -}}
{{- define "argo-app.texts" -}}
{{- $title := .app.title -}}
{{- $additional := .additional -}}
{{- $sets := list (dict "place" (printf "global.%s" .key) "texts" (index .app.global .key)) -}}
{{- range $level := reverse .app.levels -}}
  {{- $place := printf "%s%s" $level.place $additional -}}
  {{- $sets = append $sets (dict "place" $place "texts" (index $level.values $additional)) -}}
{{- end -}}
{{- $union := dict -}}
{{- range $set := $sets -}}
  {{- range $name, $text := $set.texts -}}
    {{- if kindIs "string" $text -}}
      {{- $_ := set $union $name $text -}}
    {{- else if not (kindIs "invalid" $text) -}}
      {{- fail (printf "%s: %s must be strings (quote them); %s is %s" $title $set.place $name (toJson $text)) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- $_ := set .into .key $union -}}
{{- end -}}

{{- /*
argo-app.name: the Application's name, as its block says it or by global.nameFormat.
Usage: {{ include "argo-app.name" $app }}
*/ -}}
{{- define "argo-app.name" -}}
{{- $block := first .levels -}}
{{- if $block.values.name -}}
  {{- $block.values.name -}}
{{- else -}}
  {{- include "argo-app.formattedName" . -}}
{{- end -}}
{{- end -}}

{{- /*
argo-app.formattedName: a name by global.nameFormat, in lower case.
Usage: {{ include "argo-app.formattedName" $app }}
*/ -}}
{{- define "argo-app.formattedName" -}}
{{- $title := .title -}}
{{- $format := .global.nameFormat | default (include "argo-app.defaultNameFormat" .) -}}
{{- $parts := dict "{service}" .service "{environment}" .global.environment "{cluster}" .cluster -}}
{{- $pieces := regexFindAll "\\{(service|environment|cluster)\\}|[^{}]+" $format -1 -}}
{{- if ne (join "" $pieces) $format -}}
  {{- fail (printf "%s: global.nameFormat must be of {service}, {environment}, {cluster} and plain text; it is %q" $title $format) -}}
{{- end -}}
{{- range $piece := $pieces -}}
  {{- if not (hasPrefix "{" $piece) -}}
    {{- lower $piece -}}
  {{- else -}}
    {{- $part := index $parts $piece -}}
    {{- if not $part -}}
      {{- fail (printf "%s: the Application's name is %q, so there must be a value for %s; there is none" $title $format $piece) -}}
    {{- end -}}
    {{- lower $part -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{- /*
argo-app.defaultNameFormat: the format of names where global.nameFormat says none.
Usage: {{ include "argo-app.defaultNameFormat" $app }}
*/ -}}
{{- define "argo-app.defaultNameFormat" -}}
{service}
{{- if .global.environment -}}
-{environment}
{{- end -}}
{{- if .cluster -}}
-{cluster}
{{- end -}}
{{- end -}}
