"""What pip-audit found of the locked dependencies, told so that silence is no pass: `python -m benchmarks.audit REPORT.json`.

pip-audit ends with 0, too, where no advisories could be had of a single one. Here that is NOT RUN; of some only, it is exit code 1,
as a known vulnerability is.
"""
# ruff: noqa: INP001, T201 - a script that prints is what this is

import sys
from pathlib import Path

import msgspec


class Vulnerability(msgspec.Struct):
    """One advisory that fits a version."""

    id: str
    fix_versions: list[str] = []


class Dependency(msgspec.Struct):
    """One locked version; `skip_reason` where nothing could be learned of it."""

    name: str
    version: str = ""
    vulns: list[Vulnerability] = []
    skip_reason: str = ""


class Report(msgspec.Struct):
    """What pip-audit writes with `-f json`."""

    dependencies: list[Dependency]


def told(dependencies: list[Dependency]) -> tuple[list[str], int]:
    """What to say, line by line, and the exit code."""
    skipped = [one for one in dependencies if one.skip_reason]
    found = [(one, advisory) for one in dependencies for advisory in one.vulns]
    if not dependencies or len(skipped) == len(dependencies):
        return [f"NOT RUN: no advisories could be had of any of the {len(dependencies)} locked dependencies"], 0
    lines = [f"{one.name} {one.version}: {advisory.id}, mended in {_mended(advisory)}" for one, advisory in found]
    lines += [f"{one.name}: not looked at ({one.skip_reason})" for one in skipped]
    return [*lines, f"{len(dependencies) - len(skipped)} looked at, {len(found)} advisories"], int(bool(lines))


def _mended(advisory: Vulnerability) -> str:
    return ", ".join(advisory.fix_versions) or "no version yet"


def main() -> int:
    """Read the report, tell."""
    lines, code = told(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Report).dependencies)
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
