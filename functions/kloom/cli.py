"""The command line: arguments, one call, exit status."""

from __future__ import annotations

import os
import sys

from kloom import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence
    from types import SimpleNamespace

    from kloom.sdk.result import Result

    Arguments = argparse.Namespace | SimpleNamespace

DONE, REFUSED, USAGE, BUG = 0, 1, 2, 3
_DESCRIPTION = """\
A few lines per service become complete Argo CD Applications on every cluster.
As a KRM function kloom reads a ResourceList from stdin; kustomize does that for you.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. The exit status: 0 done, 1 a mistake in what was given, 2 wrong usage, 3 a bug."""
    words = sys.argv[1:] if argv is None else argv
    words = words or ["--help"]
    arguments = _plain_arguments(words) or _parser().parse_args(words)
    from kloom.sdk.result import Refusal

    try:
        status = int(arguments.command(arguments))
        sys.stdout.flush()  # a pipe that broke is met here, not at exit
    except Refusal as refusal:
        _complain(refusal.results)
        return REFUSED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    except Exception:  # noqa: BLE001  # whatever escapes is ours
        import traceback

        sys.stderr.write(
            f"{traceback.format_exc()}This is a bug in kloom {__version__}, not in your files: please report it.\n"
        )
        return BUG
    return status


def _plain_arguments(words: Sequence[str]) -> SimpleNamespace | None:
    """The arguments of calls that are nothing but words: `argparse` takes longer to import than a small build."""
    from types import SimpleNamespace

    match words:
        case ["render", folder] if not folder.startswith("-"):
            return SimpleNamespace(command=_render, folder=folder)
        case ["argocd", "generate"]:
            return SimpleNamespace(command=_argocd_generate)
    return None


def _render(arguments: Arguments) -> int:
    import gc

    from kloom.render import render
    from kloom.sdk.yaml_writer import to_yaml_documents

    gc.disable()  # thousands of objects, all kept to the end
    rendered = render(arguments.folder)
    _complain(rendered.results)
    sys.stdout.buffer.write(to_yaml_documents(rendered.objects, sort_keys=True).encode())  # whatever the locale
    return DONE


def _init(arguments: Arguments) -> int:
    from kloom.scaffold import write_first_environment
    from kloom.values.files import Repository

    for path, written in write_first_environment(arguments.folder):
        print(f"{'wrote' if written else 'kept '} {path}")
    folder = os.path.normpath(os.path.join(arguments.folder, "overlays", "dev"))
    print(f"\nkloom render {folder}   shows what it makes.")
    if Repository(folder).root == os.path.realpath(folder):
        print("There is no .git above it: run `git init` first, or set KLOOM_ROOT to this folder.")
    return DONE


def _eject(arguments: Arguments) -> int:
    from kloom.eject import eject

    ejected = eject(arguments.folder, arguments.to)
    print(ejected)
    return DONE


def _trace(arguments: Arguments) -> int:
    from kloom.trace import trace

    for line in trace(arguments.application, arguments.field, arguments.folder):
        print(line)
    return DONE


def _schema(arguments: Arguments) -> int:
    from kloom import editor_schemas
    from kloom.sdk.result import Refusal, Result

    if arguments.write is not None:
        for path, written in editor_schemas.write(arguments.write):
            print(f"{'wrote' if written else 'kept '} {path}")
        return DONE
    if arguments.check is not None:
        if stale := editor_schemas.outdated(arguments.check):
            message = f"is out of date: run kloom schema --write {arguments.check}"
            raise Refusal(Result.error(message, file=path) for path in stale)
        return DONE
    clusters = editor_schemas.clusters_of(arguments.clusters) if arguments.clusters else ()
    print(editor_schemas.text_of(editor_schemas.schema(arguments.name, clusters)), end="")
    return DONE


def _validate(arguments: Arguments) -> int:
    import gc

    from kloom.reports import report_as
    from kloom.validate import validate

    missing = [path for path in arguments.paths if not os.path.exists(path)]
    if missing:
        sys.stderr.write("".join(f"kloom validate: {path}: no such file or folder\n" for path in missing))
        return USAGE
    gc.disable()  # what is read stays until the end
    report = validate(arguments.paths, arguments.since)
    report.color = _wants_color(arguments.color)
    sys.stdout.buffer.write(report_as(arguments.format, report).encode())
    fails = report.count("error") + (report.count("warning") if arguments.fail_on == "warning" else 0)
    return REFUSED if fails else DONE


def _wants_color(choice: str) -> bool:
    """As https://no-color.org asks: NO_COLOR, set and not empty, counts where nothing is said."""
    return choice == "always" or (choice == "auto" and sys.stdout.isatty() and not os.environ.get("NO_COLOR"))


def _rules(arguments: Arguments) -> int:
    from kloom.validate.rulebook import as_json, as_table

    print((as_json if arguments.format == "json" else as_table)(), end="")
    return DONE


def _explain(arguments: Arguments) -> int:
    from kloom.validate.rulebook import explanation

    print(explanation(arguments.rule), end="")
    return DONE


def _plugin_install(arguments: Arguments) -> int:
    from kloom import plugin_copy, plugin_home

    home = arguments.home or plugin_home.default_home()
    for link in plugin_copy.install(home) if arguments.copy else plugin_home.install(home):
        print(f"installed {link}")
    if plugin_home.home_in_use() != os.path.abspath(home):
        print(f'\nkustomize looks there after: export {plugin_home.VARIABLE}="{os.path.abspath(home)}"')
    return DONE


