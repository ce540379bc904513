"""CustomResourceDefinitions for BYOH's kinds: the fields that kloom writes, and those of the status that tests set.

BYOH is not published as a Go module, so its own definitions are not at hand; where they are, a test compares these
with them. Fields that are not here are refused, as the real ones would refuse what they do not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = dict[str, Any]

GROUP, VERSION = "infrastructure.cluster.x-k8s.io", "v1beta1"


def fields(properties: Mapping[str, Schema], *required: str) -> Schema:
    schema: Schema = {"type": "object", "properties": dict(properties)}
    return {**schema, "required": list(required)} if required else schema


def list_of(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def in_template(spec: Schema) -> Schema:
    return fields({"template": fields({"spec": spec}, "spec")}, "template")


TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
NOTHING: Schema = {"type": "object"}
TEXTS: Schema = {"type": "object", "additionalProperties": TEXT}

REFERENCE = {
    **fields(dict.fromkeys(("apiVersion", "kind", "name", "namespace"), TEXT)),
    "x-kubernetes-map-type": "atomic",
}
EXPRESSION = fields({"key": TEXT, "operator": TEXT, "values": list_of(TEXT)}, "key", "operator")
SELECTOR = {
    **fields({"matchLabels": TEXTS, "matchExpressions": list_of(EXPRESSION)}),
    "x-kubernetes-map-type": "atomic",
}
ENDPOINT = fields({"host": TEXT, "port": {"type": "integer", "format": "int32"}}, "host", "port")

CLUSTER = fields({"controlPlaneEndpoint": ENDPOINT, "bundleLookupBaseRegistry": TEXT})
MACHINE = fields({"selector": SELECTOR, "providerID": TEXT, "installerRef": REFERENCE})
INSTALLER = fields({"bundleRepo": TEXT, "bundleType": TEXT}, "bundleRepo", "bundleType")
KUBECONFIG = fields(
    {"apiserver": TEXT, "insecure-skip-tls-verify": {**FLAG, "default": False}, "certificate-authority-data": TEXT},
    "apiserver",
    "certificate-authority-data",
)
READY = fields({"ready": FLAG})

KINDS: Mapping[str, tuple[Schema, Schema]] = {
    "ByoCluster": (CLUSTER, READY),
    "ByoMachine": (MACHINE, READY),
    "ByoMachineTemplate": (in_template(MACHINE), NOTHING),
    "ByoHost": (NOTHING, fields({"machineRef": REFERENCE})),
    "K8sInstallerConfig": (INSTALLER, READY),
    "K8sInstallerConfigTemplate": (in_template(INSTALLER), NOTHING),
    "BootstrapKubeconfig": (KUBECONFIG, fields({"bootstrapKubeconfigData": TEXT})),
}
"""Each kind with the schemas of its spec and of its status."""


def definitions() -> Iterator[Schema]:
    """The CustomResourceDefinitions, labelled with the version of Cluster API's contract that BYOH keeps."""
    for kind, (spec, status) in KINDS.items():
        plural = f"{kind.lower()}s"
        yield {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{GROUP}", "labels": {"cluster.x-k8s.io/v1beta1": VERSION}},
            "spec": {
                "group": GROUP,
                "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
                "scope": "Namespaced",
                "versions": [
                    {
                        "name": VERSION,
                        "served": True,
                        "storage": True,
                        "subresources": {"status": {}},
                        "schema": {"openAPIV3Schema": fields({"spec": spec, "status": status})},
                    }
                ],
            },
        }
