"""DMTF's validators judge every personality of the emulated BMC, and sushy-emulator beside it.

    python -m tests.bmc.judges.run_validators [--schemas ../shared/redfish-csdl.tar.xz] [--only NAME]...

`redfish_service_validator` compares every resource with its schema, `redfish_protocol_validator` the service with the specification
(DSP0266). Printed is a table; the exit code is 1 where an emulated BMC has a FAIL in the first, or not fewer than sushy-emulator in the
second. Reports are kept under `build/judges-reports`.

The protocol validator breaks off at sushy-emulator's full set of features (a Manager's `ServiceEntryPointUUID` is null), so there it
judges the set `vmedia`.
"""

import argparse
import asyncio
import logging
import re
import shutil
import sys
import tarfile
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bmc.machine import Machine
from bmc.redfish.personality import PERSONALITIES
from tests.bmc.certificates import self_signed
from tests.bmc.judges.environment import NO_PROXIES, ROOT, made, sushy_emulator
from tests.bmc.serving import CREDENTIALS, UUID, emulated

SCHEMAS = ROOT.parent / "shared" / "redfish-csdl.tar.xz"
REPORTS = ROOT / "build" / "judges-reports"
PEER = "sushy-emulator"
JUDGE_SECONDS = 600.0
AT_ONCE = 3
FAKE_SYSTEM = {"uuid": UUID, "name": "node-0", "power_state": "On", "nics": [{"mac": "52:54:00:00:00:01", "ip": "10.0.0.1"}]}

_SERVICE = re.compile(r"\|\s*(\d+)\s*\|\s*(\d+)\s*\|\s*(\d+)\s*\|\s*(\d+)\s*\|")
_PROTOCOL = re.compile(r"PASS: (\d+), WARN: (\d+), FAIL: (\d+), NOT_TESTED: (\d+)")


@dataclass(frozen=True)
class Verdict:
    """What one validator counted."""

    passed: int
    warned: int
    failed: int
    untested: int


@dataclass(frozen=True)
class Judged:
    """Both verdicts on one service."""

    name: str
    service: Verdict
    protocol: Verdict


async def judge(names: Sequence[str] = (), schemas: Path = SCHEMAS) -> list[Judged]:
    """Have these personalities judged (all, where none is named), and sushy-emulator at last."""
    programs = await asyncio.to_thread(made)
    shutil.rmtree(REPORTS, ignore_errors=True)
    with tempfile.TemporaryDirectory() as made_here:
        directory = Path(made_here)
        with tarfile.open(schemas) as packed:
            packed.extractall(directory / "csdl", filter="data")
        turns = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            judging = [tasks.create_task(_judge(name, programs, directory, turns)) for name in [*(names or PERSONALITIES), PEER]]
    return [each.result() for each in judging]


async def _judge(name: str, programs: Path, directory: Path, turns: asyncio.Semaphore) -> Judged:
    own = directory / name
    for each in ("plain", "secure"):
        (own / each).mkdir(parents=True)
    async with turns, AsyncExitStack() as stack:
        plain = await stack.enter_async_context(_serving(name, programs, own / "plain", secure=False))
        secure = await stack.enter_async_context(_serving(name, programs, own / "secure", secure=True))
        service = await _service(programs, plain, directory / "csdl", REPORTS / name)
        protocol = await _protocol(programs, secure, REPORTS / name)
    return Judged(name, service, protocol)


@asynccontextmanager
async def _serving(name: str, programs: Path, directory: Path, *, secure: bool) -> AsyncIterator[str]:
    """The base URL of what is judged; HTTPS if `secure`."""
    context, certificate, _ = self_signed(directory)
    if name == PEER:
        more = {"tls": (certificate, certificate.with_suffix(".key")), "features": "vmedia"} if secure else {}
        async with sushy_emulator(programs, directory, [FAKE_SYSTEM], **more) as (base, _process):
            yield base
        return
    machine = Machine(name="node-0", uuid=UUID, clock=lambda: datetime.now(UTC), mac_addresses=("52:54:00:00:00:01",))
    machine.reset("ForceRestart")
    async with emulated(machine, tls=context if secure else None, personality=PERSONALITIES[name]) as bmc:
        yield bmc.base


async def _service(programs: Path, base: str, schemas: Path, reports: Path) -> Verdict:
    arguments = ["--authtype", "Basic", "--schema_directory", schemas, "--skipschema", "--logdir", reports / "service"]
    return _read(_SERVICE, await _run(programs / "rf_service_validator", base, *arguments))


async def _protocol(programs: Path, base: str, reports: Path) -> Verdict:
    arguments = ["--no-cert-check", "--avoid-http-redirect", "--report-type", "tsv", "--report-dir", reports / "protocol"]
    return _read(_PROTOCOL, await _run(programs / "rf_protocol_validator", base, *arguments))


async def _run(program: Path, base: str, *arguments: str | Path) -> str:
    """All that a validator says; the credentials are those of an emulated BMC that lives as long as it does."""
    login = ["-u", CREDENTIALS.username, "-p", CREDENTIALS.password, "-r", base]
    pipe, stdout = asyncio.subprocess.PIPE, asyncio.subprocess.STDOUT
    process = await asyncio.create_subprocess_exec(program, *login, *arguments, stdout=pipe, stderr=stdout, env=NO_PROXIES)
    try:
        said, _ = await asyncio.wait_for(process.communicate(), JUDGE_SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return said.decode(errors="replace")


def _read(summary: re.Pattern[str], said: str) -> Verdict:
    found = summary.findall(said)
    if not found:
        raise ValueError(f"the validator came to no end; it said at last: {said[-1000:]}")
    return Verdict(*map(int, found[-1]))


def broken(results: Sequence[Judged]) -> list[str]:
    """What of the promise is broken: 0 FAIL against the schemas, fewer than sushy-emulator against the protocol."""
    ours, peer = [each for each in results if each.name != PEER], results[-1]
    schema = [f"{each.name}: {each.service.failed} FAIL against the schemas" for each in ours if each.service.failed]
    protocol = [
        f"{each.name}: {each.protocol.failed} FAIL against the protocol, {PEER} has {peer.protocol.failed}"
        for each in ours
        if each.protocol.failed >= peer.protocol.failed
    ]
    return schema + protocol


def table(results: Sequence[Judged]) -> str:
    """The results, for people."""
    lines = [
        f"{'':18}{'service validator':>36}{'protocol validator':>36}",
        f"{'':18}" + f"{'PASS':>9}{'WARN':>9}{'FAIL':>9}{'not':>9}" * 2,
    ]
    for each in results:
        counts = [count for verdict in (each.service, each.protocol) for count in vars(verdict).values()]
        lines.append(f"{each.name:18}" + "".join(f"{count:>9}" for count in counts))
    return "\n".join(lines)


def main() -> int:
    """Run, print, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schemas", type=Path, default=SCHEMAS)
    parser.add_argument("--only", action="append", choices=PERSONALITIES, default=[])
    arguments = parser.parse_args()
    if not arguments.schemas.is_file():
        parser.error(f"{arguments.schemas} is not there: name an archive of DMTF's CSDL schemas with --schemas")
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # the validators send what is no HTTP on purpose
    results = asyncio.run(judge(arguments.only, arguments.schemas))
    sys.stdout.write(table(results) + "\n")
    wrong = broken(results)
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
