import pytest

from kloom.config_file import KUSTOMIZATION_FILES, located
from kloom.sdk.result import Result

CONFIG = {"kind": "ApplicationGenerator", "metadata": {"name": "dev"}, "spec": {"services": 1}}
TEXT = "kind: ApplicationGenerator\nmetadata: {name: dev}\nspec:\n  services: 1\n"
WRONG = Result.error("wrong", field="spec.services")


def line(folder):
    (result,) = located([WRONG], CONFIG, str(folder))
    return str(result)


@pytest.mark.parametrize("name", KUSTOMIZATION_FILES)
@pytest.mark.parametrize("field", ["generators", "transformers", "validators"])
def test_the_listed_file_with_kind_and_name_is_the_place(tmp_path, name, field):
    (tmp_path / name).write_text(f"{field}: [other.yaml, nothing.yaml, folder, configs/dev.yaml]\n")
    (tmp_path / "other.yaml").write_text(TEXT.replace("dev", "prod"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "dev.yaml").write_text(TEXT)
    assert line(tmp_path) == "configs/dev.yaml:4:13: spec.services: wrong"


@pytest.mark.parametrize(
    "kustomization",
    [
        None,
        "",
        "generators: dev.yaml",
        "generators: 5",
        "generators: [1, null, {}]",
        "generators: [{",
        "[dev.yaml]",
        "generators:\n- |-\n  kind: ApplicationGenerator\n  metadata: {name: dev}\n",
        "generators: [latin.yaml]",
    ],
)
def test_without_such_a_file_it_is_kind_and_name(tmp_path, kustomization):
    if kustomization is not None:
        (tmp_path / "kustomization.yaml").write_text(kustomization)
    (tmp_path / "latin.yaml").write_bytes(TEXT.encode() + b"# \xfc\n")
    assert line(tmp_path) == "ApplicationGenerator/dev spec.services: wrong"


def test_one_of_several_configs_in_a_file_is_told_by_file_and_name(tmp_path):
    (tmp_path / "kustomization.yaml").write_text("generators: [two.yaml]")
    (tmp_path / "two.yaml").write_text(f"{TEXT.replace('dev', 'prod')}---\n{TEXT}")
    assert line(tmp_path) == "two.yaml: ApplicationGenerator/dev spec.services: wrong"


def test_what_has_a_place_keeps_it(tmp_path):
    results = [
        Result.error("wrong", file="a.yaml"),
        Result.error("wrong").about({"kind": "Secret", "metadata": {"name": "a"}}),
    ]
    assert located(results, CONFIG, str(tmp_path)) == results
