"""Feed kloom with what was made to break it, and see whether it stays polite.

    python hack/fuzz.py --seconds 300            # other cases each time; a failing run tells its seed
    python hack/fuzz.py --seconds 60 --seed 7    # the same cases again

Whatever comes in, kloom must refuse it in sentences (status 1) or do its work (0): never a traceback, never part of an
output, never long, never much memory. Cases are mutations of the tests' cases and of texts that are known to hurt.
They run in processes of their own, with limits; where one dies, its case is told.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import os
import pickle
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from copy import deepcopy
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from kloom import cli
from kloom.catalog import dispatch
from kloom.config_file import listed_configs
from kloom.sdk import ResourceList
from kloom.sdk.execute import Outcome, execute
from kloom.sdk.testing import Case as GoldenCase
from kloom.sdk.testing import cases as golden_cases
from kloom.sdk.yaml_reader import YamlError, kustomize_plain, position_of, read_documents
from kloom.values.helm_yaml import HELM

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "cases"
"""A folder for each kind, with its golden cases."""
SECONDS = 30.0  # of the processor: far beyond what anything takes, so that only what hangs is found
LONG = 0.1
PATIENCE = 600.0  # of the clock, for all that a process judges
ADDRESS_SPACE = 1024 * 2**20
BATCH = 500
DONE, REFUSED = 0, 1


@dataclass(frozen=True, slots=True)
class Case:
    """What is given (a file's new content, or stdin) and to whom; `place` is a file or, for a golden case, its folder."""

    target: str
    data: bytes
    place: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a case: the problem, "" if there is none, and what was said."""

    case: Case
    problem: str
    status: int
    stderr: str
    seconds: float


# Whom it is given to. All run in the folder of the kustomization FOLDER, and each leaves it as it was.


def reader(case: Case) -> Outcome:
    text = case.data.decode(errors="replace")
    for read in (lambda: read_documents(text, kustomize_plain), lambda: HELM.document(text)):
        try:
            read()
        except YamlError as error:
            if error.line < 1 or error.column < 1 or not error.message:
                raise
    with suppress(YamlError):
        paths: tuple[list[str | int], ...] = (["source", "path"], ["a", 0, "b"], ["metadata"])
        for path in paths:
            position_of(text, path, key=len(path) > 1)
    return Outcome(DONE)


def stdin(case: Case) -> Outcome:
    return execute(dispatch, case.data)


def in_place(case: Case) -> Outcome:
    return execute(_label_all, case.data)


def _label_all(resources: ResourceList) -> None:
    for obj in resources.where():
        if isinstance(obj.get("metadata"), dict) and isinstance(obj["metadata"].get("labels", {}), dict):
            obj.labels["fuzzed"] = "yes: a\nb"


def plugin(case: Case) -> Outcome:
    with spoiled("config.yaml", case.data):
        return execute(dispatch, b"", ["config.yaml"])


def plugin_stdin(case: Case) -> Outcome:
    return execute(dispatch, case.data, ["config.yaml"])


def golden(case: Case) -> Outcome:
    """A golden case with one of its files spoiled, as `kustomize build` would call the function."""
    with within(Path("..") / "golden"), spoiled(case.place, case.data):
        folder = Path(case.place)
        while not (folder / "config.yaml").exists():
            folder = folder.parent
        try:
            given = GoldenCase(folder).resource_list()
        except (YamlError, ValueError, AttributeError, TypeError):  # kustomize would not come so far
            given = GoldenCase(ROOT / folder).resource_list()
        with within(folder):
            return execute(dispatch, given)


def values(case: Case) -> Outcome:
    with spoiled(case.place or "services/a.yaml", case.data):
        return execute(dispatch, b"", ["config.yaml"])


def render(case: Case) -> Outcome:
    with spoiled(case.place or "kustomization.yaml", case.data):
        return command("render", ".")


def validate(case: Case) -> Outcome:
    with spoiled(case.place or "services/a.yaml", case.data):
        return command("validate", ".")


def trace(case: Case) -> Outcome:
    with spoiled(case.place or "common.yaml", case.data):
        return command("trace", "a-cluster-a")


def schema(case: Case) -> Outcome:
    with spoiled(case.place or "clusters.yaml", case.data):
        return command("schema", "values", "--clusters", ".")


def listed(case: Case) -> Outcome:
    with spoiled("kustomization.yaml", case.data):
        list(listed_configs("."))
    return Outcome(DONE)


TARGETS: dict[str, Callable[[Case], Outcome]] = {
    target.__name__: target
    for target in (
        reader, stdin, in_place, plugin, plugin_stdin, golden, values, render, validate, trace, schema, listed
    )
}  # fmt: skip
SPEAKERS = (stdin, in_place, plugin, plugin_stdin, golden, values)
"""Those whose stdout is a ResourceList."""


def command(*words: str) -> Outcome:
    """A command of kloom's, in this process."""
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = cli.main(words)
    out.flush()
    return Outcome(status, out.buffer.getvalue(), err.getvalue())


@contextmanager
def spoiled(place: str, data: bytes) -> Iterator[None]:
    path = Path(place)
    former = path.read_bytes()
    path.write_bytes(data)
    try:
        yield
    finally:
        path.write_bytes(former)


@contextmanager
def within(folder: Path) -> Iterator[None]:
    former = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(former)


# Whether it was polite


def problem_of(case: Case, outcome: Outcome) -> str:
    """What must not be in an outcome, "" if nothing."""
    lines = outcome.stderr.splitlines()
    if "Traceback" in outcome.stderr or outcome.status not in (DONE, REFUSED):
        return f"status {outcome.status}: {lines[-2:]}"
    if not all(line and line.isprintable() for line in lines):
        return "stderr is more than printable lines"
    speaks = TARGETS[case.target] in SPEAKERS
    if outcome.status == REFUSED and not lines and case.target != "validate":  # which reports on stdout
        return "refused without a word"
    if outcome.status == REFUSED and outcome.stdout and case.target in ("render", "trace", "schema"):
        return "refused, and printed something"
    if outcome.status == REFUSED and outcome.stdout and case.target.startswith("plugin"):
        return "a plugin that refuses must print nothing"
    if speaks and outcome.status == DONE and not outcome.stdout:
        return "done, and printed nothing, which deletes everything"
    return _no_list(outcome.stdout) if speaks and outcome.stdout else ""


def _no_list(stdout: bytes) -> str:
    try:
        (whole,) = read_documents(stdout.decode(), kustomize_plain)
    except (YamlError, ValueError) as error:
        return f"stdout is no document: {error}"
    is_list = isinstance(whole, dict) and whole.get("kind") == "ResourceList" and isinstance(whole.get("items"), list)
    return "" if is_list else "stdout is no ResourceList"


class TooSlowError(BaseException):
    """A case took more than SECONDS. No Exception, which kloom would report as its own."""


def verdict_on(case: Case) -> Verdict:
    def too_slow(*_: object) -> None:
        raise TooSlowError

    signal.signal(signal.SIGPROF, too_slow)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    began = time.process_time()
    outcome = Outcome(DONE)
    try:
        outcome = TARGETS[case.target](case)
        problem = problem_of(case, outcome)
    except TooSlowError:
        problem = f"took more than {SECONDS} s"
    except Exception as error:  # noqa: BLE001  # what escapes is what we look for
        problem = f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return Verdict(case, problem, outcome.status, outcome.stderr, time.process_time() - began)


# What is given

SNIPPETS = [text.encode() for text in (
    "&a", "*a", "&a [*a]", "<<: *a", "<<: {a: b}", "!!str a", "!!python/object:os.system", "!<!>", "!", "? a", "? [a, b]",
    "? {a: b}\n: c", "- - - a", "[[[[", "]]]]", "{{{{", "}}}}", "{a, b: c}", "[a: b]", "'", '"', "''", '"\\ud800"',
    '"\\x00"', '"\\u2028"', '"\\U0001F680"', '"\\', "|", "|+\n  a\n\n\n", ">-\n a\n  b\n", "|9\n a", "%YAML 1.1\n---\n",
    "%TAG ! tag:a,2000:\n---\n", "---\n", "...\n", "--- a\n--- b\n", "\t", "\tx: y", "#", "# kloom: ignore", "# kloom: ignore x y",
    "~", "null", "Null", "yes", "on", "y", "=", "<<", "-", ":", "::", "a:b", "0", "-0", "0x1F", "0o17", "017", "08", "1_000",
    "1e3", "1e999", "1e-999", ".5", ".inf", "-.inf", ".nan", "12:30", "2020-01-01", "9" * 30, "9" * 500, "0x" + "f" * 400,
    "1" * 5000, "9007199254740993", "\u0085", "\u2028", "\ufeff", "\x7f", "\x9b", "\u202e", "\u200b", "é", "日本", "🚀", "\x1b[2J",
    "a" * 2000, "k" * 1100 + ": v", "global:", "roles:", "roles: {active: null}", "cluster-A:", "cluster-A: null", "cluster-a: {}",
    "cluster-A: {enable: yes}", "cluster-A: {enable: true}", "cluster-A: {role: active}", "global: null", "global: []",
    "global: {name: null}", "global: {nameFormat: '{service'}", "global: {nameFormat: '{}'}", "source: {}", "source: null",
    "sources: []", "sources: [null]", "sources: {}", "source: {helm: {valuesObject: {a: [1, {b: null}]}}}", "destination: {server: 5}",
    "syncPolicy: {automated: {prune: {}}}", "items: null", "items: [null]", "items: {}", "metadata: null", "metadata: []",
    "metadata: x", "metadata: {annotations: []}", "metadata: {annotations: {a: 1}}", "metadata: {name: 5}", "metadata: {labels: x}",
    "kind: null", "kind: List", "kind: [a]", "apiVersion: 5", "spec: []", "spec: null", "functionConfig: null", "functionConfig: []",
    "spec: {services: [..]}", "spec: {services: '/etc/passwd'}", "spec: {services: '**'}", "spec: {services: '[', common: '*'}",
    "services: ['services/*', 5]", "clusters: {items: x}", "clusters: {items: {}}", "requires: '>=0'", "requires: a", "failOn: warning",
    "resources: [.]", "resources: [..]", "resources: ['']", "resources: [null]", "resources: [a.yaml]", "generators: [{}]",
    "generators: ['a: b\nc: d']", "generators: [kustomization.yaml]", "transformers: [config.yaml]", "sortOptions: {order: 5}",
    'generators: ["apiVersion: kloom.dev/v1alpha1\\nkind: ApplicationGenerator\\nspec: 5\\n"]',
)] + [b"\xff\xfe", b"\xed\xa0\x80", b"\0", b"\xc3", b"\r", b"\r\n"]  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e300, 2**53 + 1, 10**40, "", " ", "\n", "a\nb", "<<", "=", "yes", "\x7f", "\u2028", "\ufeff",
    "..", "/", "*", "a" * 5000, [], {}, [None], [[]], {"": ""}, {"<<": 1}, {"a": None}, [{}], {"items": []}, {"name": None},
)  # fmt: skip

