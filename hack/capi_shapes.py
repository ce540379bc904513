"""Write functions/kloom/capi/shapes.json from Cluster API's own definitions: `python hack/capi_shapes.py` (needs go).

Of each kind it keeps, in both versions, what a spec may hold: names of fields, their types, which must be there, which
must not be empty, and which texts there are to choose from. Objects that are alike are written once.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

MODULE = "sigs.k8s.io/cluster-api@v1.14.0"
"""Newer releases add fields and take none away, so this is the newest that was looked at."""
FILE = Path(__file__).resolve().parents[1] / "functions" / "kloom" / "capi" / "shapes.json"
KINDS = (
    "Cluster",
    "ClusterResourceSet",
    "KubeadmConfig",
    "KubeadmConfigTemplate",
    "KubeadmControlPlane",
    "KubeadmControlPlaneTemplate",
    "MachineDeployment",
    "MachineHealthCheck",
    "MachineSet",
)
VERSIONS = ("v1beta1", "v1beta2")
_SCALARS = ("string", "integer", "boolean", "number")

Shape = str | dict[str, Any]


class Shapes:
    """Shapes, each written once: `#3` stands for the one at that place, `text` for a string that is not empty."""

    def __init__(self) -> None:
        self.shared: list[Shape] = []
        self._known: dict[str, str] = {}

    def of(self, schema: Mapping[str, Any]) -> Shape:
        """The shape of what a schema describes."""
        if schema.get("x-kubernetes-int-or-string"):
            return "integer or string"
        kind = schema.get("type")
        if kind == "string" and "enum" in schema:
            return {"choices": schema["enum"]}
        if kind in _SCALARS:
            return "text" if schema.get("minLength") else str(kind)
        if kind == "array":
            return self._shared({"items": self.of(schema["items"]), **_fewest(schema, "minItems")})
        if kind != "object" or schema.get("x-kubernetes-preserve-unknown-fields"):
            return "anything"
        if "properties" in schema:
            fields = {name: self.of(field) for name, field in sorted(schema["properties"].items())}
            required = {"required": sorted(schema["required"])} if schema.get("required") else {}
            return self._shared({"fields": fields, **required, **_fewest(schema, "minProperties")})
        values = self.of(schema["additionalProperties"]) if "additionalProperties" in schema else "anything"
        return self._shared({"values": values, **_fewest(schema, "minProperties")})

    def _shared(self, shape: Shape) -> str:
        text = json.dumps(shape, sort_keys=True)
        if text not in self._known:
            self._known[text] = f"#{len(self.shared)}"
            self.shared.append(shape)
        return self._known[text]


def shapes() -> str:
    """The whole file."""
    found = Shapes()
    kinds: dict[str, dict[str, Shape]] = {version: {} for version in VERSIONS}
    for definition in sorted(definitions(), key=lambda each: str(each["spec"]["names"]["kind"])):
        kind = definition["spec"]["names"]["kind"]
        for version in definition["spec"]["versions"]:
            if kind in KINDS and version["name"] in VERSIONS:
                spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
                kinds[version["name"]][kind] = found.of(spec)
    lines = ",\n".join(f"    {json.dumps(shape, sort_keys=True)}" for shape in found.shared)
    of_kinds = json.dumps({"from": MODULE, **kinds}, indent=2, sort_keys=True).removeprefix("{").removesuffix("\n}")
    return f'{{{of_kinds},\n  "shared": [\n{lines}\n  ]\n}}\n'


def definitions() -> Iterator[Mapping[str, Any]]:
    """The CustomResourceDefinitions that the module holds."""
    told = subprocess.run(["go", "mod", "download", "-json", MODULE], check=True, capture_output=True, text=True)
    folder = Path(json.loads(told.stdout)["Dir"])
    for file in sorted(folder.glob("**/crd/bases/*.yaml")):
        yield yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def _fewest(schema: Mapping[str, Any], keyword: str) -> dict[str, bool]:
    return {"must not be empty": True} if schema.get(keyword) else {}


if __name__ == "__main__":
    FILE.write_text(shapes(), encoding="utf-8")
    print(FILE.name)
