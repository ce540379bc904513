"""What `kustomize build` makes of our functions, in each slot and protocol."""

import json

import pytest
import yaml

ANNOTATED = """
apiVersion: example.com/v1
kind: MyFunction
metadata:
  name: mine
  annotations:
    config.kubernetes.io/function: |
      exec: {path: ./function.py}
spec: {odd: "=", text: "<<"}
"""
PLAIN = "apiVersion: example.com/v1\nkind: MyFunction\nmetadata: {name: mine}\nspec: {odd: '=', text: '<<'}\n"
RESOURCES = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      volumes:
      - {name: static, configMap: {name: settings}}
      - {name: generated, configMap: {name: gen}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {"=": "="}
"""
GENERATED = "configMapGenerator: [{name: gen, literals: [a=b]}]\n"
ODD = [
    "", " ", "=", "<<", "yes", "No", "y", "on", "null", "~", "true", "1e3", "1E+3", "1.e3", "0o777",
    "0777", "08", "1_000", "12:30", "12:30:45", "2020-01-01", "2020-01-01T10:00:00Z", ".inf", ".nan",
    "0x1F", "1.10", "1234e56", "-", "---", "...", "- a", "a: b", "a #b", "#", "!x", "&a", "*a", "%", "@",
    "`", "'", '"', "\\", "{", "]", ",", "|", ">", "? a", "a\nb", "a\n", "\n", "\n\n", " a\nb", "a\tb",
    "\ta", "a\r\nb", "\x00", "\x1b[0m", "é", "😀", "\ufeff", "\u2028", "\xa0", "\u202e",
    "18446744073709551616",
]  # fmt: skip


class Folder:
    """A kustomization that a test fills."""

    def __init__(self, path, kustomize):
        self.path = path
        self.kustomize = kustomize

    def write(self, **files):
        for name, text in files.items():
            (self.path / f"{name}.yaml").write_text(text)

    def run(self, *flags, **extra):
        return self.kustomize("build", "--enable-alpha-plugins", *flags, self.path, **extra)

    def objects(self, *flags, **extra):
        done = self.run(*flags, **extra)
        assert done.returncode == 0, done.stderr
        return [document for document in yaml.load_all(done.stdout, yaml.BaseLoader) if document is not None]


class ExecForm(Folder):
    """The config says which executable."""

    def run(self, *flags, **extra):
        self.write(config=ANNOTATED)
        return super().run("--enable-exec", *flags, **extra)


class PluginForm(Folder):
    """The executable stands in the plugin home."""

    def run(self, *flags, **extra):
        self.write(config=PLAIN)
        home = self.path.parent / "home"
        place = home / "example.com" / "v1" / "myfunction"
        place.mkdir(parents=True, exist_ok=True)
        (place / "MyFunction").unlink(missing_ok=True)
        (place / "MyFunction").symlink_to(self.path / "function.py")
        return super().run(*flags, KUSTOMIZE_PLUGIN_HOME=str(home), **extra)


@pytest.fixture(params=[ExecForm, PluginForm])
def folder(request, tmp_path, kustomize):
    return request.param(tmp_path, kustomize)


def names(objects):
    return sorted(f"{obj['kind']}/{obj['metadata']['name']}" for obj in objects)


ADD = """
assert not resources.items, resources.items
assert resources.function_config.get_path("spec") == {"odd": "=", "text": "<<"}
resources.items.append(config_map("made", {"a": "b"}))
"""


@pytest.mark.parametrize("slot", ["generators", "transformers"])
def test_a_function_without_resources_sees_none_and_its_config_is_not_printed(folder, author, slot):
    author(ADD)
    folder.write(kustomization=f"{slot}: [config.yaml]")
    assert names(folder.objects()) == ["ConfigMap/made"]


@pytest.mark.parametrize("slot", ["generators", "transformers"])
def test_a_function_that_makes_nothing_builds_to_nothing(folder, author, slot):
    author("pass")
    folder.write(kustomization=f"{slot}: [config.yaml]")
    assert folder.objects() == []


def test_a_generator_does_not_see_resources(folder, author):
    author(ADD)
    folder.write(kustomization="resources: [r.yaml]\ngenerators: [config.yaml]\nnamePrefix: p-", r=RESOURCES)
    assert names(folder.objects()) == ["ConfigMap/p-made", "ConfigMap/p-settings", "Deployment/p-web"]


def test_a_transformer_keeps_what_it_does_not_touch(folder, author):
    author('for obj in resources.where(kind="Deployment"):\n    obj.labels["team"] = "yes"')
    folder.write(
        kustomization=GENERATED + "resources: [r.yaml]\ntransformers: [config.yaml]",
        r=RESOURCES,
    )
    done, plain = folder.objects(), _without_function(folder)
    (web,) = [obj for obj in done if obj["kind"] == "Deployment"]
    assert web["metadata"].pop("labels") == {"team": "yes"}
    assert done == plain
    assert web["spec"]["template"]["spec"]["volumes"][1]["configMap"]["name"].startswith("gen-")


def _without_function(folder):
    kustomization = (folder.path / "kustomization.yaml").read_text()
    folder.write(kustomization=kustomization.replace("transformers: [config.yaml]", ""))
    return folder.objects()


def test_a_renamed_object_keeps_its_references(folder, author):
    author(
        'resources.where(name="settings")[0].rename(name="renamed")\nresources.where(name="gen")[0].rename(name="gen2")'
    )
    folder.write(
        kustomization=GENERATED + "resources: [r.yaml]\ntransformers: [config.yaml]",
        r=RESOURCES,
    )
    objects = folder.objects()
    (web,) = [obj for obj in objects if obj["kind"] == "Deployment"]
    volumes = [volume["configMap"]["name"] for volume in web["spec"]["template"]["spec"]["volumes"]]
    assert volumes[0] == "renamed"
    assert volumes[1].startswith("gen2-")
    assert {f"ConfigMap/{name}" for name in volumes} < set(names(objects))
    assert not any("annotations" in obj["metadata"] for obj in objects)


def test_a_renamed_object_of_the_cluster_keeps_its_references(folder, author):
    author('resources.where(kind="ClusterRole")[0].rename(name="renamed")')
    role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules: []\n"
    binding = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\n"
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}\nsubjects: []\n"
    )
    folder.write(kustomization="resources: [r.yaml, b.yaml]\ntransformers: [config.yaml]", r=role, b=binding)
    (binding,) = [obj for obj in folder.objects() if obj["kind"] == "ClusterRoleBinding"]
    assert binding["roleRef"]["name"] == "renamed"


def test_a_namespace_moves_with_its_references(folder, author):
    author('resources.where(kind="ServiceAccount")[0].rename(namespace="moved")')
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: s, namespace: old}\n"
    binding = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\n"
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}\n"
        "subjects: [{kind: ServiceAccount, name: s, namespace: old}]\n"
    )
    folder.write(kustomization="resources: [a.yaml, b.yaml]\ntransformers: [config.yaml]", a=account, b=binding)
    (binding,) = [obj for obj in folder.objects() if obj["kind"] == "ClusterRoleBinding"]
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "s", "namespace": "moved"}]


def test_upsert_keeps_the_hash_suffix(folder, author):
    author('resources.upsert(config_map("gen", {"c": "d"}))')
    folder.write(
        kustomization=GENERATED + "transformers: [config.yaml]",
    )
    (made,) = folder.objects()
    assert made["metadata"]["name"].startswith("gen-")
    assert made["data"] == {"c": "d"}


def test_what_is_removed_is_gone(folder, author):
    author('resources.remove(resources.where(kind="ConfigMap")[0])')
    folder.write(kustomization="resources: [r.yaml]\ntransformers: [config.yaml]", r=RESOURCES)
    assert names(folder.objects()) == ["Deployment/web"]


def test_local_config_is_seen_and_not_printed(folder, author):
    author('resources.items.append(config_map("made", resources.where(name="local")[0]["data"]))')
    local = (
        "apiVersion: v1\nkind: ConfigMap\ndata: {k: 'yes'}\n"
        "metadata: {name: local, annotations: {config.kubernetes.io/local-config: 'true'}}\n"
    )
    folder.write(kustomization="resources: [r.yaml]\ntransformers: [config.yaml]", r=local)
    (made,) = folder.objects()
    assert (made["metadata"], made["data"]) == ({"name": "made"}, {"k": "yes"})


@pytest.mark.parametrize("slot", ["generators", "transformers"])
def test_odd_strings_arrive_as_they_are(folder, author, slot):
    odd = {f"k{at}": text for at, text in enumerate(ODD)}
    author(
        f"odd = {odd!r}\nkeys = dict.fromkeys(set(odd.values()) - {{'<<'}}, 'v')\n"
        'resources.items.append(config_map("odd", {"values": odd, "keys": keys}))'
    )
    folder.write(kustomization=f"{slot}: [config.yaml]")
    (made,) = folder.objects()
    assert made["data"]["values"] == odd
    assert set(made["data"]["keys"]) == set(ODD) - {"<<"}


def test_odd_strings_pass_through_a_second_function(folder, author):
    odd = {f"k{at}": text for at, text in enumerate(ODD)}
    author(
        f"odd = {odd!r}\n"
        'known = resources.where(name="odd")\nassert not known or known[0]["data"] == odd, known\n'
        'resources.upsert(config_map("odd", odd))'
    )
    folder.write(kustomization="generators: [config.yaml]\ntransformers: [config.yaml]")
    (made,) = folder.objects()
    assert made["data"] == odd


def test_what_a_user_did_wrong_is_said_and_fails_the_build(folder, author):
    author(
        'resources.results.append(Result.error("second", field="spec.b"))\n'
        'resources.results.append(Result.warning("third", field="spec.c"))\n'
        'raise FunctionConfigError("first", field="spec.a")'
    )
    folder.write(kustomization="generators: [config.yaml]")
    done = folder.run()
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.removeprefix("Error: \n").splitlines()  # which kustomize puts before a plugin's words
    assert lines[:3] == ["spec.b: second", "spec.c: warning: third", "MyFunction/mine spec.a: first"]
    assert "Traceback" not in done.stderr


def test_a_bug_fails_the_build_with_its_traceback(folder, author):
    author("print('half a line', end='')\nraise ValueError('oops')")
    folder.write(kustomization="generators: [config.yaml]")
    done = folder.run()
    assert (done.returncode, done.stdout) == (1, "")
    assert "ValueError: oops" in done.stderr
    assert "please report it" in done.stderr
    assert "MalformedYAML" not in done.stderr


def test_noise_does_not_hurt_the_build(folder, author):
    author("import os\nprint('noise: [')\nos.system('echo more: noise: ]')")
    folder.write(kustomization="resources: [r.yaml]\ntransformers: [config.yaml]", r=RESOURCES)
    assert names(folder.objects()) == ["ConfigMap/settings", "Deployment/web"]


def test_what_kustomize_could_not_print_is_named_by_us(folder, author):
    author('resources.items.append(config_map("a", {"k": "\\x80"}))')
    folder.write(kustomization="generators: [config.yaml]")
    done = folder.run()
    assert done.returncode == 1
    assert "ConfigMap/a data.k: kustomize cannot print the character U+0080\n" in done.stderr


def test_a_warning_is_seen_except_in_the_plugin_home(folder, author):
    author('resources.results.append(Result.warning("careful"))')
    folder.write(kustomization="generators: [config.yaml]")
    done = folder.run()
    assert done.returncode == 0
    assert done.stderr == ("warning: careful\n" if isinstance(folder, ExecForm) else "")


@pytest.mark.parametrize("key", ["<<", "\x80", "k" * 1024])
def test_kustomize_still_cannot_take_what_we_refuse(tmp_path, kustomize, key):
    """Should kustomize learn it, our refusal is for nothing."""
    folder = ExecForm(tmp_path, kustomize)
    text = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {key: "v"}})
    whole = f'{{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": [{text}]}}'
    function = tmp_path / "function.py"
    function.write_text(f"#!/bin/sh\ncat <<'END'\n{whole}\nEND\n")
    function.chmod(0o755)
    folder.write(kustomization="generators: [config.yaml]")
    done = folder.run()
    assert done.returncode != 0 or not yaml.safe_load(done.stdout)["data"]
