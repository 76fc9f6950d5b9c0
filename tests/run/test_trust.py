"""Each way to trust a server, from the lab file to the paper: what a lab file says of trust is what happens on the wire."""

import asyncio
import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from harness.journal.facts import ProbeSeen, SightBegan
from harness.journal.journal import FILE_NAME, read
from tests.bmc.certificates import self_signed

WATCH = "2s"

pytestmark = pytest.mark.timeout(60)


def ends(code: int, *arguments: str | Path) -> None:
    """A command, and what it ends with."""
    command = [sys.executable, "-m", "harness", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == code, done.stdout + done.stderr


class _TlsFront:
    """TLS before servers that speak plain HTTP."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def before(self, url: str) -> int:
        """The port of 127.0.0.1 at which this server is reached by TLS."""
        place = urlsplit(url)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there = await asyncio.open_connection(place.hostname, place.port)
            await asyncio.gather(_pass_on(reader, there[1]), _pass_on(there[0], writer))

        started = asyncio.start_server(serve, "127.0.0.1", 0, ssl=self._context)
        server = asyncio.run_coroutine_threadsafe(started, self._loop).result(5)
        self._servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    def close(self) -> None:
        """End everything."""
        asyncio.run_coroutine_threadsafe(_end_all(self._servers), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()


async def _end_all(servers: list[asyncio.Server]) -> None:
    for server in servers:
        server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextmanager
def fronted_lab(directory: Path) -> Iterator[tuple[dict, _TlsFront, Path, str]]:
    """A lab of three hosts: its lab file's content, what puts TLS before a server, the certificate, and its pin."""
    (directory / "lab0.yaml").write_text("embedded: {hosts: 3, spares: 0, speed: 20, seed: 1}\n")
    lab = directory / "lab"
    ends(0, "lab", "up", "--lab", directory / "lab0.yaml", "--dir", lab, "--detach")
    context, certificate, pin = self_signed(directory)
    front = _TlsFront(context)
    try:
        yield yaml.safe_load((lab / "lab.yaml").read_text()), front, certificate, pin
    finally:
        front.close()
        ends(0, "lab", "down", lab)


def test_a_pin_an_authority_and_a_reason_are_obeyed_from_the_lab_file_to_the_certificate(tmp_path):
    with fronted_lab(tmp_path) as (lab, front, certificate, pin):
        trusts = [{"pin": pin}, {"ca": str(certificate)}, {"insecure": True, "reason": "a lab of ours"}]
        for host, tls in zip(lab["hosts"].values(), trusts, strict=True):
            place = urlsplit(host["bmc"].removeprefix("redfish+"))
            host |= {"bmc": f"redfish://127.0.0.1:{front.before(place.geturl())}{place.path}", "tls": tls}
        for side, tls in (("source", {"pin": pin}), ("target", {"insecure": True, "reason": "it is new"})):
            ironic = lab["ironic"][side]
            ironic |= {"url": f"https://127.0.0.1:{front.before(ironic['url'])}", "tls": tls}
        path = tmp_path / "lab" / "mine.yaml"
        path.write_text(yaml.safe_dump(lab))
        ends(3, "watch", "--lab", path, "--out", tmp_path / "run", "--for", WATCH)

    found = [entry.fact for entry in read(tmp_path / "run" / FILE_NAME)]
    seen = {fact.host for fact in found if isinstance(fact, SightBegan) and fact.sight == "bmc"}
    ironics = {fact.cluster for fact in found if isinstance(fact, SightBegan) and fact.sight == "ironic"}
    assert seen == {"node-0", "node-1", "node-2"}
    assert not [fact for fact in found if isinstance(fact, ProbeSeen) and fact.what == "bmc" and not fact.ok]
    assert "source" in ironics

    stamped = [
        {"wire": "BMC of node-2", "why": "a lab of ours"},
        {"wire": "Ironic of the target", "why": "it is new"},
    ]
    papers = [json.loads((tmp_path / "run" / name).read_text()) for name in ("verdict.json", "certificate.json")]
    assert [paper["unverified"] for paper in (papers[0], papers[1]["predicate"])] == [stamped, stamped]
    assert "a lab of ours" in (tmp_path / "run" / "report.html").read_text()