Mutation = Callable[[random.Random, bytes], bytes]


def _spot(rng: random.Random, data: bytes) -> int:
    return rng.randrange(len(data) + 1)


def _line(rng: random.Random, data: bytes) -> tuple[int, list[bytes]]:
    lines = data.split(b"\n")
    return rng.randrange(len(lines)), lines


def flip(rng: random.Random, data: bytes) -> bytes:
    spot = _spot(rng, data)
    return data[:spot] + bytes([rng.randrange(256)]) + data[spot + 1 :]


def cut(rng: random.Random, data: bytes) -> bytes:
    spot = _spot(rng, data)
    return data[:spot] + data[spot + rng.choice((1, 2, 5, 20, 100)) :]


def end_early(rng: random.Random, data: bytes) -> bytes:
    return data[: _spot(rng, data)]


def insert(rng: random.Random, data: bytes) -> bytes:
    spot = _spot(rng, data)
    return data[:spot] + rng.choice(SNIPPETS) + data[spot:]


def insert_line(rng: random.Random, data: bytes) -> bytes:
    at, lines = _line(rng, data)
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip(b" "))]
    return b"\n".join([*lines[:at], indent + rng.choice(SNIPPETS), *lines[at:]])


def new_value(rng: random.Random, data: bytes) -> bytes:
    at, lines = _line(rng, data)
    key, colon, _ = lines[at].partition(b":")
    lines[at] = key + colon + b" " + rng.choice(SNIPPETS)
    return b"\n".join(lines)


