"""Sources that lead into the very repository that they stand in: what is there of what they name, and what is not."""

from __future__ import annotations

import subprocess

import pytest

from kloom.cli import main

HTTPS = "https://git.example.com/team/shop.git"
MANIFEST = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: NAME, namespace: argocd}
spec:
  project: default
  source:
    repoURL: PLACE
    targetRevision: REVISION
    path: PATH
  destination: {server: https://kubernetes.default.svc, namespace: shop}
"""


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository of Git's own making, with a folder `deploy/cart`."""
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet", "--initial-branch", "main")
    git("remote", "add", "origin", HTTPS)
    (tmp_path / "deploy" / "cart").mkdir(parents=True)
    return tmp_path


def git(*words):
    subprocess.run(["git", *words], check=True)


def write(repository, url=HTTPS, revision="HEAD", path="deploy/crat"):
    text = MANIFEST.replace("NAME", "cart").replace("PLACE", url)
    (repository / "app.yaml").write_text(text.replace("REVISION", revision).replace("PATH", path))


def findings(capsys):
    main(["validate"])
    return [line.strip() for line in capsys.readouterr().out.splitlines() if "source-path-missing" in line]


def test_a_path_that_is_not_there_is_told_where_the_manifest_says_it(repository, capsys):
    write(repository)
    (told,) = findings(capsys)
    assert told.split()[:2] == ["9:11", "warning"]
    assert "spec.source.path: should be a folder of this repository, was deploy/crat, which is not there" in told


@pytest.mark.parametrize("path", ["deploy/cart", "deploy/cart/", ".", "./deploy"])
def test_a_path_that_is_there_is_right(repository, capsys, path):
    write(repository, path=path)
    assert findings(capsys) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.com/team/shop",
        "https://user@GIT.example.com/team/shop.git",
        "git@git.example.com:team/shop.git",
        "ssh://git@git.example.com/team/shop.git",
    ],
)
def test_the_protocol_does_not_matter(repository, capsys, url):
    write(repository, url=url)
    assert len(findings(capsys)) == 1


@pytest.mark.parametrize("url", ["https://git.example.com/team/till.git", "https://example.org/team/shop.git"])
def test_of_other_repositories_nothing_is_known(repository, capsys, url):
    write(repository, url=url)
    assert findings(capsys) == []


@pytest.mark.parametrize(("revision", "told"), [("main", 1), ("''", 1), ("release-1", 0), ("v1.2.3", 0), ("1.*", 0)])
def test_of_other_revisions_nothing_is_known(repository, capsys, revision, told):
    write(repository, revision=revision)
    assert len(findings(capsys)) == told


def test_the_branch_that_the_remote_has_for_head_is_known(repository, capsys):
    git("checkout", "--quiet", "-b", "feature")
    write(repository, revision="main")
    assert findings(capsys) == []
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    assert len(findings(capsys)) == 1


def test_a_remote_of_another_name_is_ours_only_if_it_is_the_only_one(repository, capsys):
    other = "https://git.example.com/team/vendor.git"
    git("remote", "add", "vendor", other)
    write(repository, url=other)
    assert findings(capsys) == []
    git("remote", "add", "upstream", "https://git.example.com/company/shop.git")
    write(repository, url="https://git.example.com/company/shop.git")
    assert len(findings(capsys)) == 1
    for name in ("origin", "upstream"):
        git("remote", "remove", name)
    write(repository, url=other)
    assert len(findings(capsys)) == 1


def test_without_git_nothing_is_known(repository, capsys):
    (repository / ".git" / "config").unlink()
    write(repository)
    assert findings(capsys) == []


def test_charts_and_mere_refs_have_no_path(repository, capsys):
    write(repository)
    text = (repository / "app.yaml").read_text()
    chart = text.replace("name: cart", "name: till").replace("HEAD", "1.2.3").replace("path:", "chart:")
    ref = text.replace("  source:\n", "  sources:\n  -\n").replace("    path: deploy/crat\n", "    ref: values\n")
    (repository / "app.yaml").write_text(f"{ref}---\n{chart}")
    assert findings(capsys) == []


