"""The functions of the catalog under `kustomize fn run`, `kpt fn eval` and `kpt fn render`.

The files of a package that a function does not change stay as they are, what it makes is made once, and what it finds
is shown.
"""

import re

from kloom.catalog import FUNCTIONS

CONFIG = """\
# what is on the clusters
apiVersion: kloom.dev/v1alpha1
kind: ApplicationGenerator
metadata:
  name: dev
  annotations:
    config.kubernetes.io/function: "exec: {path: kloom}"
    config.kubernetes.io/local-config: "true" # kpt live apply leaves it alone
spec:
  clusters: {in-cluster: {destination: {name: in-cluster}}}
  services: {items: services}
"""
VALUES = """\
# one key a service
apiVersion: v1
kind: ConfigMap
metadata:
  name: services
  annotations:
    kloom.dev/values: services
    config.kubernetes.io/local-config: 'true'
data:
  web.yaml: |
    global: {name: web} # its name
    source: {repoURL: https://git.example.com/web.git, path: deploy}
    in-cluster: {enable: true}
"""
OTHER = """\
# somebody else's
apiVersion: v1
kind: ConfigMap
metadata:
  labels: {app: 'x', "tier": y}
  name: "other"
data:
  # about k
  k: 'quoted' # why
  eq: =
  script: |
    #!/bin/sh
    exit 0
"""
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web-in-cluster
  namespace: argocd
spec:
  project: default
  source:
    repoURL: https://git.example.com/web.git
    path: deploy
  destination:
    name: in-cluster
"""
VALIDATOR = """\
# checks what is here
apiVersion: kloom.dev/v1alpha1
kind: ManifestValidator
metadata:
  name: all
  annotations:
    config.kubernetes.io/function: "exec: {path: kloom}"
"""


# ApplicationGenerator


def test_applications_become_files_and_the_other_files_stay_as_they_are(package):
    package.has(config=CONFIG, values=VALUES, other=OTHER)
    package.run_well()
    (made,) = package.changed().values()
    assert made == APPLICATION


def test_what_is_made_again_takes_the_place_of_the_former(package):
    package.has(config=CONFIG, values=VALUES)
    package.run_well()
    package.run_well()
    assert package.changed() == {}


def test_applications_that_share_what_they_say_keep_their_own_files(package):
    both = VALUES.replace("{name: web}", "{name: web, annotations: {team: shop}, labels: {a: b}}")
    other = both.partition("  web.yaml: |\n")[2].replace("name: web", "name: till")
    package.has(config=CONFIG, values=f"{both}  till.yaml: |\n{other}")
    package.run_well()
    assert len(package.changed()) == 2
    package.run_well()
    assert package.changed() == {}


def test_a_changed_value_is_a_changed_line_beside_which_comments_stay(package):
    package.has(config=CONFIG, values=VALUES)
    package.run_well()
    (name,) = package.changed()
    (package.folder / name).write_text(APPLICATION.replace("default\n", "default # for now\n"))
    package.has(values=VALUES.replace("path: deploy", "path: new"))
    package.run_well()
    assert package.changed() == {name: APPLICATION.replace("default\n", "default # for now\n").replace("deploy", "new")}


def test_a_mistake_changes_no_file_and_is_shown(package):
    package.has(config=CONFIG, values=VALUES.replace("enable: true", "enabel: true"), other=OTHER)
    done = package.run()
    assert done.status == 1
    assert package.changed() == {}
    assert "ConfigMap/services[web.yaml]:3:14: in-cluster.enabel: unknown key (did you mean enable?)" in done.said
    assert [result["field"]["path"] for result in done.results] == ["in-cluster.enabel"] * package.shows_results


# ManifestValidator


def test_a_validator_changes_no_file(package):
    package.has(config=VALIDATOR, application=f"# by hand\n{APPLICATION}", other=OTHER)
    package.run_well()
    assert package.changed() == {}


def test_an_error_is_shown_with_its_resource_and_file(package):
    wrong = APPLICATION.replace("  destination:\n", "  destinatoin:\n")
    package.has(config=VALIDATOR, application=wrong, other=OTHER)
    done = package.run()
    assert done.status == 1
    assert package.changed() == {}
    assert "destinatoin: unknown key (did you mean destination?)" in done.said
    shown = {
        (result["severity"], result["file"]["path"], result["resourceRef"]["name"], result["field"]["path"])
        for result in done.results
    }
    mistakes = {("error", "application.yaml", "web-in-cluster", field) for field in ("spec", "spec.destinatoin")}
    assert shown == (mistakes if package.shows_results else set())


def test_a_warning_is_shown_and_passes(package):
    unwise = APPLICATION + "  syncPolicy:\n    syncOptions:\n    - CreateNamespaces=true\n"
    package.has(config=VALIDATOR, application=unwise)
    done = package.run()
    assert done.status == 0
    assert package.changed() == {}
    assert "CreateNamespaces" in done.said
    assert [result["severity"] for result in done.results] == ["warning"] * package.shows_results


# ClusterEndpointTransformer

ENDPOINTS = """\
# endpoints come from the clusters here
apiVersion: kloom.dev/v1alpha1
kind: ClusterEndpointTransformer
metadata:
  name: endpoints
  annotations:
    config.kubernetes.io/function: "exec: {path: kloom}"
