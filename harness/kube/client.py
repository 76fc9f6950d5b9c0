"""The door to kubernetes_asyncio: a kubeconfig becomes a cluster that can be asked.

Tokens, token files, client certificates, basic, OIDC, GCP and exec plugins, TLS and proxies are the library's work. Here is what
it leaves to its caller: one clear error for every kind of broken file, no key left on the disk, and fresh credentials when a
server refuses the old. Its models and its Watch are not used (the README's decisions tell why); `KubeCluster` speaks on its connections.
"""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
from kubernetes_asyncio.client import ApiClient, Configuration
from kubernetes_asyncio.config import kube_config
from yarl import URL

from bmc.masking.text import learn
from bmc.names import USER_AGENT
from harness.kube.cluster import ClusterCredentials, KubeCluster
from harness.kube.errors import ClusterEndpoint, ClusterError

LOGIN_SECONDS = 60.0
"""An exec plugin may ask a person or an identity provider; then this is how long it has."""

READ_BUFFER_BYTES = 2**21
"""One watch line is one object: etcd takes requests up to 1.5 MiB, and a line may be twice the buffer."""


class Connection(NamedTuple):
    """What a cluster of a kubeconfig is spoken to by."""

    place: ClusterEndpoint
    session: aiohttp.ClientSession
    credentials: ClusterCredentials


@asynccontextmanager
async def open_cluster(kubeconfig: Path, context: str | None = None, *, name: str = "") -> AsyncIterator[KubeCluster]:
    """The cluster of a kubeconfig, closed at the end of the block. Nothing is sent before the first call.

    `name` is what errors call it (default: the file's stem). Raises ClusterError where the kubeconfig is missing or no good.
    """
    async with open_connection(kubeconfig, context, name=name) as opened:
        yield KubeCluster(*opened)


@asynccontextmanager
async def open_connection(kubeconfig: Path, context: str | None = None, *, name: str = "") -> AsyncIterator[Connection]:
    """What it is spoken to by, in the same way."""
    place = ClusterEndpoint(name or kubeconfig.stem, kubeconfig)
    login = _KubeconfigLoader(place, context)
    async with await login.open() as client:
        url = URL(client.configuration.host).with_user(None)
        pool = client.rest_client.pool_manager
        # The library's own session obeys proxy variables even for loopback addresses, where no other Kubernetes client does.
        async with aiohttp.ClientSession(
            connector=pool.connector,
            connector_owner=False,
            trust_env=not is_loopback(url.host or ""),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            read_bufsize=READ_BUFFER_BYTES,
        ) as session:
            place = place._replace(address=str(url).rstrip("/"), verifies=bool(client.configuration.verify_ssl))
            yield Connection(place, session, _Credentials(login, client))


def is_loopback(host: str) -> bool:
    """Is this host, an address or a name, the machine itself?"""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _KubeconfigLoader:
    """Loads one kubeconfig, and again whenever its credentials are refused."""

    def __init__(self, place: ClusterEndpoint, context: str | None) -> None:
        self._place = place
        self._kubeconfig = place.kubeconfig
        self._context = context

    async def open(self) -> ApiClient:
        """A client with TLS, proxy and credentials set up; nothing is sent yet."""
        configuration = await self.load()
        try:
            return ApiClient(configuration)
        except (OSError, ValueError) as error:
            says = f"the certificate or key in {self._kubeconfig} is not usable ({error}); {self._cure()}"
            raise self._error(says) from error
        finally:
            _forget_files()

    async def token(self) -> str:
        """The credential as the kubeconfig gives it now."""
        configuration = await self.load()
        _forget_files()
        return str(configuration.api_key.get("BearerToken", ""))

    async def load(self) -> Configuration:
        """The kubeconfig as the library's configuration; ClusterError for all that can be wrong with it."""
        self._check_file()
        configuration = Configuration(host="")
        configuration.connection_pool_maxsize = 0  # a watch holds its connection: with a limit the next one would wait for ever
        try:
            async with asyncio.timeout(LOGIN_SECONDS):
                await kube_config.load_kube_config(
                    config_file=str(self._kubeconfig),
                    context=self._context,
                    client_configuration=configuration,
                    persist_config=False,
                )
        except TimeoutError as error:
            raise self._error(f"the login in {self._kubeconfig} took over {LOGIN_SECONDS:g} s; {self._cure()}") from error
        except Exception as error:  # noqa: BLE001 - a malformed file ends in whatever exception the loader stumbles over first
            # No cause: the loader's own texts quote the file, tokens included.
            raise self._error(f"{self._kubeconfig} is no usable kubeconfig ({_safe(error)}); {self._cure()}") from None
        if not configuration.host:
            raise self._error(f"{self._kubeconfig} names no server for this cluster; {self._cure()}")
        # Whoever writes a token to a file ends it with a newline, which a header cannot carry; client-go takes it off too.
        configuration.api_key = {name: str(value).strip() for name, value in configuration.api_key.items()}
        return configuration

    def _check_file(self) -> None:
        try:
            empty = not self._kubeconfig.read_bytes().strip()
        except OSError as error:
            raise self._error(f"no kubeconfig can be read at {self._kubeconfig} ({error.strerror}); correct its path") from error
        if empty:
            raise self._error(f"{self._kubeconfig} is empty; {self._cure()}")

    def _cure(self) -> str:
        context = f" --context {self._context}" if self._context else ""
        return f"`kubectl --kubeconfig {self._kubeconfig}{context} get nodes` must work first"

    def _error(self, says: str) -> ClusterError:
        return ClusterError(self._place, says)


class _Credentials:
    """What goes into the Authorization header; implements `cluster.ClusterCredentials`."""

    def __init__(self, login: _KubeconfigLoader, client: ApiClient) -> None:
        self._login = login
        self._configuration = client.configuration
        self._lock = asyncio.Lock()
        self.options: dict[str, Any] = {
            name: value
            for name, value in {
                "proxy": client.rest_client.proxy,
                "proxy_headers": client.rest_client.proxy_headers,
                "server_hostname": client.rest_client.server_hostname,
            }.items()
            if value
        }

    async def authorization(self) -> str:
        settings = await self._configuration.auth_settings()
        header = str(settings["BearerToken"]["value"]) if "BearerToken" in settings else ""
        learn(header.partition(" ")[2])
        return header

    async def renew(self, refused: str) -> bool:
        async with self._lock:
            if await self.authorization() != refused:
                return True
            token = await self._login.token()
            if token in ("", refused):
                return False
            self._configuration.api_key["BearerToken"] = token
            return True


def _forget_files() -> None:
    """Remove the temporary files of inline certificates and keys, whose contents the TLS context has by now."""
    kube_config._cleanup_temp_files()  # noqa: SLF001 - by itself the library would keep private keys until the process ends


def _safe(error: Exception) -> str:
    """The loader's error message without values quoted from the file."""
    mark: Any = getattr(error, "problem_mark", None)
    if mark is not None:
        return f"no YAML at line {mark.line + 1}, column {mark.column + 1}"
    if isinstance(error, kube_config.ConfigException):
        return str(error).partition("{")[0].strip()
    if isinstance(error, OSError):
        return str(error)
    return f"its contents have the wrong form: {type(error).__name__}"
