"""A kubeconfig file as connection settings: server, credentials, trust, default namespace."""

import base64
import binascii
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harness.emulated.mover.errors import MoveError


@dataclass(frozen=True)
class Access:
    """How to reach one API server. `headers` hold the credentials; `tls` is None for plain HTTP."""

    server: str
    namespace: str
    headers: dict[str, str]
    tls: ssl.SSLContext | None


def load(path: Path, context: str = "") -> Access:
    """Settings of one context of a kubeconfig (the current one by default); MoveError names the file and what is wrong."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        chosen = _named(document, "contexts", context or document["current-context"])["context"]
        cluster = _named(document, "clusters", chosen["cluster"])["cluster"]
        user = _named(document, "users", chosen.get("user", ""))["user"] if chosen.get("user") else {}
        return Access(
            server=cluster["server"].rstrip("/"),
            namespace=chosen.get("namespace") or "default",
            headers=_credentials(path, user),
            tls=_trust(path, cluster, user) if cluster["server"].startswith("https:") else None,
        )
    except OSError as error:
        raise MoveError(f"invalid kubeconfig file; clusterctl requires a valid kubeconfig file: {error}") from error
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, binascii.Error, ssl.SSLError) as error:
        what = " ".join(str(error).split())
        raise MoveError(f"invalid kubeconfig file {path}: {type(error).__name__}: {what}") from error


def _named(document: dict[str, Any], section: str, name: str) -> dict[str, Any]:
    for entry in document[section]:
        if entry["name"] == name:
            return dict(entry)
    raise MoveError(f'invalid kubeconfig: no "{name}" among its {section}')


def _credentials(path: Path, user: dict[str, Any]) -> dict[str, str]:
    token = user.get("token") or ("tokenFile" in user and (path.parent / user["tokenFile"]).read_text(encoding="utf-8").strip())
    if token:
        return {"Authorization": f"Bearer {token}"}
    if "username" in user:
        pair = base64.b64encode(f"{user['username']}:{user['password']}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    if "exec" in user or "auth-provider" in user:
        raise MoveError(f"kubeconfig {path}: credentials of a plug-in are not supported; use clusterctl for this cluster")
    return {}


def _trust(path: Path, cluster: dict[str, Any], user: dict[str, Any]) -> ssl.SSLContext:
    authority = _data(path, cluster, "certificate-authority")
    context = ssl.create_default_context(cadata=authority.decode() if authority else None)
    if cluster.get("insecure-skip-tls-verify"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    certificate, key = _data(path, user, "client-certificate"), _data(path, user, "client-key")
    if certificate and key:
        # The ssl module takes a client's certificate from a file only; this one is readable by us alone and gone at once.
        with tempfile.NamedTemporaryFile() as both:
            both.write(certificate + b"\n" + key)
            both.flush()
            context.load_cert_chain(both.name)
    return context


def _data(path: Path, section: dict[str, Any], name: str) -> bytes:
    if f"{name}-data" in section:
        return base64.b64decode(section[f"{name}-data"])
    return (path.parent / section[name]).read_bytes() if name in section else b""
