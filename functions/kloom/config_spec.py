"""The spec of a function's config: as its schema wants it, or refused with everything that is wrong in it."""

from __future__ import annotations

from kloom.schemas.checker import Checker
from kloom.sdk.result import FunctionConfigError, Result
from kloom.versions import unmet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def conforming_spec(config: Mapping[str, Any], schema: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The config's spec, empty where there is none.

    `schema` may be the compact form of the schema of that name, by which it is told what is wrong. Raises
    FunctionConfigError with everything in the spec that does not conform.
    """
    spec = config.get("spec")
    if spec is None:
        spec = {}
    if not Checker(schema.get("definitions", {})).compile(schema)(spec):
        from kloom import schemas
        from kloom.schemas.findings import schema_errors

        errors = schema_errors(schemas.load(name), spec)
        raise FunctionConfigError([Result.error(error.message(), field=("spec", *error.path)) for error in errors])
    return spec


def require_kloom(spec: Mapping[str, Any]) -> None:
    """Raise FunctionConfigError where the spec requires another kloom than this one."""
    if "requires" in spec and (problem := unmet(spec["requires"])):
        raise FunctionConfigError(problem, field="spec.requires")
