"""Clusters in the shape of BYOH's own templates are right: no selectors, v1beta1, nulls here and there."""

from kloom.capi.rules import Facts, findings
from kloom.sdk.yaml_reader import kustomize_plain, read_documents

CLUSTER = """\
apiVersion: cluster.x-k8s.io/v1beta1
kind: Cluster
metadata: {name: lab, labels: {cni: lab-crs-0, crs: "true"}}
spec:
  clusterNetwork:
    services: {cidrBlocks: [10.128.0.0/12]}
    pods: {cidrBlocks: [192.168.0.0/16]}
    serviceDomain: cluster.local
  infrastructureRef: {apiVersion: infrastructure.cluster.x-k8s.io/v1beta1, kind: ByoCluster, name: lab}
  controlPlaneRef: {apiVersion: controlplane.cluster.x-k8s.io/v1beta1, kind: KubeadmControlPlane, name: lab-cp}
---
apiVersion: infrastructure.cluster.x-k8s.io/v1beta1
kind: ByoCluster
metadata: {name: lab}
spec:
  bundleLookupBaseRegistry: registry.example.com/byoh
  controlPlaneEndpoint: {host: 10.10.10.10, port: 6443}
---
apiVersion: controlplane.cluster.x-k8s.io/v1beta1
kind: KubeadmControlPlane
metadata: {name: lab-cp, labels: {nodepool: pool0}}
spec:
  replicas: 1
  version: v1.26.6
  machineTemplate:
    infrastructureRef:
      {apiVersion: infrastructure.cluster.x-k8s.io/v1beta1, kind: ByoMachineTemplate, name: lab-cp, namespace: default}
  kubeadmConfigSpec:
    clusterConfiguration:
      apiServer: {certSANs: [localhost, 127.0.0.1, 0.0.0.0, host.docker.internal]}
      controllerManager: {extraArgs: {enable-hostpath-provisioner: "true"}}
    files:
    - path: /etc/kubernetes/manifests/kube-vip.yaml
      owner: root:root
      content: |
        apiVersion: v1
        kind: Pod
        metadata: {creationTimestamp: null, name: kube-vip, namespace: kube-system}
        spec:
          containers:
          - args: [manager]
            env:
            - {name: vip_arp, value: "true"}
            - name: vip_address
              value: 10.10.10.10
            - name: vip_interface
              value: {{ .DefaultNetworkInterfaceName }}
            image: ghcr.io/kube-vip/kube-vip:v0.5.0
            name: kube-vip
          volumes: [{name: kubeconfig, hostPath: {path: /etc/kubernetes/admin.conf, type: FileOrCreate}}]
        status: {}
    initConfiguration:
      nodeRegistration: {criSocket: /var/run/containerd/containerd.sock, ignorePreflightErrors: [Swap]}
    joinConfiguration:
      nodeRegistration: {criSocket: /var/run/containerd/containerd.sock, ignorePreflightErrors: [Swap]}
---
apiVersion: cluster.x-k8s.io/v1beta1
kind: MachineDeployment
metadata: {name: lab-md-0}
spec:
  clusterName: lab
  replicas: 2
  selector: {matchLabels: null}
  template:
    metadata: {labels: {nodepool: pool1}}
    spec:
      clusterName: lab
      version: v1.26.6
      bootstrap:
        configRef: {apiVersion: bootstrap.cluster.x-k8s.io/v1beta1, kind: KubeadmConfigTemplate, name: lab-md-0}
      infrastructureRef: {apiVersion: infrastructure.cluster.x-k8s.io/v1beta1, kind: ByoMachineTemplate, name: lab-md-0}
---
apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: lab-md-0}
spec: {template: {spec: {}}}
---
apiVersion: addons.cluster.x-k8s.io/v1beta1
kind: ClusterResourceSet
metadata: {name: lab-crs-0}
spec:
  strategy: ApplyOnce
  clusterSelector: {matchLabels: {cni: lab-crs-0}}
  resources: [{name: cni-lab-crs-0, kind: ConfigMap}]
"""
MACHINES = """\
---
apiVersion: infrastructure.cluster.x-k8s.io/v1beta1
kind: ByoMachineTemplate
metadata: {name: NAME}
spec:
  template:
    spec:
      installerRef:
        apiVersion: infrastructure.cluster.x-k8s.io/v1beta1
        kind: K8sInstallerConfigTemplate
        name: NAME
        namespace: default
---
apiVersion: infrastructure.cluster.x-k8s.io/v1beta1
kind: K8sInstallerConfigTemplate
metadata: {name: NAME}
spec: {template: {spec: {bundleRepo: registry.example.com/byoh, bundleType: k8s}}}
"""


def test_no_rule_finds_anything() -> None:
    text = CLUSTER + "".join(MACHINES.replace("NAME", name) for name in ("lab-cp", "lab-md-0"))
    for namespaced in (text, text.replace("metadata: {name:", "metadata: {namespace: default, name:")):
        objects = read_documents(namespaced, kustomize_plain)
        found = findings(objects, Facts(provider="vmware", before=objects))
        assert [(finding.text, finding.obj["kind"]) for finding in found] == []
