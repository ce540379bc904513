"""The command line: arguments, one call, exit status."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from kloom import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kloom.sdk.result import Result

DONE, REFUSED, BUG = 0, 1, 3
_DESCRIPTION = """\
A few lines per service become complete Argo CD Applications on every cluster.
As a KRM function kloom reads a ResourceList from stdin; kustomize does that for you.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. The exit status: 0 done, 1 a mistake in what was given, 2 wrong usage, 3 a bug."""
    arguments = _parser().parse_args(argv)
    from kloom.sdk.result import Refusal

    try:
        status = int(arguments.command(arguments))
        sys.stdout.flush()
        return status
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


def _render(arguments: argparse.Namespace) -> int:
    import gc

    from kloom.render import render
    from kloom.sdk.yaml_writer import to_yaml_documents

    gc.disable()  # thousands of objects, all kept to the end
    rendered = render(arguments.folder)
    _complain(rendered.results)
    sys.stdout.buffer.write(to_yaml_documents(rendered.objects, sort_keys=True).encode())  # whatever the locale
    return DONE


def _init(arguments: argparse.Namespace) -> int:
    from kloom.scaffold import write_first_environment
    from kloom.values.files import Repository

    for path, written in write_first_environment(arguments.folder):
        print(f"{'wrote' if written else 'kept '} {path}")
    folder = os.path.normpath(os.path.join(arguments.folder, "overlays", "dev"))
    print(f"\nkloom render {folder}   shows what it makes.")
    if Repository(folder).root == os.path.realpath(folder):
        print("There is no .git above it: run `git init` first, or set KLOOM_ROOT to this folder.")
    return DONE


def _eject(arguments: argparse.Namespace) -> int:
    from kloom.eject import eject

    ejected = eject(arguments.folder, arguments.to)
    print(ejected)
    return DONE


def _trace(arguments: argparse.Namespace) -> int:
    from kloom.trace import trace

    for line in trace(arguments.application, arguments.field, arguments.folder):
        print(line)
    return DONE


def _plugin_install(arguments: argparse.Namespace) -> int:
    from kloom import plugin_home

    return _reported(lambda: plugin_home.install(arguments.home or plugin_home.default_home()), "installed")


def _plugin_uninstall(arguments: argparse.Namespace) -> int:
    from kloom import plugin_home

    return _reported(lambda: plugin_home.uninstall(arguments.home or plugin_home.default_home()), "removed")


def _plugin_status(arguments: argparse.Namespace) -> int:
    from kloom import plugin_home

    states = list(plugin_home.status(arguments.home or plugin_home.default_home()))
    for link, state in states:
        print(f"{link}: {state}")
    return DONE if all(state == "installed" for _, state in states) else REFUSED


def _reported(change: Callable[[], Iterable[str]], verb: str) -> int:
    from kloom.plugin_home import PluginHomeError
    from kloom.sdk.result import Refusal

    try:
        for link in change():
            print(f"{verb} {link}")
    except PluginHomeError as error:
        raise Refusal(str(error)) from None
    return DONE


def _complain(results: Iterable[Result]) -> None:
    from kloom.sdk.result import in_order

    sys.stderr.write("".join(f"{result}\n" for result in in_order(results)))


def _parser() -> argparse.ArgumentParser:
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
    eject.add_argument("--to", metavar="DIR", help="where to write (default: FOLDER/helm)")
    eject.set_defaults(command=_eject)

    trace = commands.add_parser("trace", help="tell which file set a field of a generated Application")
    trace.add_argument("application", metavar="APP", help="the Application's name, or NAMESPACE/NAME")
    trace.add_argument("field", metavar="FIELD", nargs="?", default="", help="as spec.source.path (default: all)")
    trace.add_argument("--in", dest="folder", metavar="DIR", default=".", help="where to look (default: here)")
    trace.set_defaults(command=_trace)

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
        action.set_defaults(command=command)
    return parser
