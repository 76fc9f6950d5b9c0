"""The scenarios and labs that come with the harness, and how a file of one's own takes their place.

In the source tree they are its top folders, the one source; the build of a wheel copies them into the package (`setup.py`).
"""

from pathlib import Path

PACKAGE = Path(__file__).parents[1]
COPIED = PACKAGE / "shipped"

LAB = "lab.yaml"
SCENARIOS = "scenarios"
LABS = "labs"


def shipped() -> Path:
    """The folder that holds the shipped `scenarios/`, `labs/` and lab files."""
    return COPIED if COPIED.is_dir() else PACKAGE.parent


def default_lab() -> Path:
    """The `lab.yaml` of the working directory, else the embedded lab that comes with the harness."""
    here = Path(LAB)
    return here if here.exists() else shipped() / LAB


def find_scenario(name: str) -> Path | None:
    """The scenario of this bare name: one of the working directory's `scenarios/`, else a shipped one."""
    return _find(name, (Path(SCENARIOS), shipped() / SCENARIOS))


def find_lab(name: str) -> Path | None:
    """The lab file of this bare name (`lab-ipmi`): one of the working directory or its `labs/`, else a shipped one."""
    return _find(name, _lab_folders())


def lab_names() -> list[str]:
    """The bare names of all files that `find_lab` finds."""
    return sorted({path.stem for folder in _lab_folders() for path in folder.glob("[!.]*.yaml")})


def scenario_names() -> list[str]:
    """The bare names of all scenarios that can be found."""
    return sorted({path.stem for folder in (Path(SCENARIOS), shipped() / SCENARIOS) for path in folder.glob("*.yaml")})


def is_bare_name(path: Path) -> bool:
    """Is this a name and no path: without a folder, an ending, or a file that is called so?"""
    return len(path.parts) == 1 and not path.suffix and not path.exists()


def _lab_folders() -> tuple[Path, ...]:
    return Path(), Path(LABS), shipped(), shipped() / LABS


def _find(name: str, folders: tuple[Path, ...]) -> Path | None:
    return next((path for folder in folders if (path := folder / f"{name}.yaml").is_file()), None)
