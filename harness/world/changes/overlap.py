"""Which versions of an object may have been the newest while another one, also of another cluster, came to be."""

from harness.world.world import Timeline, Version


def versions_during(timeline: Timeline, moment: Version) -> Timeline:
    """The versions that may have been the newest at some time within another version's interval."""
    following = [*timeline[1:], None]
    pairs = zip(timeline, following, strict=True)
    return [
        it for it, after in pairs if it.entry.since <= moment.entry.at and (after is None or after.entry.at >= moment.entry.since)
    ]
