"""Whatever stands in a file is a finding or none, never a bug: the cases, with something odd in a place by chance."""

import copy
import random
import shutil
from pathlib import Path

import pytest
import yaml

from kloom.reports import FORMATS, report_as
from kloom.validate import validate

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())
ODD = [None, [], {}, "", "x", 0, 1.5, True, [None], {"a": None}, [[]], "../x", "/x", [{}], "a\nb: c"]
HOW_OFTEN = 15


def places(value, path=()):
    yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in entries:
        yield from places(item, (*path, step))


def with_something_odd(value, chance):
    path = chance.choice(list(places(value)))
    odd = copy.deepcopy(chance.choice(ODD))
    if not path:
        return odd
    holder = value
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = odd
    return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_that_a_file_says_is_a_bug(case, tmp_path, monkeypatch):
    chance = random.Random(case.name)
    for number in range(HOW_OFTEN):
        folder = tmp_path / str(number)
        shutil.copytree(case, folder)
        (folder / ".git").mkdir()
        monkeypatch.chdir(folder)
        file = chance.choice(sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".json")))
        try:
            documents = list(yaml.safe_load_all(file.read_text()))
        except yaml.YAMLError:
            continue
        documents = [with_something_odd(document, chance) for document in documents]
        file.write_text(yaml.safe_dump_all(documents))
        for paths in (["."], [str(file.relative_to(folder))]):
            report = validate(paths)
            assert all(report_as(name, report) for name in FORMATS)