def indent(rng: random.Random, data: bytes) -> bytes:
    at, lines = _line(rng, data)
    lines[at] = lines[at].lstrip(b" ") if rng.random() < 0.5 else b" " * rng.choice((1, 2, 4, 200)) + lines[at]  # noqa: PLR2004
    return b"\n".join(lines)


def swap_lines(rng: random.Random, data: bytes) -> bytes:
    one, lines = _line(rng, data)
    other = rng.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def repeat(rng: random.Random, data: bytes) -> bytes:
    spot = _spot(rng, data)
    span = data[spot : spot + rng.choice((1, 3, 10, 50))]
    return data[:spot] + span * rng.choice((2, 10, 1000)) + data[spot:]


def anchor(rng: random.Random, data: bytes) -> bytes:
    at, lines = _line(rng, data)
    lines[at] = lines[at].replace(b": ", b": &a ", 1)
    return b"\n".join([*lines, b"more: *a", b"<<: *a"])


def restructure(rng: random.Random, data: bytes) -> bytes:
    """Something else in a random place of the data, written as JSON."""
    try:
        whole = read_documents(data.decode(), kustomize_plain)[0]
    except (YamlError, ValueError, IndexError):
        return data
    for _ in range(rng.choice((1, 1, 2, 4))):
        places = list(_places(whole))
        if not places:
            return data
        parent, step = rng.choice(places)
        if rng.random() < 0.2:  # noqa: PLR2004
            del parent[step]
        elif isinstance(parent, dict) and rng.random() < 0.2:  # noqa: PLR2004
            parent[rng.choice(("", "x", "<<", "items", "kind", "name", "\u2028", "a" * 300))] = parent.pop(step)
        else:
            parent[step] = deepcopy(rng.choice(ODD_VALUES))
    return json.dumps(whole, ensure_ascii=rng.random() < 0.5).encode(errors="surrogatepass")  # noqa: PLR2004


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each map or list below a value with each of its keys or positions."""
    steps = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for step in steps:
        yield value, step
        yield from _places(value[step])


MUTATIONS: tuple[Mutation, ...] = (
    flip, cut, end_early, insert, insert, insert_line, insert_line, new_value, new_value, indent, swap_lines, repeat,
    anchor, restructure, restructure, restructure,
)  # fmt: skip


def mutated(rng: random.Random, data: bytes) -> bytes:
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 8))):
        data = rng.choice(MUTATIONS)(rng, data)
    return data


class Corpus:
    """What is mutated: for each target, files to spoil with a content to begin with."""

    def __init__(self) -> None:
        found = [case for kind in sorted(GOLDEN.iterdir()) for case in golden_cases(kind)]
        files = [path for case in found for path in sorted(case.folder.rglob("*.yaml")) if path.is_file()]
        lists = [case.resource_list() for case in found]
        self._seeds: dict[str, list[tuple[str, bytes]]] = {
            "golden": [
                (str(path.relative_to(ROOT)), path.read_bytes())
                for path in files
                if path.name not in ("expected.yaml", "input.yaml")
            ],
            "stdin": [("", one) for one in lists],
            "plugin_stdin": [("", path.read_bytes()) for path in files if path.name in ("expected.yaml", "input.yaml")],
            "in_place": [("", one) for one in map(_as_kpt_sends, lists)],
            "render": [
                (name, content)
                for name, pattern in (("kustomization.yaml", "kustomization.yaml"), ("config.yaml", "config.yaml"))
                for content in (path.read_bytes() for path in files if path.name == pattern)
            ],
        }
        self._seeds["plugin"] = [("", content) for name, content in self._seeds["render"] if name == "config.yaml"]
        self._seeds["listed"] = [("", content) for _, content in self._seeds["render"]]
        own = [("", content) for _, content in self._seeds["golden"]]
        of_file = {"values": ("services/a.yaml", "common.yaml", "clusters.yaml"), "validate": tuple(FOLDER)}
        of_file |= {"trace": ("common.yaml", "services/a.yaml"), "schema": ("clusters.yaml", "config.yaml")}
        for target, names in of_file.items():
            self._seeds[target] = [(name, content) for name in names for _, content in own]
            self._seeds[target] += [(name, FOLDER[name].encode()) for name in names for _ in own]
        self._seeds["reader"] = [*own, *self._seeds["stdin"], *(("", snippet) for snippet in SNIPPETS)]

    def cases(self, seed: int, count: int, targets: Sequence[str]) -> Iterator[Case]:
        rng = random.Random(seed)  # noqa: S311  # to be repeated, not to be secret
        for _ in range(count):
            target = rng.choice(targets)
            place, data = rng.choice(self._seeds[target])
            yield Case(target, mutated(rng, data), place)


def _as_kpt_sends(resource_list: bytes) -> bytes:
    """Block YAML, each item with its file."""
    from kloom.sdk.yaml_writer import to_yaml

    whole = json.loads(resource_list)
    for index, item in enumerate(whole["items"]):
        notes = {"internal.config.kubernetes.io/path": "a.yaml", "internal.config.kubernetes.io/index": str(index)}
        item.setdefault("metadata", {}).setdefault("annotations", {}).update(notes)
    return to_yaml(whole).encode()


CONFIG: dict[str, Any] = {
    "apiVersion": "kloom.dev/v1alpha1",
    "kind": "ApplicationGenerator",
    "metadata": {"name": "dev"},
    "spec": {"clusters": "clusters.yaml", "common": "common.yaml", "services": "services/*.yaml"},
}
FOLDER = {
    "kustomization.yaml": "generators: [config.yaml]\n",
    "config.yaml": json.dumps(CONFIG),
    "clusters.yaml": "cluster-A: {destination: {name: a}, role: active}\ncluster-B: {destination: {name: b}}\n",
    "common.yaml": "source: {repoURL: https://example.com/r.git, path: p}\nroles: {active: {project: live}}\n",
    "services/a.yaml": "global: {name: a, labels: {team: a}}\ncluster-A: {enable: true}\ncluster-B: {enable: true}\n",
}
"""The kustomization that is spoiled; it builds."""


# Processes


def work(cases: Iterable[Case], current: Path, verdicts: Path) -> None:
    """In a process of its own: judge the cases, telling each before it is begun."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    gc.disable()  # as kloom itself does
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(GOLDEN, Path(scratch) / "golden" / GOLDEN.relative_to(ROOT))
        folder = Path(scratch) / "own"
        for repository in ("golden", "own"):
            (Path(scratch) / repository / ".git").mkdir(parents=True)
        for name, text in FOLDER.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        found: list[Verdict] = []
        with within(folder):
            for case in cases:
                current.write_bytes(pickle.dumps(astuple(case)))
                found.append(verdict_on(case))
                os.chdir(folder)  # where it was interrupted elsewhere
                if found[-1].seconds > LONG or len(found) % 50 == 0:
                    gc.collect()
    verdicts.write_bytes(pickle.dumps(([astuple(verdict) for verdict in found], most_megabytes())))


