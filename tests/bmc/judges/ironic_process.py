"""A real Ironic, API and conductor in one process, with a database of its own, for as long as it is judged by."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp

from harness.processes.ending import end
from tests.bmc.judges.environment import NO_PROXIES, free_port
from tests.waiting import until

READY_SECONDS = 400.0
STOP_SECONDS = 60.0
VERSION = {"X-OpenStack-Ironic-API-Version": "1.95"}

# 600,000 rounds of PBKDF2 at each Redfish connection, from Ironic 35 on: half a second of CPU each; a judge needs none of it.
_SHIM = "import functools, hashlib\nhashlib.pbkdf2_hmac = functools.lru_cache(maxsize=1024)(hashlib.pbkdf2_hmac)\n"
_INTERFACES = {
    "bios": "no-bios,redfish",
    "boot": "redfish-virtual-media,ipxe,fake",
    "console": "no-console",
    "deploy": "autodetect,direct,ramdisk",
    "firmware": "no-firmware,redfish",
    "inspect": "agent,redfish,no-inspect",
    "management": "redfish,noop",
    "network": "noop",
    "power": "redfish",
    "raid": "no-raid,redfish",
    "rescue": "no-rescue",
    "storage": "noop",
    "vendor": "no-vendor,redfish",
}
_BY_IPMI = ("management", "power", "vendor")
"""Interfaces that have an implementation by ipmitool; Ironic does not start where one is enabled and there is no ipmitool."""
_IPMI_INTERVAL_SECONDS = 1
"""Between two commands to one BMC; real ones are spared five seconds."""
_DIRECTORIES = ("tmp", "html", "tftp/master", "log", "certs", "master", "isos", "run", "shim")


def _configuration(directory: Path, port: int, *, ipmi: bool) -> str:
    """The options, as ironic-image sets them where that matters to a BMC."""
    interfaces = _INTERFACES | ({name: f"{_INTERFACES[name]},ipmitool" for name in _BY_IPMI} if ipmi else {})
    sections = {
        "DEFAULT": {
            "auth_strategy": "noauth",
            "rpc_transport": "none",
            "use_stderr": "true",
            "hash_ring_algorithm": "sha256",
            "my_ip": "127.0.0.1",
            "host": "judge",
            "webserver_verify_ca": "false",
            "tempdir": directory / "tmp",
            "state_path": directory,
            "enabled_hardware_types": "redfish,ipmi" if ipmi else "redfish",
            "default_deploy_interface": "autodetect",
            "autodetect_deploy_interfaces": "ramdisk,direct",
            "default_network_interface": "noop",
            **{f"enabled_{name}_interfaces": each for name, each in interfaces.items()},
        },
        "agent": {"require_tls": "false", "certificates_path": directory / "certs"},
        "api": {"host_ip": "127.0.0.1", "port": port, "api_workers": 1, "public_endpoint": f"http://127.0.0.1:{port}"},
        "conductor": {
            "automated_clean": "false",
            "sync_power_state_interval": 5,
            "deploy_kernel": f"file://{directory}/html/ipa.kernel",
            "deploy_ramdisk": f"file://{directory}/html/ipa.initramfs",
            "bootloader": f"file://{directory}/html/esp.img",
            "file_url_allowed_paths": directory / "html",
            "verify_step_priority_override": "management.clear_job_queue:90",
        },
        "database": {"connection": f"sqlite:///{directory}/ironic.db", "sqlite_synchronous": "False"},
        "deploy": {
            "http_root": directory / "html",
            "http_url": f"http://127.0.0.1:{port}",
            "iso_master_path": directory / "isos",
        },
        "dhcp": {"dhcp_provider": "none"},
        "ipmi": {"min_command_interval": _IPMI_INTERVAL_SECONDS},
        "oslo_concurrency": {"lock_path": directory / "run"},
        "pxe": {"images_path": directory / "tmp", "instance_master_path": directory / "master", "tftp_root": directory / "tftp"},
        "redfish": {"use_swift": "false"},
        "service_catalog": {"endpoint_override": f"http://127.0.0.1:{port}"},
        "nova": {"send_power_notifications": "false"},
    }
    return "".join(
        f"[{section}]\n" + "".join(f"{name} = {value}\n" for name, value in options.items())
        for section, options in sections.items()
    )


@contextlib.asynccontextmanager
async def ironic(programs: Path, directory: Path, *, ipmi: bool = False) -> AsyncIterator[str]:
    """An Ironic with an empty database while the block runs: its URL. With `ipmi` it has that hardware type too."""
    port = free_port()
    configuration = _prepare(directory, _configuration(directory, port, ipmi=ipmi))
    environment = {
        **NO_PROXIES,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(directory / "shim"),
        "HOME": str(directory),
    }
    with (directory / "log" / "ironic.log").open("w") as log:
        options = {"stdout": log, "stderr": log, "env": environment, "cwd": directory}
        schema = await asyncio.create_subprocess_exec(
            programs / "ironic-dbsync", "--config-file", configuration, "create_schema", **options
        )
        if await asyncio.wait_for(schema.wait(), READY_SECONDS):
            raise RuntimeError(f"no database; see {log.name}")
        process = await asyncio.create_subprocess_exec(programs / "ironic", "--config-file", configuration, **options)
    try:
        await _answers(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        # It waits for what it is doing; what it does not end in time is nothing to a judge.
        await end(process, STOP_SECONDS)


def _prepare(directory: Path, options: str) -> Path:
    for name in _DIRECTORIES:
        (directory / name).mkdir(parents=True)
    for name in ("ipa.kernel", "ipa.initramfs", "esp.img"):
        (directory / "html" / name).write_bytes(bytes(4096))
    (directory / "shim" / "sitecustomize.py").write_text(_SHIM)
    configuration = directory / "ironic.conf"
    configuration.write_text(options)
    return configuration


async def _answers(url: str, process: asyncio.subprocess.Process) -> None:
    """Wait until the conductor has told of its drivers."""
    async with aiohttp.ClientSession(headers=VERSION) as client:

        async def there() -> bool:
            if process.returncode is not None:
                raise RuntimeError("Ironic ended before it was ready")
            try:
                async with client.get(f"{url}/v1/drivers") as response:
                    return response.status == 200 and bool((await response.json())["drivers"])
            except aiohttp.ClientError:
                return False

        await until(there, f"an Ironic with drivers at {url}", READY_SECONDS)
