"""Objects that nothing is wrong with."""

APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: other, namespace: argocd}
spec:
  project: default
  source: {repoURL: https://git.example.com/other.git, path: deploy, targetRevision: main}
  destination: {name: in-cluster, namespace: other}
"""
CLUSTERS = """\
apiVersion: kloom.dev/v1alpha1
kind: ByohClusterGenerator
metadata: {name: management}
spec:
  clusters:
    cluster-a:
      namespace: clusters
      kubernetesVersion: v1.34.2
      controlPlaneEndpoint: {host: 10.0.0.10}
      clusterNetwork: {pods: 192.168.0.0/16, services: 10.128.0.0/12}
      controlPlane: {replicas: 3, hostSelector: {matchLabels: {example.com/role: control-plane}}}
      workers:
        general: {replicas: 3, hostSelector: {matchLabels: {example.com/role: worker}}}
"""
