"""What a journal says of one kind, held against the server's own history."""

import msgspec

from harness.journal.facts import ObjectSeen, SightBegan, SightEnded, SightLost, SightRegained
from harness.journal.merge_patch import apply_merge_patch, drop_nulls


class Oracle:
    """Reads the entries of one kind in order; any fact that the history does not bear out is an AssertionError.

    `places` are the places in the history up to which the journal may have told, in case a list fits several; `gaps` and `bridged`
    count the gaps, `events` the facts that a watch told.
    """

    def __init__(self, server, served, tell):
        self.history = server.of(served)
        self.served = served
        self.tell = tell
        self.states = list(self._states())
        self.told = {}
        self.places = {0}
        self.lost = False
        self.began = False
        self.ended = None
        self.events = self.gaps = self.bridged = self.inferred = 0

    def _states(self):
        """The state after each place of the history: name -> (uid, version)."""
        state = {}
        yield {}
        for change in self.history:
            metadata = change.body["metadata"]
            if change.type == "DELETED":
                state.pop(change.name)
            else:
                state[change.name] = (metadata["uid"], metadata["resourceVersion"])
            yield dict(state)

    def read(self, entries):
        for entry in entries:
            fact = entry.fact
            if getattr(fact, "kind", None) != self.served.kind:
                continue
            assert entry.since <= entry.at
            assert self.ended is None, "nothing is told after the end"
            match fact:
                case SightBegan():
                    self._synchronise()
                    self.began = True
                case SightLost():
                    self._lose(entry)
                case SightRegained():
                    self._regain(fact)
                case SightEnded():
                    self.ended = fact
                case ObjectSeen() if fact.inferred:
                    assert self.lost, "what is inferred belongs to a gap"
                    self.inferred += 1
                    self._fold(fact)
                case ObjectSeen() if fact.change == "listed":
                    assert not self.began
                    self._fold(fact)
                case ObjectSeen():
                    self._event(entry, fact)
        return self

    def _lose(self, entry):
        assert not self.lost
        self.lost = True
        missed = [self.history[place].at for place in self.places if place < len(self.history)]
        assert not missed or entry.since <= max(missed), "the hole begins before the first thing that was not seen"

    def _regain(self, fact):
        assert self.lost
        self.lost = False
        if fact.complete:
            self.bridged += 1
        else:
            self.gaps += 1
            self._synchronise()

    def _synchronise(self):
        """After a list: the places of the history whose state is the told one."""
        told = {name: (body["metadata"]["uid"], body["metadata"]["resourceVersion"]) for name, body in self.told.items()}
        self.places = {place for place in range(min(self.places), len(self.states)) if self.states[place] == told}
        assert self.places, "a list is told as it was at some moment"

    def _event(self, entry, fact):
        assert not self.lost, "an event needs sight"
        fitting = {place for place in self.places if place < len(self.history) and self._is(self.history[place], fact)}
        assert fitting, f"{fact.change} {fact.name} {fact.resource_version} is not what happened next"
        self.places = {place + 1 for place in fitting}
        change = self.history[min(fitting)]
        assert entry.since <= change.at <= entry.at, "the interval holds the moment at which it happened"
        self.events += 1
        self._fold(fact)
        if fact.change != "deleted":
            assert self.told[fact.name] == self.tell(change.body)

    def _is(self, change, fact):
        metadata = change.body["metadata"]
        told = (fact.change.upper(), fact.name, fact.uid, fact.resource_version)
        return told == (change.type, change.name, metadata["uid"], metadata["resourceVersion"])

    def _fold(self, fact):
        if fact.change == "deleted":
            del self.told[fact.name]
        elif fact.patch is not None:
            self.told[fact.name] = apply_merge_patch(self.told[fact.name], fact.patch)
        else:
            self.told[fact.name] = fact.object

    def whole(self):
        """Everything was told up to the very end, and proven to be."""
        assert self.ended is not None
        assert self.ended.complete, self.ended.says
        assert len(self.history) in self.places
        assert set(self.told) == set(self.states[-1])
        return self


def plain(body):
    """A body as the journal tells it, for kinds without secrets."""
    body = drop_nulls(msgspec.json.decode(msgspec.json.encode(body)))
    body["metadata"].pop("managedFields", None)
    return body
