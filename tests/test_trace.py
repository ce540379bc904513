"""`kloom trace` names file, line and column of what a field holds, and of what that overrides."""

from __future__ import annotations

from pathlib import Path

import pytest

from kloom.sdk.result import Refusal
from kloom.trace import trace

OVERLAYS = str(Path(__file__).resolve().parents[1] / "overlays")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        "dev/kustomization.yaml": "generators: [applications.yaml]\n",
        "dev/applications.yaml": (
            "apiVersion: kloom.dev/v1alpha1\nkind: ApplicationGenerator\nmetadata: {name: dev}\n"
            "spec:\n  clusters: {east: {destination: {server: x}}}\n  common: ../common.yaml\n  services: [web.yaml]\n"
        ),
        "common.yaml": "source: {repoURL: r, path: was}\nproject: shop\n",
        "dev/web.yaml": "global: {name: web}\nsource:\n  path: is\neast: {enable: true}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_holds_comes_first_and_what_it_overrides_follows(repository: Path) -> None:
    assert repository.is_dir()
    assert list(trace("web-east", "spec.source.path")) == [
        "spec.source.path: is",
        "  dev/web.yaml:3:9: source.path",
        "  common.yaml:1:28: source.path (overridden: was)",
    ]


def test_an_inline_inventory_is_named_by_its_config(repository: Path) -> None:
    assert repository.is_dir()
    _, said = trace("argocd/web-east", "spec.destination.server")
    assert said == "  dev/applications.yaml:5:43: spec.clusters.east.destination.server"


def test_without_a_field_everything_is_told(repository: Path) -> None:
    assert repository.is_dir()
    told = [line.split(":")[0] for line in trace("web-east") if not line.startswith("  ")]
    assert told == [
        "apiVersion",
        "kind",
        "metadata.name",
        "metadata.namespace",
        "spec.destination.server",
        "spec.project",
        "spec.source.path",
        "spec.source.repoURL",
    ]


def test_an_unknown_application_and_field_are_refused_with_what_there_is(repository: Path) -> None:
    assert repository.is_dir()
    with pytest.raises(Refusal, match=r"did you mean web-east"):
        list(trace("web-est"))
    with pytest.raises(Refusal, match=r"in spec there are destination, project, source"):
        list(trace("web-east", "spec.sauce"))


def test_the_samples_can_be_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(OVERLAYS)
    assert list(trace("orders-prod-cluster-a", "spec.source.targetRevision", OVERLAYS))[1:] == [
        "  prod/services/orders.yaml:8:19: source.targetRevision",
        "  prod/common-values.yaml:7:19: source.targetRevision (overridden: production)",
        "  shared/common-values.yaml:10:19: source.targetRevision (overridden: main)",
    ]


def test_paths_that_kloom_finds_are_told_as_such(repository: Path) -> None:
    (repository / "is").mkdir()
    config = repository / "dev/applications.yaml"
    config.write_text(config.read_text() + "  manifestGeneratePaths: r\n")
    assert list(trace("web-east", "metadata.annotations")) == [
        'metadata.annotations["argocd.argoproj.io/manifest-generate-paths"]: /is',
        "  found in the repository, as manifestGeneratePaths asks",
    ]


# Applications that are not made, or made twice


def test_what_keeps_an_application_away_is_told_at_its_place(repository: Path) -> None:
    (repository / "dev/web.yaml").write_text("global: {name: web}\nsource: {pth: is}\neast: {enable: true}\n")
    with pytest.raises(Refusal) as refused:
        list(trace("web-east"))
    assert [str(result) for result in refused.value.results] == [
        ".: makes no Application web-east, nor any other",
        "dev/web.yaml:2:10: source.pth: unknown key (did you mean path?)",
    ]


def test_mistakes_of_other_services_are_not_told(repository: Path) -> None:
    config = repository / "dev/applications.yaml"
    config.write_text(config.read_text().replace("[web.yaml]", "[web.yaml, shop.yaml, art.yaml, cart.yaml]"))
    (repository / "dev/shop.yaml").write_text("global: {name: shop}\nsorce: {}\n")
    (repository / "dev/art.yaml").write_text("global: {name: art}\nsorce: {}\n")
    (repository / "dev/cart.yaml").write_text("global: {\n")
    with pytest.raises(Refusal) as refused:
        list(trace("cart-east"))
    assert [str(result) for result in refused.value.results] == [
        ".: makes no Application cart-east, but 1 other",
        "dev/cart.yaml:1:9: no valid YAML: the { that opens here is never closed",
    ]


@pytest.mark.parametrize(
    ("service", "name", "is_told"),
    [
        ("cart", "cart-east", True),
        ("Cart", "argocd/cart-east", True),
        ("cart-api", "my.cart-api-east", True),
        ("cart", "cart-api-east", True),
        ("cart", "carts-east", False),
        ("cart-api", "cart-web-api", False),
        ("", "gift-east", True),  # what its file is called
    ],
)
def test_a_service_is_known_by_the_parts_of_a_name(repository: Path, service: str, name: str, *, is_told: bool) -> None:
    (repository / "dev/web.yaml").unlink()
    (repository / "dev/gift.yaml").write_text(f"global: {{name: '{service}'}}\nsorce: {{}}\n")
    config = repository / "dev/applications.yaml"
    config.write_text(config.read_text().replace("web.yaml", "gift.yaml"))
    with pytest.raises(Refusal) as refused:
        list(trace(name))
    assert [result.field for result in refused.value.results[1:]] == ["sorce"] * is_told


