"""Small programs that stand for real ones: they do what a script says, and nothing else."""

import sys
from pathlib import Path


def program(directory: Path, name: str, script: str) -> Path:
    """An executable file with a shell script."""
    path = directory / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def python_program(directory: Path, name: str, script: str) -> Path:
    """An executable file with a Python script, run by this Python."""
    path = directory / name
    path.write_text(f"#!{sys.executable}\n{script}\n")
    path.chmod(0o755)
    return path


def go(
    directory: Path, *, version: str = "go1.26.8", build: str = "exit 0", proxy: str = "off", cache: Path | None = None
) -> Path:
    """A `go` that answers what it is asked for; `build` is what it does to build."""
    directory.mkdir(exist_ok=True)
    cache = cache or directory
    answers = f"""
case "$1 $2" in
  "version "*) echo "go version {version} linux/amd64" ;;
  "env GOCACHE") echo {cache}; echo {cache} ;;
  "env GOMODCACHE") echo {cache} ;;
  "env GOPROXY") echo {proxy} ;;
  "build "*) {build} ;;
esac"""
    return program(directory, "go", answers)
