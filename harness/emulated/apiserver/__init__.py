"""An emulated Kubernetes API server: real verbs, versions, watches, errors and built-in admission; no etcd."""

from harness.emulated.apiserver.server import ApiServer

__all__ = ["ApiServer"]
