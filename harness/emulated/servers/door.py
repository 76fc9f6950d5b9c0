"""The door before a real API server: who wants to reach it comes through here, and only while it is open."""

import asyncio
import contextlib
from urllib.parse import urlsplit, urlunsplit

from harness.emulated.kube.client import Json

CHUNK_BYTES = 65536


class Door:
    """Takes connections and hands on what they carry, both ways, unread. `kubeconfig` is that of the server behind it."""

    def __init__(self, kubeconfig: Json) -> None:
        self._behind = kubeconfig
        self._place = urlsplit(str(kubeconfig["clusters"][0]["cluster"]["server"]))
        self._netloc = self._place.netloc
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.StreamWriter] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0, *, reuse_port: bool = False) -> str:
        """Open it; the URL. The server's certificate must be good for that host."""
        self._server = await asyncio.start_server(self._pass, host, port, reuse_port=reuse_port or None)
        host, port = self._server.sockets[0].getsockname()[:2]
        self._netloc = f"{host}:{port}"
        return self._url

    async def stop(self) -> None:
        """Shut it: connections that are open break."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for line in tuple(self._lines):
            line.transport.abort()

    def kubeconfig(self) -> Json:
        """The kubeconfig of whoever comes through the door."""
        (cluster,) = self._behind["clusters"]
        return {**self._behind, "clusters": [{**cluster, "cluster": {**cluster["cluster"], "server": self._url}}]}

    @property
    def _url(self) -> str:
        return urlunsplit(self._place._replace(netloc=self._netloc))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until one of its ends closes."""
        try:
            with contextlib.suppress(OSError):
                inner, outer = await asyncio.open_connection(self._place.hostname, self._place.port)
                self._lines |= {writer, outer}
                async with asyncio.TaskGroup() as ways:
                    ways.create_task(_carry(reader, outer))
                    ways.create_task(_carry(inner, writer))
                self._lines.discard(outer)
        finally:
            self._lines.discard(writer)
            writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on everything, and the end."""
    with contextlib.suppress(OSError):
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    writer.close()