"""
CLUSTER = """\
# made by hand
apiVersion: cluster.x-k8s.io/v1beta2
kind: Cluster
metadata:
  name: cluster-a # the only one
  namespace: clusters
spec:
  controlPlaneEndpoint:
    host: 10.0.0.10
    port: 6443
"""


def test_an_endpoint_changes_the_destination_alone(package):
    application = APPLICATION.replace("name: in-cluster\n", "name: cluster-a\n    namespace: 'shop' # its own\n")
    package.has(config=ENDPOINTS, cluster=CLUSTER, application=f"# by hand\n{application}", other=OTHER)
    package.run_well()
    assert package.changed().keys() == {"application.yaml"}
    written = package.files()["application.yaml"]
    assert written.startswith(f"# by hand\n{application.partition('  destination:')[0]}")
    destination = written.partition("  destination:\n")[2].splitlines()
    assert sorted(destination) == ["    namespace: 'shop' # its own", "    server: https://10.0.0.10:6443"]
    package.run_well()
    assert package.changed() == {}


# ByohMachineTemplateTransformer

HOSTS = """\
apiVersion: kloom.dev/v1alpha1
kind: ByohMachineTemplateTransformer
metadata:
  name: hosts
  annotations:
    config.kubernetes.io/function: "exec: {path: kloom}"
spec:
  bundleRegistry: registry.example.com/byoh
  pools:
  - target: {kind: MachineDeployment}
    hostSelector: {matchLabels: {role: worker}}
"""
WORKERS = """\
# three workers
apiVersion: cluster.x-k8s.io/v1beta2
kind: MachineDeployment
metadata:
  name: cluster-a-general
  namespace: clusters
spec:
  clusterName: cluster-a
  replicas: 3 # for now
  selector: {}
  template:
    spec:
      clusterName: cluster-a
      version: v1.34.2
      bootstrap:
        configRef:
          apiGroup: bootstrap.cluster.x-k8s.io
          kind: KubeadmConfigTemplate
          name: cluster-a-general
      infrastructureRef:
        apiGroup: infrastructure.cluster.x-k8s.io
        kind: ByoMachineTemplate
        name: to-be-made
"""


def template_in(package):
    """The name of the ByoMachineTemplate that the workers refer to."""
    (name,) = re.findall(r"kind: ByoMachineTemplate\n {8}name: (.*)", package.files()["workers.yaml"])
    return name


def test_templates_become_files_and_of_the_workers_only_the_reference_changes(package):
    package.has(config=HOSTS, workers=WORKERS, other=OTHER)
    package.run_well()
    name = template_in(package)
    made = {text for path, text in package.changed().items() if path != "workers.yaml"}
    assert package.files()["workers.yaml"] == WORKERS.replace("to-be-made", name)
    assert {re.search("^kind: (.*)", text, re.MULTILINE)[1] for text in made} == {
        "ByoMachineTemplate",
        "K8sInstallerConfigTemplate",
    }
    package.run_well()
    assert package.changed() == {}


def test_another_pool_gets_a_template_of_another_name(package):
    package.has(config=HOSTS, workers=WORKERS)
    package.run_well()
    former = template_in(package)
    package.has(config=HOSTS.replace("role: worker", "role: storage"))
    package.run_well()
    assert template_in(package) != former
    assert package.files()["workers.yaml"] == WORKERS.replace("to-be-made", template_in(package))


# ByohClusterGenerator

MANAGEMENT = """\
apiVersion: kloom.dev/v1alpha1
kind: ByohClusterGenerator
metadata:
  name: management
  annotations:
    config.kubernetes.io/function: "exec: {path: kloom}"
spec:
  clusters:
    small: # the least there is to write
      namespace: clusters
      kubernetesVersion: v1.34.2
      clusterNetwork: {pods: 192.168.0.0/16, services: 10.128.0.0/12}
      controlPlaneEndpoint: {host: 10.0.0.10}
      controlPlane:
        replicas: 1
        hostSelector: {matchLabels: {role: control-plane}}
"""


def test_a_cluster_becomes_files_once(package):
    package.has(config=MANAGEMENT, other=OTHER)
    package.run_well()
    kinds = sorted(re.search("^kind: (.*)", text, re.MULTILINE)[1] for text in package.changed().values())
    assert kinds == [
        "ByoCluster",
        "ByoMachineTemplate",
        "Cluster",
        "K8sInstallerConfigTemplate",
        "KubeadmControlPlane",
    ]
    package.run_well()
    assert package.changed() == {}


def test_each_kind_is_tried():
    tried = (CONFIG, VALIDATOR, ENDPOINTS, HOSTS, MANAGEMENT)
    assert {re.search(r"^kind: (\w+)", config, re.MULTILINE)[1] for config in tried} == set(FUNCTIONS)
