"""`python -m harness.processes.programs.pin kubernetes=1.36.3 etcd=3.6.16 ...`: make the Go modules of these releases anew.

For maintainers. Products that are named together get the same versions of what they share, so that it is compiled once. Each module
requires just what its programs are built from; `go mod tidy` would add everything that anybody's tests need.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from harness.errors import LabBrokeError
from harness.lab.versions import COMPONENTS, GO_PROGRAMS, MODULES, Pinned
from harness.processes.programs.toolchain import go_environment

NEVER_RELEASED = "v0.0.0"
"""How a go.mod requires a module that lies beside it in one repository, and that it replaces by that place."""
USED = "{{with .Module}}{{if not .Main}}{{.Path}} {{with .Replace}}{{.Version}}{{else}}{{.Version}}{{end}}{{end}}{{end}}"


class ReleaseModules(NamedTuple):
    """What a release's own go.mod says; `beside` are the modules that lie beside it, with the versions that were released of them."""

    required: dict[str, str]
    beside: dict[str, str]
    go: str
    godebug: dict[str, str]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m harness.processes.programs.pin", description="Pin releases of real components."
    )
    parser.add_argument("releases", nargs="+", metavar="PRODUCT=VERSION", help=f"of {', '.join(MODULES)}")
    wanted = dict(each.partition("=")[::2] for each in parser.parse_args().releases)
    if unknown := wanted.keys() - MODULES.keys():
        parser.error(f"{', '.join(sorted(unknown))}: not among {', '.join(MODULES)}")
    try:
        pin(wanted)
    except LabBrokeError as error:
        sys.stderr.write(f"{error}\n")
        return 4
    return 0


def pin(wanted: Mapping[str, str]) -> None:
    """Write the module of each product's release. Raises LabBrokeError with go's words where that fails."""
    upstream = {product: _upstream(product, version) for product, version in wanted.items()}
    with tempfile.TemporaryDirectory() as place:
        joint = Path(place)
        required = [item for each in upstream.values() for item in each.required.items()]
        beside = {path: version for each in upstream.values() for path, version in each.beside.items()}
        (joint / "go.mod").write_text(
            go_mod("joint", ReleaseModules({}, beside, max(each.go for each in upstream.values()), {}), required)
        )
        used = {product: _used(joint, product, version, "mod") for product, version in wanted.items()}
    for product, version in wanted.items():
        module = _programs(product, version)[0].module
        module.mkdir(exist_ok=True)
        (module / "go.sum").unlink(missing_ok=True)
        (module / "go.mod").write_text(go_mod(module.name, upstream[product], sorted(used[product].items())))
        _go(module, "mod", "edit", "-fmt")
        _used(module, product, version, "mod")  # writes go.sum
        if _used(module, product, version, "readonly") != used[product]:
            raise LabBrokeError(f"{module}: it does not resolve alone as it does with the others")
        sys.stdout.write(f"{module.name}: {product} {version}, {len(used[product])} modules\n")


def go_mod(name: str, upstream: ReleaseModules, required: Iterable[tuple[str, str]]) -> str:
    """The text of a go.mod: of one path required in several versions go takes the newest."""
    lines = [f"module pivot-harness.invalid/{name}", "", f"go {upstream.go}", ""]
    lines += [line for key, value in upstream.godebug.items() for line in (f"godebug {key}={value}", "")]
    lines += ["require (", *(f"\t{path} {version}" for path, version in required), ")"]
    if upstream.beside:
        lines += ["", "replace (", *(f"\t{path} => {path} {version}" for path, version in sorted(upstream.beside.items())), ")"]
    return "\n".join(lines) + "\n"


def read(go_mod: Mapping[str, Any], product: str, version: str) -> ReleaseModules:
    """What a go.mod says, from `go mod edit -json`."""
    required = {each["Path"]: each["Version"] for each in go_mod["Require"]}
    local = [each["Old"]["Path"] for each in go_mod.get("Replace") or [] if "Version" not in each["New"]]
    released = f"v0{version.removeprefix('1')}" if product == "kubernetes" else f"v{version}"
    needed = any(required.get(path, "").startswith(NEVER_RELEASED) for path in local)
    beside = dict.fromkeys(local, released) if needed else {}
    godebug = {each["Key"]: each["Value"] for each in go_mod.get("Godebug") or []}
    return ReleaseModules({MODULES[product]: f"v{version}", **required}, beside, go_mod["Go"], godebug)


def _upstream(product: str, version: str) -> ReleaseModules:
    there = json.loads(_go(COMPONENTS, "mod", "download", "-json", f"{MODULES[product]}@v{version}"))
    return read(json.loads(_go(COMPONENTS, "mod", "edit", "-json", f"{there['Dir']}/go.mod")), product, version)


def _used(module: Path, product: str, version: str, mode: str) -> dict[str, str]:
    """The modules, with their versions, from which a release's programs are built, resolved in this module."""
    packages = [each.package for each in _programs(product, version)]
    # A program of ours is named by its file, and go lists such a one alone.
    calls = [[each for each in packages if not each.endswith(".go")], *([each] for each in packages if each.endswith(".go"))]
    found: dict[str, str] = {}
    for call in calls:
        absolute = [str((COMPONENTS / "any" / each).resolve()) if each.endswith(".go") else each for each in call]
        lines = _go(module, "list", f"-mod={mode}", "-deps", "-f", USED, *absolute).splitlines()
        found |= dict(line.split(" ", 1) for line in lines if line)
    return found


def _programs(product: str, version: str) -> list[Pinned]:
    return [Pinned(name, version) for name, source in GO_PROGRAMS.items() if source.product == product]


def _go(place: Path, *arguments: str) -> str:
    environment = {**os.environ, **go_environment(), "GOFLAGS": ""}
    done = subprocess.run(["go", *arguments], cwd=place, env=environment, capture_output=True, encoding="utf-8", check=False)  # noqa: S603, S607 - go
    if done.returncode != 0:
        raise LabBrokeError(f"go {' '.join(arguments)}:\n{done.stderr or done.stdout}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
