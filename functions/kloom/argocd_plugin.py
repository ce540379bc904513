"""What Argo CD's config management plugin runs: the manifests of one Application on stdout, or why there are none.

Argo CD unpacks the repository, runs `kloom argocd generate` in the folder that the Application's source names, takes
stdout for the manifests, and shows stderr where the exit status is not 0. It is the real kustomize that builds them;
what Argo CD leaves to its plugins is done here:

- No manifests are an error. To Argo CD they would mean that all of the Application's resources are to be deleted.
- The repository ends where the unpacked one does, even if Argo CD left out its `.git`.
- An error reads the same each time: it holds no path of a temporary folder.
- The parameters that plugin.yaml announces are heeded, and others refused.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile

from kloom.config_file import kustomization_file
from kloom.sdk.execute import DONE, REFUSED, Outcome
from kloom.sdk.result import Refusal, Result
from kloom.sdk.suggestion import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

PARAMETERS = {"environment": "string", "freeze": "array"}
"""What an Application may say under source.plugin.parameters, and in which of its fields the value stands."""
_BUILD = ("build", "--enable-alpha-plugins")
_AFTER_FINDINGS = re.compile(r"\n: failure in plugin configured via [^;\n]+; exit status \d+")
_TEMPORARY_FILE = re.compile(r" configured via [^;\n]+(?=;)")


class Parameters:
    """What the Application says: the folder to build, below its own, and globs of the Applications to freeze."""

    __slots__ = ("environment", "freeze")

    def __init__(self, environment: str = "", freeze: Sequence[str] = ()) -> None:
        self.environment = environment
        self.freeze = freeze

    @classmethod
    def from_json(cls, text: str) -> Parameters:
        """The record of ARGOCD_APP_PARAMETERS, which Argo CD leaves away or sets to null where there are none."""
        import json

        try:
            given = json.loads(text or "null")
        except ValueError:
            given = text
        given = [] if given is None else given
        if not isinstance(given, list) or not all(isinstance(parameter, dict) for parameter in given):
            raise Refusal("ARGOCD_APP_PARAMETERS must be a JSON list of parameters, as Argo CD writes it")
        values: dict[str, Any] = {}
        wrong: list[Result] = []
        for at, parameter in enumerate(given):
            if problem := _problem(parameter):
                wrong.append(Result.error(problem, field=("plugin", "parameters", at)))
            else:
                values[parameter["name"]] = parameter[PARAMETERS[parameter["name"]]]
        if wrong:
            raise Refusal(wrong)
        return cls(**values)


def generate(environ: Mapping[str, str]) -> Outcome:
    """What the plugin answers for the Application in whose folder this runs.

    Raises Refusal for parameters that cannot be heeded, and where kustomize is missing.
    """
    parameters = Parameters.from_json(environ.get("ARGOCD_APP_PARAMETERS", ""))
    folder = _environment_folder(parameters.environment)
    root = repository_root(os.getcwd(), environ.get("ARGOCD_APP_SOURCE_PATH", ""))
    built = _build(folder, {**environ, "KLOOM_ROOT": root})
    complaint = readable(built.stderr.decode(errors="replace"), root)
    if built.returncode:
        return Outcome(REFUSED, stderr=complaint or f"kustomize ended with exit status {built.returncode}\n")
    if not built.stdout.strip():
        raise Refusal(
            "the build printed no manifests, for which Argo CD would delete all resources of this Application;"
            " to delete them, delete the Application"
        )
    if not parameters.freeze:
        return Outcome(DONE, built.stdout, complaint)
    return Outcome(DONE, frozen(built.stdout.decode(), parameters.freeze).encode(), complaint)


def repository_root(folder: str, source_path: str) -> str:
    """The folder that Argo CD unpacked to: what stands before the source's path, or before the end of it.

    Argo CD may send the common root of the paths in manifest-generate-paths instead of the whole repository.
    """
    steps = os.path.normpath(source_path).split(os.sep)
    while steps and os.path.basename(folder) == steps.pop():
        folder = os.path.dirname(folder)
    return folder


def readable(stderr: str, root: str) -> str:
    """kustomize's words without what differs from run to run, or is of no use to who reads them in Argo CD."""
    text = _TEMPORARY_FILE.sub("", _AFTER_FINDINGS.sub("", stderr))
    return text.replace(os.path.join(root, ""), "").replace(root, ".").removeprefix("Error: ").lstrip("\n")


def frozen(manifests: str, globs: Sequence[str]) -> str:
    """The manifests, automated sync switched off in each Application whose name a glob matches.

    Raises Refusal for globs that match no Application: somebody meant one.
    """
    from fnmatch import fnmatchcase

    from kloom.sdk.yaml_reader import YamlReader, kustomize_plain
    from kloom.sdk.yaml_writer import to_yaml_documents

    objects = YamlReader(kustomize_plain).documents(manifests)
    applications = {obj["metadata"]["name"]: obj for obj in objects if obj["kind"] == "Application"}
    matched = {glob: [name for name in applications if fnmatchcase(name, glob)] for glob in globs}
    if unused := [glob for glob in globs if not matched[glob]]:
        raise Refusal(_unmatched(unused, applications))
    for name in {name for names in matched.values() for name in names}:
        _switch_off(applications[name])
    return to_yaml_documents(objects, sort_keys=True)


def _problem(parameter: Mapping[str, Any]) -> str | None:
    """What is wrong with one parameter of an Application."""
    name = parameter.get("name", "")
    field = PARAMETERS.get(name)
    if field is None:
        return f"{name}: unknown parameter; there are: {', '.join(PARAMETERS)}{did_you_mean(name, PARAMETERS)}"
    return None if field in parameter else f"{name} must be given as {field}"


def _environment_folder(environment: str) -> str:
    """The folder to build: the Application's own, or the one below it that the parameter names."""
    folder = os.path.normpath(environment)
    if os.path.isabs(folder) or folder.split(os.sep)[0] == os.pardir:
        raise Refusal(f"must be a folder below the Application's path, was {environment}", field="environment")
    if environment and kustomization_file(folder) is None:
        there = sorted(entry.name for entry in os.scandir() if entry.is_dir() and kustomization_file(entry.path))
        known = f"must be one of {', '.join(there)}" if there else "there is no kustomization below the path"
        raise Refusal(f"{known}; was {environment}{did_you_mean(environment, there)}", field="environment")
    return folder


def _build(folder: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    """Run kustomize. Its temporary files are below the root, which Argo CD removes even where it has to kill this."""
    kustomize = shutil.which("kustomize")
    if kustomize is None:
        raise Refusal("kustomize must be on PATH of the plugin's container")
    try:
        temporary = tempfile.TemporaryDirectory(prefix=".kloom-", dir=environ["KLOOM_ROOT"])
    except OSError as error:
        raise Refusal(f"{environ['KLOOM_ROOT']}: temporary files cannot be written: {error.strerror}") from None
    with temporary as scratch:
        return subprocess.run(  # noqa: S603  # our words
            [kustomize, *_BUILD, folder],
            env={**environ, "TMPDIR": scratch},
            capture_output=True,
            check=False,
        )


def _switch_off(application: dict[str, Any]) -> None:
    automated = ((application.get("spec") or {}).get("syncPolicy") or {}).get("automated")
    if automated is not None:
        automated["enabled"] = False


def _unmatched(globs: Sequence[str], names: Mapping[str, Any]) -> Iterator[Result]:
    for glob in globs:
        yield Result.error(f"{glob}: matches the name of no Application{did_you_mean(glob, names)}", field="freeze")
