{{- /*
argo-app.printedByParent: "true" in the sub-charts of this chart, whose Applications applications.yaml prints. Helm lets
this definition win over the one of argo-app. An argo-app that stands beside this chart under a common umbrella shares
the definition and prints for itself: it hangs right below the chart at the top, and that is not this one.
Usage: {{ if include "argo-app.printedByParent" . }}
*/ -}}
{{- define "argo-app.printedByParent" -}}
{{- $charts := splitList "/charts/" .Template.BasePath -}}
{{- if or (eq (first $charts) "argo-app-root") (gt (len $charts) 2) -}}
true
{{- end -}}
{{- end -}}