def most_megabytes() -> float:
    """The most memory that this process had; of getrusage, it would be at least what its parent had."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def judged(arguments: Sequence[str], stdin: bytes = b"") -> tuple[list[Verdict], float]:
    """What a process of its own finds, and how many megabytes it took; a last verdict on a case that killed it."""
    with tempfile.TemporaryDirectory() as scratch:
        current, verdicts = Path(scratch) / "current", Path(scratch) / "verdicts"
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        environment.pop("KLOOM_ROOT", None)
        process = subprocess.Popen(
            [sys.executable, __file__, "--worker", str(current), str(verdicts), *arguments],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        try:
            _, told = process.communicate(stdin, timeout=PATIENCE)
            ended = f"status {process.returncode}"
        except subprocess.TimeoutExpired:
            process.kill()
            _, told = process.communicate()
            ended = "it did not end"
        if verdicts.exists():
            found, megabytes = pickle.loads(verdicts.read_bytes())  # noqa: S301  # our own process
            return [Verdict(Case(*case), *rest) for case, *rest in found], megabytes
        if not current.exists():
            raise RuntimeError(told.decode(errors="replace"))
        case = Case(*pickle.loads(current.read_bytes()))  # noqa: S301  # our own process
        return [Verdict(case, f"it killed the process: {ended}: {told[-500:]!r}", -1, "", 0)], 0


def judge(cases: Sequence[Case]) -> tuple[list[Verdict], float]:
    """The verdicts on these cases, all in one process, and how many megabytes it took."""
    return judged([], pickle.dumps([astuple(case) for case in cases]))


def fuzz(seconds: float, seed: int, targets: Sequence[str]) -> tuple[Counter[str], list[Verdict]]:
    """How many cases of each target ran until the time was over, and those that were no good."""
    until = time.monotonic() + seconds
    counted: Counter[str] = Counter()
    bad: list[Verdict] = []
    while time.monotonic() < until:
        found, _ = judged(["--seed", str(seed), *targets])
        counted.update(verdict.case.target for verdict in found)
        bad += [verdict for verdict in found if verdict.problem]
        seed += 1
    return counted, bad


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"{', '.join(TARGETS)} (default: all)")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None, help="of the first batch; the others count on")
    parser.add_argument("--worker", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    targets = options.targets or list(TARGETS)
    if options.worker:
        from_stdin = options.seed is None
        given = pickle.loads(sys.stdin.buffer.read()) if from_stdin else []  # noqa: S301  # our own process
        cases = [Case(*case) for case in given]
        work(cases or Corpus().cases(options.seed or 0, BATCH, targets), *options.worker)
        return DONE
    seed = random.SystemRandom().randrange(10**6) * 1000 if options.seed is None else options.seed
    counted, bad = fuzz(options.seconds, seed, targets)
    for verdict in bad:
        print(f"{verdict.case.target} {verdict.case.place}: {verdict.problem}\n  {verdict.case.data[:2000]!r}")
    told = ", ".join(f"{target} {count}" for target, count in sorted(counted.items()))
    print(f"{counted.total()} cases from seed {seed} on ({told}): {len(bad)} bad")
    return REFUSED if bad else DONE


if __name__ == "__main__":
    sys.exit(main())
