"""Clients of workload clusters, from the `<cluster>-kubeconfig` secret as Cluster API reads it."""

import asyncio
import base64
import ssl
from contextlib import AsyncExitStack
from typing import Self

import yaml

from harness.emulated.controllers.informer import Informer
from harness.emulated.kube.client import Client, Json
from harness.emulated.kube.resources import NODES
from harness.emulated.plan.time_scale import Pace

NODES_SECONDS = 2.5
"""So long (recorded seconds) is a list of Nodes good for every Machine of its Cluster: the real ones watch, and share one cache."""
REST = 19
"""A list rests so many times longer than it took: with hundreds of Nodes it is no light thing."""


def client_of(text: str, *, user_agent: str, local_address: str | None = None) -> Client:
    """The client that a kubeconfig's current context describes (token, certificate authority; inline data only)."""
    config = yaml.safe_load(text)
    context = _named(config["contexts"], config["current-context"])["context"]
    cluster = _named(config["clusters"], context["cluster"])["cluster"]
    user = _named(config["users"], context["user"]).get("user", {})
    return Client(cluster["server"], user.get("token", ""), user_agent=user_agent, local_address=local_address, tls=_tls(cluster))


def _named(entries: list[Json], name: str) -> Json:
    return next(entry for entry in entries if entry["name"] == name)


def _tls(cluster: Json) -> ssl.SSLContext | None:
    if not cluster["server"].startswith("https"):
        return None
    data = cluster.get("certificate-authority-data")
    context = ssl.create_default_context(cadata=base64.b64decode(data).decode() if data else None)
    if cluster.get("insecure-skip-tls-verify"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Workloads:
    """One client a workload cluster, renewed when its kubeconfig changes. Use as an async context manager."""

    def __init__(self, secrets: Informer, *, pace: Pace, user_agent: str, local_address: str | None = None) -> None:
        self._secrets = secrets
        self._pace = pace
        self._user_agent = user_agent
        self._local_address = local_address
        self._clients: dict[tuple[str, str], tuple[str, Client]] = {}
        self._nodes: dict[Client, _NodeList] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Nothing is open yet."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close all clients."""
        await self._stack.aclose()

    async def client(self, namespace: str, cluster: str) -> Client | None:
        """The client of that cluster, or None as long as there is no kubeconfig."""
        secret = self._secrets.get((namespace, f"{cluster}-kubeconfig"))
        if secret is None:
            return None
        value = secret["data"]["value"]
        known = self._clients.get((namespace, cluster))
        if known is None or known[0] != value:
            text = base64.b64decode(value).decode()
            client = client_of(text, user_agent=self._user_agent, local_address=self._local_address)
            self._clients[namespace, cluster] = value, await self._stack.enter_async_context(client)
        return self._clients[namespace, cluster][1]

    async def nodes(self, client: Client) -> list[Json]:
        """The Nodes of a workload cluster, as they were a moment ago at most. Raises what a call of the client raises."""
        return (await self._node_list(client)).items

    async def node_of(self, client: Client, provider: str) -> Json | None:
        """The first of these Nodes that has this providerID, or None."""
        return (await self._node_list(client)).by_provider.get(provider)

    async def _node_list(self, client: Client) -> "_NodeList":
        known = self._nodes.setdefault(client, _NodeList(client))
        await known.renew(self._pace.seconds(NODES_SECONDS))
        return known


class _NodeList:
    """The Nodes of one workload cluster, asked for by one at a time."""

    def __init__(self, client: Client) -> None:
        """Nothing was asked yet."""
        self._client = client
        self._asking = asyncio.Lock()
        self._good_until = 0.0
        self.items: list[Json] = []
        self.by_provider: dict[str, Json] = {}

    async def renew(self, seconds: float) -> None:
        """List them anew, unless what was listed last is no older than that."""
        clock = asyncio.get_running_loop().time
        async with self._asking:
            asked = clock()
            if asked >= self._good_until:
                self.items = (await self._client.list_all(NODES))["items"]
                self.by_provider = {node["spec"].get("providerID", ""): node for node in reversed(self.items)}
                self._good_until = asked + max(seconds, REST * (clock() - asked))
