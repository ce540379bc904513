import random
import subprocess

import pytest

from kloom.render import APPLIED, render
from kloom.sdk.result import Refusal
from kloom.sdk.yaml_reader import kustomize_plain, read_documents
from kloom.sdk.yaml_writer import to_yaml_documents

CLUSTER_WIDE = (
    ("v1", "Namespace"),
    ("v1", "PersistentVolume"),
    ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("scheduling.k8s.io/v1", "PriorityClass"),
    ("storage.k8s.io/v1", "StorageClass"),
)
NAMESPACED = (
    ("apps/v1", "Deployment"),
    ("apps/v1beta1", "Deployment"),
    ("argoproj.io/v1alpha1", "Application"),
    ("argoproj.io/v1alpha1", "AppProject"),
    ("batch/v1", "CronJob"),
    ("batch/v1", "Job"),
    ("example.com/v1", "Thing"),
    ("Example.org/v2", "Thing"),
    ("networking.k8s.io/v1", "Ingress"),
    ("policy/v1", "PodDisruptionBudget"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("v1", "ConfigMap"),
    ("v1", "Endpoints"),
    ("v1", "LimitRange"),
    ("v1", "ResourceQuota"),
    ("v1", "Secret"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("v1", "Thing"),
)
NAMES = ("a", "a-b", "a.b", "ab", "b", "svc-10", "svc-2", "A", "x.y-z")
NAMESPACES = ("", "a", "argocd", "b", "b-c", "kube-system")
DATES_AND_NUMBERS = (
    "data: {on: yes, octal: 012, date: '2020-01-01', time: 2020-01-01T10:00:00Z, e: 1e3, port: 12:30, eq: =}\n"
)
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "overlay").mkdir()
    return tmp_path / "overlay"


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def built(kustomize, folder):
    done = subprocess.run([kustomize, "build", folder], capture_output=True, text=True, check=False)
    return read_documents(done.stdout, kustomize_plain) if done.returncode == 0 else None


def refusal(folder):
    with pytest.raises(Refusal) as refused:
        render(str(folder))
    return str(refused.value)


def some_objects(seed):
    chance = random.Random(seed)
    identities = {(*chance.choice(CLUSTER_WIDE), "", chance.choice(NAMES)) for _ in range(20)}
    identities |= {(*chance.choice(NAMESPACED), chance.choice(NAMESPACES), chance.choice(NAMES)) for _ in range(60)}
    for version, kind, namespace, name in chance.sample(sorted(identities), len(identities)):
        metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
        yield {"apiVersion": version, "kind": kind, "metadata": metadata}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("order", ["", "sortOptions: {order: fifo}\n", "sortOptions: {order: legacy}\n"])
def test_objects_of_all_kinds_come_in_kustomizes_order(folder, kustomize, seed, order):
    objects = list(some_objects(seed))
    write(
        folder,
        {
            "kustomization.yaml": f"resources: [first.yaml, base, last.yaml]\n{order}",
            "first.yaml": to_yaml_documents(objects[:20]),
            "base/kustomization.yaml": "resources: [all.yaml]\n",
            "base/all.yaml": to_yaml_documents(objects[20:50]),
            "last.yaml": to_yaml_documents(objects[50:]),
        },
    )
    rendered = render(str(folder)).objects
    assert len(rendered) == len(objects)
    assert rendered == built(kustomize, folder)


@pytest.mark.parametrize(
    "resources",
    [
        "apiVersion: v1\nkind: List\nitems:\n- " + (MAP % "a").replace("\n", "\n  "),
        "apiVersion: v1\nkind: ConfigMapList\nitems: []\n",
        MAP % "a" + DATES_AND_NUMBERS,
        MAP % "a" + "data: null\nstatus: {}\n",
        (MAP % "a").replace("}", ", annotations: {config.kubernetes.io/local-config: 'true'}}"),
        (MAP % "a").replace("}", ", annotations: {config.kubernetes.io/local-config: 'false'}}"),
        f"---\n---\n{MAP % 'a'}---\n",
        f"{MAP % 'a'}---\n{MAP % 'a'}".replace("v1", "v2", 1),
        "# nothing\n",
    ],
)
def test_resources_come_as_kustomize_reads_them(folder, kustomize, resources):
    write(folder, {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": resources})
    assert render(str(folder)).objects == built(kustomize, folder)


@pytest.mark.parametrize(
    ("kustomization", "message"),
    [
        ("", "must not be empty"),
        ("resources: [5]", "1:12: resources: must be a list of strings"),
        ("resources: base", "1:12: resources: must be a list of strings"),
        ("resources: [nothing.yaml]", "1:13: resources[0]: nothing.yaml: no such file"),
        ("resources: [../outside.yaml]", "must be a file below the kustomization's folder"),
        ("resources: [a.yaml, a.yaml]", "ConfigMap/a in namespace default must be there only once"),
        ("resources: [unnamed.yaml]", "each object must have a kind and metadata.name"),
        ("resources: [text.yaml]", "text.yaml: must hold objects"),
        ("resources: [broken.yaml]", "broken.yaml:1:1: no valid YAML"),
        ("resources: [.]", "must not list a kustomization above itself"),
        ("generators: {a: b}", "1:13: generators: must be a list of strings"),
        ("generators: [../outside.yaml]", "must be a file below the kustomization's folder"),
        ("generators: [a.yaml]", "a.yaml:2:7: kind: must be ApplicationGenerator or "),
        ("sortOptions: fifo", "1:14: sortOptions: must be {order: legacy or fifo}"),
        ("sortOptions: {order: lifo}", "sortOptions: must be {order: legacy or fifo}"),
        ("kind: Component\napiVersion: kustomize.config.k8s.io/v1beta1", "1:7: must be a Kustomization"),
        ("[a.yaml]", "must hold objects"),
    ],
)
def test_what_kustomize_refuses_is_refused(folder, kustomize, kustomization, message):
    files = {
        "a.yaml": MAP % "a",
        "unnamed.yaml": "kind: ConfigMap\nmetadata: {}\n",
        "text.yaml": "text\n",
        "broken.yaml": "{",
    }
    write(folder, {"kustomization.yaml": f"{kustomization}\n", "../outside.yaml": MAP % "b", **files})
    assert message in refusal(folder)
    assert built(kustomize, folder) is None


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        (
            MAP % "a" + "data: {date: 2020-01-01}\n",
            "a.yaml:4:14: kustomize prints the date 2020-01-01 as another text",
        ),
        ((MAP % "a").replace("}", ", annotations: {count: 1}}"), "annotations must be strings"),
    ],
)
def test_what_kustomize_would_rewrite_is_refused(folder, resource, message):
    write(folder, {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": resource})
    assert message in refusal(folder)


def test_every_field_that_is_not_applied_is_refused_by_its_name(folder):
    fields = ["namespace", "namePrefix", "commonLabels", "patches", "images", "components", "transformers"]
    fields += ["validators", "configMapGenerator", "helmCharts", "replacements", "buildMetadata", "unheard-of"]
    text = "".join(f"{field}: []\n" for field in [*APPLIED[3:5], *fields])
    write(folder, {"kustomization.yaml": text})
    assert [line.split(": ")[1] for line in refusal(folder).splitlines()] == fields


def test_a_base_is_held_to_the_same(folder):
    write(folder, {"kustomization.yaml": "resources: [../base]\n", "../base/kustomization.yaml": "namespace: x\n"})
    assert f"{folder.parent}/base/kustomization.yaml:1:1: namespace: " in refusal(folder)


def test_a_base_outside_of_the_repository_is_refused(folder, tmp_path):
    write(folder, {"kustomization.yaml": "resources: [../../outside, inside]\n"})
    (tmp_path.parent / "outside").mkdir(exist_ok=True)
    assert "must stay inside the repository" in refusal(folder)
    (folder / "inside").symlink_to(tmp_path.parent / "outside")
    write(folder, {"kustomization.yaml": "resources: [inside]\n"})
    assert "symbolic link out of the repository" in refusal(folder)


CONFIG = """\
apiVersion: kloom.dev/v1alpha1
kind: ApplicationGenerator
metadata: {name: dev}
spec: {common: c.yaml, services: s.yaml}
"""


def test_a_kustomization_of_another_folder_is_refused(folder, kustomize):
    write(folder, {"a.yaml": MAP % "b", "../other/kustomization.yaml": "resources: [a.yaml]\n"})
    (folder / "kustomization.yaml").symlink_to("../other/kustomization.yaml")
    assert built(kustomize, folder) is None
    assert "must stand in its own folder, was a link to ../other/kustomization.yaml" in refusal(folder)


def test_findings_are_told_as_seen_from_where_the_command_runs(folder, monkeypatch):
    common = "source: {repoURL: https://git.example.com/a.git, path: a}\na: {destination: {name: a}}\n"
    service = "global: {name: s}\na: {enable: true}\nroles: {r: {}}\n"
    write(
        folder,
        {"kustomization.yaml": "generators: [g.yaml]\n", "g.yaml": CONFIG, "c.yaml": common, "s.yaml": service},
    )
    monkeypatch.chdir(folder.parent)
    (told,) = [str(result) for result in render("overlay").results]
    assert told.startswith("overlay/s.yaml:3:9: roles.r: info: no cluster has this role")
    write(folder, {"s.yaml": "a: b", "c.yaml": ""})
    assert refusal("overlay") == "overlay/s.yaml:1:1: a: unknown key; no cluster is declared"
    write(folder, {"g.yaml": CONFIG.replace("services", "service")})
    assert "overlay/g.yaml:4:7: spec: must have services" in refusal("overlay").splitlines()