def test_what_no_service_can_do_without_is_told_of_each(repository: Path) -> None:
    (repository / "common.yaml").write_text("source: {\n")
    with pytest.raises(Refusal, match=r"\ncommon\.yaml:1:9: "):
        list(trace("cart-east"))


def test_a_config_that_cannot_be_used_hides_only_its_own_environment(repository: Path) -> None:
    (repository / "test").mkdir()
    (repository / "test/kustomization.yaml").write_text("generators: [config.yaml]\n")
    (repository / "test/config.yaml").write_text(
        "apiVersion: kloom.dev/v1alpha1\nkind: ApplicationGenerator\nmetadata: {name: test}\n"
        'spec:\n  requires: ">=9"\n  services: web.yaml\n'
    )
    assert next(trace("web-east", "spec.project")) == "spec.project: shop"
    with pytest.raises(Refusal, match=r"\ntest/config\.yaml:5:13: spec\.requires: kloom must be >=9"):
        list(trace("web-west"))


def test_where_several_configs_make_it_each_is_named(repository: Path) -> None:
    (repository / "drill").mkdir()
    for file in ("kustomization.yaml", "applications.yaml", "web.yaml"):
        (repository / "drill" / file).write_text((repository / "dev" / file).read_text())
    assert list(trace("web-east", "spec.project")) == [
        "# dev/applications.yaml",
        "spec.project: shop",
        "  common.yaml:2:10: project",
        "# drill/applications.yaml",
        "spec.project: shop",
        "  common.yaml:2:10: project",
    ]


def test_what_is_no_folder_is_called_so(repository: Path) -> None:
    for folder, message in (("nowhere", "no such folder"), ("common.yaml", "must be a folder")):
        with pytest.raises(Refusal, match=f"{folder}: {message}"):
            list(trace("web-east", folder=str(repository / folder)))


@pytest.fixture
def as_items(repository: Path) -> Path:
    """The same values as entries of ConfigMaps, which a transformer is given."""
    generator = (repository / "dev/applications.yaml").read_text()
    by_name = generator.replace("../common.yaml", "[{items: common}]").replace("[web.yaml]", "[{items: services}]")
    (repository / "dev/applications.yaml").write_text(by_name)
    (repository / "dev/kustomization.yaml").write_text("components: [../values]\ntransformers: [applications.yaml]\n")
    (repository / "values").mkdir()
    for name in ("common.yaml", "dev/web.yaml"):
        (repository / name).rename(repository / "values" / Path(name).name)
    made = "- {{name: {0}, files: [{1}], options: {{annotations: {{kloom.dev/values: {0}}}}}}}\n"
    listed = "configMapGenerator:\n" + made.format("common", "common.yaml") + made.format("services", "web.yaml")
    (repository / "values/kustomization.yaml").write_text(f"kind: Component\n{listed}")
    return repository / "values"


def test_values_that_are_items_are_told_where_their_files_say_them(as_items: Path) -> None:
    assert as_items.is_dir()
    assert list(trace("web-east", "spec.source.path")) == [
        "spec.source.path: is",
        "  values/web.yaml:3:9: source.path",
        "  values/common.yaml:1:28: source.path (overridden: was)",
    ]


def test_so_are_the_mistakes_in_them(as_items: Path) -> None:
    (as_items / "web.yaml").write_text("global: {name: web}\nsource: {pth: is}\neast: {enable: true}\n")
    with pytest.raises(Refusal) as refused:
        list(trace("web-east"))
    first, second = refused.value.results
    assert first.message.startswith(".: makes no Application web-east")
    assert (second.file, second.line, second.field) == ("values/web.yaml", 2, "source.pth")


def test_a_component_makes_other_applications_of_each_kustomizations_values(as_items: Path) -> None:
    repository = as_items.parent
    (repository / "dev/kustomization.yaml").write_text("kind: Component\ntransformers: [applications.yaml]\n")
    for name in ("one", "two"):
        (repository / name).mkdir()
        for file in as_items.iterdir():
            (repository / name / file.name).write_text(
                file.read_text().replace("kind: Component", "components: [../dev]")
            )
        service = repository / name / "web.yaml"
        service.write_text(service.read_text().replace("web", name))
    assert list(trace("two-east", "spec.source.path"))[1] == "  two/web.yaml:3:9: source.path"


def test_a_kustomization_may_build_the_config(repository: Path) -> None:
    (repository / "dev/kustomization.yaml").write_text("generators: [made]\n")
    (repository / "dev/made").mkdir()
    (repository / "dev/made/kustomization.yaml").write_text("resources: [applications.yaml]\n")
    (repository / "dev/applications.yaml").rename(repository / "dev/made/applications.yaml")
    assert list(trace("web-east", "spec.source.path"))[1] == "  dev/web.yaml:3:9: source.path"


def test_what_is_broken_elsewhere_is_no_matter(repository: Path) -> None:
    (repository / "other").mkdir()
    (repository / "other/kustomization.yaml").write_text(
        'configMapGenerator: [{files: ["a\\0b"]}]\ntransformers: [7]\n'
    )
    (repository / "other/circle.yaml").symlink_to("circle.yaml")
    assert next(trace("web-east", "spec.source.path")) == "spec.source.path: is"
