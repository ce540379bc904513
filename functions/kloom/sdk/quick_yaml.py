"""Import PyYAML's C parser without PyYAML's Python side, in a third of its time.

As the C module is imported it asks the Python modules for their exceptions, and these load what the C parser does not
use: patterns, dates, base64, emitters. So while it is imported, stand-ins that hold nothing but such exceptions are in
their place. Whoever asks `yaml` for more afterwards gets the whole package.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

_PACKAGE = "yaml"
_PLAIN = ("error", "tokens", "events", "nodes")
"""Modules that cost little and that the C module builds upon."""
_ERRORS = {
    "scanner": "ScannerError",
    "parser": "ParserError",
    "composer": "ComposerError",
    "constructor": "ConstructorError",
    "emitter": "EmitterError",
    "serializer": "SerializerError",
    "representer": "RepresenterError",
}
"""Modules of which the C module wants the exception."""


def import_c_parser() -> None:
    """Import `yaml._yaml`, and `yaml` as a package that becomes whole when it is asked for more.

    Where PyYAML is not as expected (another version, no C parser) it is imported as it comes.
    """
    if _PACKAGE in sys.modules:
        return
    found = (finder.find_spec(_PACKAGE, None) for finder in sys.meta_path)
    if spec := next(filter(None, found), None):
        try:
            _import_with_stand_ins(spec)
        except Exception:  # noqa: BLE001  # whatever a PyYAML that is built otherwise may raise
            _forget(name for name in list(sys.modules) if name.partition(".")[0] == _PACKAGE)
    import yaml  # noqa: F401  # what it leaves in sys.modules is what counts


def _import_with_stand_ins(spec: ModuleSpec) -> None:
    package = sys.modules[_PACKAGE] = _module(spec)
    for name in _PLAIN:
        __import__(f"{_PACKAGE}.{name}")
    stand_ins = _stand_ins()
    names = [f"{_PACKAGE}.{name}" for name in stand_ins]
    vars(package).update(stand_ins)
    sys.modules |= zip(names, stand_ins.values(), strict=True)
    __import__(f"{_PACKAGE}._yaml")
    _forget(names)
    for name in stand_ins:
        delattr(package, name)
    package.__getattr__ = lambda name: _whole(package, spec, name)  # type: ignore[method-assign]  # PEP 562


def _stand_ins() -> dict[str, ModuleType]:
    from yaml.error import MarkedYAMLError, YAMLError

    class ReaderError(YAMLError):
        """Characters that must not be there."""

        def __init__(self, name: str, position: int, character: object, encoding: str, reason: str) -> None:
            super().__init__(name, position, character, encoding, reason)
            self.name, self.position, self.character, self.encoding, self.reason = self.args

    errors: dict[str, type] = {name: type(error, (MarkedYAMLError,), {}) for name, error in _ERRORS.items()}
    modules = {}
    for name, error in {"reader": ReaderError, **errors}.items():
        module = modules[name] = type(sys)(f"{_PACKAGE}.{name}")
        setattr(module, error.__name__, error)
    return modules


def _module(spec: ModuleSpec) -> ModuleType:
    """The package as it is before its own code runs."""
    module = type(sys)(_PACKAGE)
    module.__spec__ = spec
    module.__loader__ = spec.loader
    module.__file__ = spec.origin
    module.__package__ = _PACKAGE
    module.__path__ = spec.submodule_search_locations or []
    return module


def _whole(package: ModuleType, spec: ModuleSpec, name: str) -> Any:
    """An attribute of the package, for which its own code must run first."""
    if "__getattr__" in vars(package) and not name.startswith("__"):
        del package.__getattr__
        if spec.loader is not None:
            spec.loader.exec_module(package)
    try:
        return vars(package)[name]
    except KeyError:
        raise AttributeError(f"module '{_PACKAGE}' has no attribute '{name}'") from None


def _forget(names: Iterable[str]) -> None:
    for name in names:
        sys.modules.pop(name, None)


import_c_parser()
