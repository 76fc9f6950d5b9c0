"""`python -m harness.emulated.lab.check_manifests NAME PATH`: can a component's manifests take the place of ours?

Prints why not, and ends with 1.
"""

import sys
from pathlib import Path

from harness.emulated.kube import crds
from harness.emulated.programs.manifests import ComponentManifests, UnfitManifestsError, check_versions, merged
from harness.emulated.seed.steady import CUSTOM


def check(name: str, path: Path) -> None:
    """UnfitManifestsError where they are no YAML, define nothing of the component, or not what the lab consists of."""
    definitions = ComponentManifests(path, name=name, server=None).definitions()
    if not definitions:
        raise UnfitManifestsError(
            f"there is no CustomResourceDefinition of {name}'s in {path}: name what its release or its checkout has in `config`, "
            "or leave `manifests` out"
        )
    check_versions(merged(crds.definitions(), definitions), CUSTOM)


def main() -> int:
    """The command line."""
    name, path = sys.argv[1:]
    try:
        check(name, Path(path))
    except UnfitManifestsError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