def _plugin_uninstall(arguments: Arguments) -> int:
    from kloom import plugin_home

    for link in plugin_home.uninstall(arguments.home or plugin_home.default_home()):
        print(f"removed {link}")
    return DONE


def _plugin_status(arguments: Arguments) -> int:
    from kloom import plugin_home

    states = list(plugin_home.status(arguments.home or plugin_home.default_home()))
    for link, state in states:
        print(f"{link}: {state}")
    return DONE if all(state == plugin_home.INSTALLED for _, state in states) else REFUSED


def _doctor(arguments: Arguments) -> int:
    from kloom.doctor import examine

    lines, works = examine(arguments.image)
    for line in lines:
        print(line)
    return DONE if works else REFUSED


def _argocd_generate(_arguments: Arguments) -> int:
    from kloom.argocd_plugin import generate

    outcome = generate(os.environ)
    sys.stderr.write(outcome.stderr)
    sys.stdout.buffer.write(outcome.stdout)
    return outcome.status


def _complain(results: Iterable[Result]) -> None:
    from kloom.sdk.result import in_order

    sys.stderr.write("".join(f"{result}\n" for result in in_order(results)))


def _add_validate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from kloom.reports import FORMATS

    validate = commands.add_parser("validate", help="check values files, configs and manifests of a repository")
    validate.add_argument("paths", metavar="PATH", nargs="*", default=["."], help="files, folders (default: here)")
    validate.add_argument("--format", choices=FORMATS, default="text", help="for whom to write (default: text)")
    validate.add_argument("--fail-on", choices=("error", "warning"), default="error", help="(default: error)")
    validate.add_argument("--since", metavar="REV", default="", help="also: what changed in clusters since a revision")
    validate.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="(default: auto)")
    validate.set_defaults(command=_validate)


def _parser() -> argparse.ArgumentParser:
    import argparse

    parser = argparse.ArgumentParser(
        prog="kloom", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"kloom {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    render = commands.add_parser("render", help="print what kustomize would build, without kustomize")
    render.add_argument("folder", help="a kustomization with kloom configs under generators")
    render.set_defaults(command=_render)

    init = commands.add_parser("init", help="write a first environment that builds")
    init.add_argument("folder", nargs="?", default=".", help="the repository (default: here)")
    init.set_defaults(command=_init)

    eject = commands.add_parser("eject", help="write the plain-helm form of a kustomization and prove it equal")
    eject.add_argument("folder", help="a kustomization with an ApplicationGenerator")
    eject.add_argument("--to", metavar="DIR", help="where to write (default: FOLDER-helm)")
    eject.set_defaults(command=_eject)

    trace = commands.add_parser("trace", help="tell which file set a field of a generated Application")
    trace.add_argument("application", metavar="APP", help="the Application's name, or NAMESPACE/NAME")
    trace.add_argument("field", metavar="FIELD", nargs="?", default="", help="as spec.source.path (default: all)")
    trace.add_argument("--in", dest="folder", metavar="DIR", default=".", help="where to look (default: here)")
    trace.set_defaults(command=_trace)

    schema = commands.add_parser("schema", help="write JSON Schemas, with which editors complete and check files")
    schema.add_argument(
        "name", nargs="?", default="values", help="values (default), inventory, cluster, hosts, settings, or a kind"
    )
    schema.add_argument("--clusters", metavar="PATH", help="the inventory or kustomization that declares clusters")
    files = schema.add_mutually_exclusive_group()
    files.add_argument("--write", metavar="DIR", help="write all of them for the kustomizations in and below DIR")
    files.add_argument("--check", metavar="DIR", help="fail where --write would change a file")
    schema.set_defaults(command=_schema)

    _add_validate(commands)

    rules = commands.add_parser("rules", help="list what is checked")
    rules.add_argument("--format", choices=("text", "json"), default="text")
    rules.set_defaults(command=_rules)

    explain = commands.add_parser("explain", help="tell why a rule is there, with an example")
    explain.add_argument("rule", metavar="ID", help="as `kloom rules` lists it")
    explain.set_defaults(command=_explain)

    plugin = commands.add_parser("plugin", help="kustomize's plugin home").add_subparsers(
        required=True, metavar="ACTION"
    )
    for name, command, text in (
        ("install", _plugin_install, "link every kind, so that kustomize finds kloom without an annotation"),
        ("uninstall", _plugin_uninstall, "remove the links"),
        ("status", _plugin_status, "tell which links are there"),
    ):
        action = plugin.add_parser(name, help=text)
        action.add_argument("--home", help="the plugin home (default: where kustomize looks)")
        if command is _plugin_install:
            action.add_argument("--copy", action="store_true", help="link to a copy of kloom inside of the home")
        action.set_defaults(command=command)

    doctor = commands.add_parser("doctor", help="tell what is found here, and which ways of running kloom work")
    doctor.add_argument("--image", default="", help="kloom's image, to try it as a container function")
    doctor.set_defaults(command=_doctor)

    argocd = commands.add_parser("argocd", help="what Argo CD runs").add_subparsers(required=True, metavar="ACTION")
    generate = argocd.add_parser("generate", help="make an Application's manifests, as config management plugin")
    generate.set_defaults(command=_argocd_generate)
    return parser
