"""A kube-apiserver of one cluster, its kubeconfig, and when it is ready."""

import base64
import secrets
import ssl
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import msgspec

from harness.processes.parts.certificates import Authority
from harness.processes.parts.etcd import Etcd
from harness.processes.parts.ports import free_port
from harness.processes.supervisor import Probe

PROBE_SECONDS = 2.0
ADMIN = "lab-admin"


class ApiServerProcess(NamedTuple):
    """What one server is started with, and how to reach it."""

    command: tuple[str, ...]
    kubeconfig: Path
    ready: Probe


def api_server(  # noqa: PLR0913 -- all by name, each one thing of a command line
    program: Path, flags: tuple[str, ...], *, name: str, address: str, services: str, store: Etcd, authority: Authority
) -> ApiServerProcess:
    """The command line of one cluster's kube-apiserver, and a kubeconfig of its administrator as a file `NAME.kubeconfig`."""
    certificate, key = authority.issue(f"apiserver-{name}", (address, "127.0.0.1"))
    signing = authority.signing_key(f"service-accounts-{name}")
    token = secrets.token_urlsafe(32)
    tokens = authority.write(f"tokens-{name}.csv", f"{token},{ADMIN},{ADMIN},system:masters\n".encode())
    port = free_port(address)
    url = f"https://{address}:{port}"
    own = (
        *(f"--etcd-servers={store.url}", f"--etcd-cafile={authority.certificate}"),
        *(f"--etcd-certfile={store.certificate}", f"--etcd-keyfile={store.key}"),
        *(f"--bind-address={address}", f"--advertise-address={address}", f"--secure-port={port}"),
        *(f"--tls-cert-file={certificate}", f"--tls-private-key-file={key}", f"--client-ca-file={authority.certificate}"),
        *(f"--token-auth-file={tokens}", "--authorization-mode=RBAC", f"--service-account-issuer={url}"),
        *(f"--service-account-key-file={signing}", f"--service-account-signing-key-file={signing}"),
        *(f"--service-cluster-ip-range={services}", "--disable-admission-plugins=ServiceAccount"),
        "--endpoint-reconciler-type=none",
    )
    kubeconfig = authority.write(f"{name}.kubeconfig", msgspec.json.encode(_kubeconfig(name, url, token, authority.certificate)))
    return ApiServerProcess((str(program), *own, *flags), kubeconfig, _probe(url, token, authority.certificate))


def _kubeconfig(name: str, url: str, token: str, authority: Path) -> dict[str, Any]:
    certificate = base64.b64encode(authority.read_bytes()).decode()
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": url, "certificate-authority-data": certificate}}],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }


def _probe(url: str, token: str, authority: Path) -> Probe:
    trust = ssl.create_default_context(cafile=str(authority))

    async def ready() -> bool:
        limit = aiohttp.ClientTimeout(total=PROBE_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit, headers={"Authorization": f"Bearer {token}"}) as session,
                session.get(f"{url}/readyz", ssl=trust) as answer,
            ):
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    return ready
