"""An etcd of one member, for one API server: on loopback, by TLS and client certificates, its data worth nothing after the lab."""

from pathlib import Path
from typing import NamedTuple

from harness.processes.parts.certificates import Authority
from harness.processes.parts.ports import free_port


class Etcd(NamedTuple):
    """Where it will be, and the certificate and key for it."""

    url: str
    command: tuple[str, ...]
    certificate: Path
    key: Path


def etcd(  # noqa: PLR0913 -- all by name, each one thing of a command line
    program: Path, flags: tuple[str, ...], *, name: str, address: str, data: Path, authority: Authority
) -> Etcd:
    """The command line of one cluster's etcd."""
    certificate, key = authority.issue(f"etcd-{name}", (address,))
    url, peer = (f"https://{address}:{free_port(address)}" for _ in range(2))
    trust = (
        *(f"--cert-file={certificate}", f"--key-file={key}", f"--trusted-ca-file={authority.certificate}", "--client-cert-auth"),
        *(f"--peer-cert-file={certificate}", f"--peer-key-file={key}", "--peer-client-cert-auth"),
        f"--peer-trusted-ca-file={authority.certificate}",
    )
    own = (
        f"--name={name}",
        f"--data-dir={data}",
        *(f"--listen-client-urls={url}", f"--advertise-client-urls={url}"),
        *(f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}", f"--initial-cluster={name}={peer}"),
        *("--unsafe-no-fsync", "--log-level=warn"),
    )
    return Etcd(url, (str(program), *own, *trust, *flags), certificate, key)