def test_a_path_of_a_values_file_is_told_there(repository, capsys):
    (repository / "kustomization.yaml").write_text("generators: [config.yaml]\n")
    (repository / "config.yaml").write_text(
        "apiVersion: kloom.dev/v1alpha1\nkind: ApplicationGenerator\nmetadata: {name: dev}\n"
        "spec: {clusters: {a: {destination: {name: in-cluster}}}, common: common.yaml, services: web.yaml}\n"
    )
    (repository / "common.yaml").write_text(f"source: {{repoURL: {HTTPS}}}\n")
    web = "global: {name: web}\nsource:\n  path: deploy/web\na: {enable: true}\n"
    (repository / "web.yaml").write_text(web)
    (told,) = findings(capsys)
    assert told.split()[0] == "3:9"
    meant = "deploy/web # kloom: ignore source-path-missing comes with the next merge"
    (repository / "web.yaml").write_text(web.replace("deploy/web", meant))
    assert findings(capsys) == []


def told(repository, capsys, *said, name="cart", namespace="argocd"):
    """What is found in a manifest whose source, of the path deploy/cart, says some more: by which rule, and what."""
    more = "".join(f"    {line}\n" for line in said)
    write(repository, path="deploy/cart")
    text = (repository / "app.yaml").read_text().replace("name: cart", f"name: {name}")
    text = text.replace("namespace: argocd", f"namespace: {namespace}")
    (repository / "app.yaml").write_text(text.replace("  destination:", f"{more}  destination:"))
    main(["validate"])
    lines = [
        line.split(maxsplit=2)[2].rsplit("  [", 1) for line in capsys.readouterr().out.splitlines() if "  [" in line
    ]
    return [(rule.rstrip("]"), message) for message, rule in lines]


def put(repository, name, text=""):
    path = repository / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


KUSTOMIZE = ("kustomize: {namePrefix: dev-}",)


def test_kustomize_needs_a_kustomization(repository, capsys):
    ((rule, message),) = told(repository, capsys, *KUSTOMIZE)
    assert rule == "source-renderer-mismatch"
    assert message == (
        "spec.source.kustomize: should stand with a path that holds a kustomization.yaml, "
        "was with deploy/cart, which holds none"
    )


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_a_kustomization_of_any_of_its_names_does(repository, capsys, name):
    put(repository, f"deploy/cart/{name}")
    assert told(repository, capsys, *KUSTOMIZE) == []


def test_helm_needs_a_chart(repository, capsys):
    helm = "helm: {releaseName: cart}"
    ((rule, message),) = told(repository, capsys, helm)
    assert (rule, "holds a Chart.yaml" in message) == ("source-renderer-mismatch", True)
    put(repository, "deploy/cart/Chart.yaml", "name: cart\n")
    assert told(repository, capsys, helm) == []


def test_what_argo_cd_removes_asks_for_no_renderer(repository, capsys):
    rules = [rule for rule, _ in told(repository, capsys, "kustomize: {}")]
    assert rules == ["source-zero-value"]


OVERRIDE = "kustomize: {images: [cart:2]}\nhelm: {releaseName: x}\npath: elsewhere\n"


@pytest.mark.parametrize("name", [".argocd-source.yaml", ".argocd-source-cart.yaml", ".argocd-source-argocd_cart.yaml"])
def test_a_file_that_overrides_the_source_is_told_where_its_path_is(repository, capsys, name):
    put(repository, f"deploy/cart/{name}", OVERRIDE)
    message = f"without {name}, which there overrides helm.releaseName, kustomize.images; was deploy/cart"
    assert told(repository, capsys) == [("source-overridden", f"spec.source.path: should be a folder {message}")]


@pytest.mark.parametrize("name", [".argocd-source-till.yaml", ".argocd-source-shop_cart.yaml", ".argocd-source.yml"])
def test_files_about_others_override_nothing(repository, capsys, name):
    put(repository, f"deploy/cart/{name}", OVERRIDE)
    assert told(repository, capsys) == []


@pytest.mark.parametrize(("text", "problem"), [("- a\n", "is no map"), ("a: [\n", "cannot be read"), ("", "is no map")])
def test_a_file_that_overrides_and_is_broken_is_told(repository, capsys, text, problem):
    put(repository, "deploy/cart/.argocd-source.yaml", text)
    ((rule, message),) = told(repository, capsys)
    assert rule == "source-overridden"
    assert f"which there {problem}, so that nothing is rendered" in message


def test_a_file_that_says_what_the_source_says_overrides_nothing(repository, capsys):
    put(repository, "deploy/cart/.argocd-source.yaml", "kustomize: {namePrefix: dev-}\nhelm: null\n")
    put(repository, "deploy/cart/kustomization.yaml")
    assert told(repository, capsys, *KUSTOMIZE) == []
    other = "kustomize: {namePrefix: x-, nameSuffix: null, namespace: dev}\n"
    put(repository, "deploy/cart/.argocd-source.yaml", other)
    ((_, message),) = told(repository, capsys, *KUSTOMIZE)
    assert "which there overrides kustomize.namePrefix, kustomize.namespace; was" in message


