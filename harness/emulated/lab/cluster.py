"""An API server as the lab's parts know it, ours or a real one: what its kubeconfig says."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from harness.emulated.controllers.kubeconfig import client_of
from harness.emulated.kube.client import Client, Json


@dataclass(frozen=True)
class Cluster:
    """One cluster by its kubeconfig, which has one context, with a token, and holds its certificate authority itself."""

    kubeconfig: Json = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> "Cluster":
        """The cluster of a kubeconfig file."""
        return cls(yaml.safe_load(path.read_text(encoding="utf-8")))

    @property
    def text(self) -> str:
        """The kubeconfig as a file's text."""
        return yaml.safe_dump(self.kubeconfig, sort_keys=False)

    @property
    def endpoint(self) -> tuple[str, int]:
        """Host and port."""
        url = urlsplit(self.kubeconfig["clusters"][0]["cluster"]["server"])
        return str(url.hostname), url.port or 443

    def client(self, *, user_agent: str, local_address: str | None = None) -> Client:
        """An API client of this cluster."""
        return client_of(self.text, user_agent=user_agent, local_address=local_address)
