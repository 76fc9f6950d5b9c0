"""`python -m harness.processes.parts.ironic_start PROGRAMS FILES URL IMAGES SECRET`: become a real Ironic with an empty database.

PROGRAMS is the directory with `ironic`, `ironic-dbsync` and `python` in it, FILES a directory for it alone, which is emptied, URL where
it shall serve, IMAGES the URL at which servers find what it boots them from (a file server of ours, which ends with it), SECRET a file
with a line for the user's name and one for the password.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from harness.processes.supervisor import die_with_parent

DIRECTORIES = ("tmp", "html", "tftp/master", "log", "certs", "master", "isos", "run", "shim", "bin", "images")
KERNEL = "ipa.kernel"
RAMDISK = "ipa.initramfs"
LOADER = "esp.img"
IMAGE_MAKERS = ("mkisofs", "xorrisofs", "genisoimage")
SCHEMA_SECONDS = 60.0
HASH_SECONDS = 60.0
SYNC_SECONDS = 60
HASH = """
import bcrypt, sys
print(bcrypt.hashpw(sys.stdin.read().encode(), bcrypt.gensalt(4, b"2a")).decode().replace("$2a", "$2y"))
"""
SHIM = """\
import functools, hashlib, os, socket

# 600,000 rounds of PBKDF2 at every fetch of a Redfish connection are half a second of CPU each, of which a lab learns nothing.
hashlib.pbkdf2_hmac = functools.lru_cache(maxsize=8192)(hashlib.pbkdf2_hmac)

# It calls from its side's own address, so that a BMC's log can tell two Ironics apart.
_address, _connect = os.environ["LAB_ADDRESS"], socket.socket.connect


def _connect_from(self, address):
    if self.family == socket.AF_INET and self.type & socket.SOCK_STREAM and self.getsockname()[1] == 0:
        self.bind((_address, 0))
    return _connect(self, address)


