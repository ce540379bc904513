"""kloom: KRM functions in Python that run inside kustomize."""

__version__ = "0.1.0"
API_VERSION = "kloom.dev/v1alpha1"
