"""An emulated Kubernetes API server: real verbs, versions, watches and errors; no etcd, no admission, no RBAC."""

from harness.emulated.apiserver.server import ApiServer

__all__ = ["ApiServer"]