def test_a_file_that_overrides_what_none_can_overrides_nothing(repository, capsys):
    put(repository, "deploy/cart/.argocd-source.yaml", "repoURL: x\npath: y\ntargetRevision: z\nchart: a\n")
    assert told(repository, capsys) == []


def test_argo_cd_s_namespace_tells_by_which_name_a_file_overrides(repository, capsys):
    put(repository, ".kloom.yaml", "argocdNamespace: argocd\n")
    put(repository, "deploy/cart/.argocd-source-cart.yaml", OVERRIDE)
    assert [rule for rule, _ in told(repository, capsys)] == ["source-overridden"]
    assert told(repository, capsys, namespace="shop") == []
    put(repository, "deploy/cart/.argocd-source-shop_cart.yaml", OVERRIDE)
    assert [rule for rule, _ in told(repository, capsys, namespace="shop")] == ["source-overridden"]


HELM = "helm: {valueFiles: [values-prd.yaml, /base.yaml], fileParameters: [{name: a, path: ./a.txt}]}"


def test_files_that_helm_is_given_must_be_there(repository, capsys):
    put(repository, "deploy/cart/Chart.yaml")
    put(repository, "deploy/cart/values-prod.yaml")
    not_there = "should be a file of this repository, was"
    assert told(repository, capsys, HELM) == [
        (
            "source-file-missing",
            f"spec.source.helm.valueFiles[0]: {not_there} deploy/cart/values-prd.yaml, which is not there "
            "(did you mean values-prod.yaml?)",
        ),
        ("source-file-missing", f"spec.source.helm.valueFiles[1]: {not_there} base.yaml, which is not there"),
        (
            "source-file-missing",
            f"spec.source.helm.fileParameters[0].path: {not_there} deploy/cart/a.txt, which is not there",
        ),
    ]
    for name in ("deploy/cart/values-prd.yaml", "base.yaml", "deploy/cart/a.txt"):
        put(repository, name)
    assert told(repository, capsys, HELM) == []


@pytest.mark.parametrize(
    "said",
    [
        "helm: {ignoreMissingValueFiles: true, valueFiles: [nowhere.yaml]}",
        "helm: {valueFiles: [$ARGOCD_APP_NAME.yaml, https://example.com/values.yaml, values-*.yaml]}",
    ],
)
def test_files_that_may_be_missing_or_anything_are_not_looked_for(repository, capsys, said):
    put(repository, "deploy/cart/Chart.yaml")
    assert told(repository, capsys, said) == []


def test_components_and_patches_must_be_there(repository, capsys):
    put(repository, "deploy/cart/kustomization.yaml")
    said = "kustomize: {components: [../tls, github.com/shop/tls], patches: [{path: patch.yaml}]}"
    paths = [message.split(", was ")[1].split(",")[0] for _, message in told(repository, capsys, said)]
    assert paths == ["deploy/tls", "deploy/cart/patch.yaml"]
    assert told(repository, capsys, "kustomize: {ignoreMissingComponents: true, components: [../tls]}") == []


def test_value_files_of_a_ref_are_looked_for_in_the_repository_of_the_ref(repository, capsys):
    put(repository, "values/cart.yaml")
    write(repository)
    chart = "{repoURL: https://charts.example.com, chart: cart, targetRevision: 1.2.3, helm: {valueFiles: [FILES]}}"
    refs = f"  - {{repoURL: {HTTPS}, ref: own}}\n  - {{repoURL: https://git.example.com/x, ref: other}}\n"
    files = "$own/values/cart.yaml, $own/values/till.yaml, $other/values/till.yaml, values.yaml"
    text = (repository / "app.yaml").read_text().partition("  source:")[0]
    (repository / "app.yaml").write_text(
        f"{text}  sources:\n{refs}  - {chart.replace('FILES', files)}\n  destination: {{name: in-cluster}}\n"
    )
    main(["validate"])
    found = [line for line in capsys.readouterr().out.splitlines() if "source-file-missing" in line]
    assert [line.split(", was ")[1].split(",")[0] for line in found] == ["values/till.yaml"]
    assert "spec.sources[2].helm.valueFiles[1]" in found[0]