socket.socket.connect = _connect_from
"""
INTERFACES = {
    "bios": "no-bios,redfish,fake",
    "boot": "redfish-virtual-media,ipxe,pxe,fake",
    "console": "no-console,fake",
    "deploy": "autodetect,direct,fake,ramdisk,custom-agent,bootc",
    "firmware": "no-firmware,redfish,fake",
    "inspect": "agent,redfish,no-inspect,fake",
    "management": "redfish,fake,noop",
    "network": "noop",
    "power": "redfish,fake",
    "raid": "no-raid,agent,redfish,fake",
    "rescue": "no-rescue,agent",
    "storage": "noop",
    "vendor": "no-vendor,redfish,fake",
}


def main(programs: Path, files: Path, url: str, images: str, secret: Path) -> None:
    """Prepare, and become it."""
    shutil.rmtree(files, ignore_errors=True)
    for name in DIRECTORIES:
        (files / name).mkdir(parents=True, mode=0o700)
    for name in (KERNEL, RAMDISK, LOADER):
        (files / "html" / name).write_bytes(bytes(65536))
    (files / "shim" / "sitecustomize.py").write_text(SHIM, encoding="utf-8")
    (files / "htpasswd").write_text(_htpasswd(programs, secret), encoding="utf-8")
    # Ironic calls `mkisofs`; where there is none, virtual media cannot be made, and hosts cannot be inspected or deployed.
    maker = image_maker()
    if maker:
        (files / "bin" / "mkisofs").symlink_to(maker)
    configuration = files / "ironic.conf"
    configuration.write_text(_configuration(files, url, images), encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
        "PATH": f"{files / 'bin'}:{programs}:{os.defpath}",
        "PYTHONPATH": str(files / "shim"),
        "LAB_ADDRESS": urlsplit(url).hostname or "",
        "HOME": str(files),
    }
    options = ["--config-file", str(configuration)]
    subprocess.run(  # noqa: S603 - the lab's own Ironic
        [programs / "ironic-dbsync", *options, "create_schema"], env=environment, check=True, timeout=SCHEMA_SECONDS
    )
    _serve(files / "html", images)
    os.execve(programs / "ironic", ["ironic", *options], environment)  # noqa: S606 - the same


def _serve(directory: Path, url: str) -> None:
    """Have the files of a directory served to whoever asks, as the web server beside a real Ironic does."""
    place = urlsplit(url)
    command = [sys.executable, "-m", "http.server", str(place.port), "--bind", str(place.hostname), "--directory", str(directory)]
    subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, preexec_fn=die_with_parent)  # noqa: S603, PLW1509 - ours


def image_maker() -> str | None:
    """The program that makes virtual media, under any of its names."""
    return next((found for name in IMAGE_MAKERS if (found := shutil.which(name))), None)


def _htpasswd(programs: Path, secret: Path) -> str:
    username, password = secret.read_text(encoding="utf-8").split("\n")
    python = programs / "python"
    done = subprocess.run(  # noqa: S603 - the Python of the lab's own Ironic
        [python, "-c", HASH], input=password, capture_output=True, encoding="utf-8", check=True, timeout=HASH_SECONDS
    )
    return f"{username}:{done.stdout}"


def _configuration(files: Path, url: str, images: str) -> str:
    """The options, as ironic-image sets them where that matters to a pivot."""
    place = urlsplit(url)
    sections: dict[str, dict[str, object]] = {
        "DEFAULT": {
            "auth_strategy": "http_basic",
            "http_basic_auth_user_file": files / "htpasswd",
            "rpc_transport": "none",
            "use_stderr": "true",
            "hash_ring_algorithm": "sha256",
            "my_ip": place.hostname,
            "host": "lab",
            "webserver_verify_ca": "false",
            "tempdir": files / "tmp",
            "state_path": files,
            "enabled_hardware_types": "redfish,fake-hardware",
            "default_deploy_interface": "autodetect",
            "autodetect_deploy_interfaces": "ramdisk,bootc,direct",
            "default_inspect_interface": "agent",
            "default_network_interface": "noop",
            **{f"enabled_{name}_interfaces": each for name, each in INTERFACES.items()},
        },
        "agent": {
            "deploy_logs_collect": "never",
            "require_tls": "false",
            "certificates_path": files / "certs",
            "post_deploy_get_power_state_retries": 12,
            "post_deploy_get_power_state_retry_interval": 1,
        },
        "api": {"host_ip": place.hostname, "port": place.port, "api_workers": 1, "public_endpoint": url},
        "conductor": {
            "automated_clean": "false",
            "node_history": "false",
            "power_state_change_timeout": 120,
            "sync_power_state_interval": SYNC_SECONDS,
            "deploy_kernel": f"file://{files}/html/{KERNEL}",
            "deploy_ramdisk": f"file://{files}/html/{RAMDISK}",
            "bootloader": f"file://{files}/html/{LOADER}",
            "file_url_allowed_paths": files / "html",
            "verify_step_priority_override": "management.clear_job_queue:90",
        },
        "database": {"connection": f"sqlite:///{files}/ironic.db", "sqlite_synchronous": "False"},
        "deploy": {
            "default_boot_option": "local",
            "erase_devices_metadata_priority": 10,
            "erase_devices_priority": 0,
            "fast_track": "false",
            "http_root": files / "html",
            "http_url": images,
            "iso_master_path": files / "isos",
        },
        "dhcp": {"dhcp_provider": "none"},
        "inspector": {
            "require_managed_boot": "False",
            "power_off": "true",
            "hooks": "ramdisk-error,validate-interfaces,ports,architecture",
            "add_ports": "all",
            "keep_ports": "present",
        },
        "oslo_concurrency": {"lock_path": files / "run"},
        "pxe": {"images_path": files / "tmp", "instance_master_path": files / "master", "tftp_root": files / "tftp"},
        "redfish": {"use_swift": "false"},
        "service_catalog": {"endpoint_override": url},
        "nova": {"send_power_notifications": "false"},
    }
    return "".join(
        f"[{section}]\n" + "".join(f"{name} = {value}\n" for name, value in options.items())
        for section, options in sections.items()
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4], Path(sys.argv[5]))
