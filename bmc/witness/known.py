"""Every family of BMCs that is known: one file each in `families`, those of installed packages, those of directories."""

from collections.abc import Iterator
from functools import cached_property

from bmc.errors import BmcError
from bmc.plugins import PluginError, Plugins, in_directory, installed, part
from bmc.witness import families
from bmc.witness.family import Body, Family

GROUP = "metal3_pivot_harness.families"
"""The entry points by which an installed package brings families: each names a module with a `FAMILY`, or a Family."""


class KnownFamilies:
    """The families of this process; found when they are first asked for."""

    def __iter__(self) -> Iterator[Family]:
        return iter(self._families)

    def add_directory(self, directory: str) -> None:
        """Take in the families of a directory, one file each. Raises PluginError; to be called before anything is read or judged."""
        self._families += [part(it, "FAMILY", Family) for it in in_directory(directory, "families").values()]

    def of(self, body: Body) -> Family:
        """The family with the strongest claim to what a BMC answered. Raises BmcError where two claim it with equal strength."""
        claims = [(each.recognises(body), each) for each in self]
        strongest = max(claim for claim, _ in claims)
        best = [each for claim, each in claims if claim == strongest]
        if len(best) > 1:
            names = " and ".join(f"{each.name} ({each.recognises.__module__})" for each in best)
            raise BmcError(
                kind="content", blame="us", says=f"two families of BMCs claim it, so no signal of it can be trusted: {names}"
            )
        return best[0]

    @cached_property
    def _families(self) -> list[Family]:
        theirs = [_brought(name, found) for name, found in installed(GROUP).items()]
        return [*Plugins(families, "FAMILY", Family).values(), *theirs]


def _brought(name: str, found: object) -> Family:
    family = getattr(found, "FAMILY", found)
    if not isinstance(family, Family):
        raise PluginError(f"{GROUP}: {name}: neither a Family nor a module with a `FAMILY`")
    return family
