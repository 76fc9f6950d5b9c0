"""The closed vocabulary of facts: everything that a journal can contain.

A fact is frozen data about something that was done, or seen, or could not be seen. Facts carry no judgement and no time:
the journal gives each one its place and its interval. Checks read facts and nothing else, so what is not here cannot be judged.

Names follow the systems they speak of: `kind`, `namespace`, `uid` are Kubernetes', `node` is Ironic's, `host` is the name of a
BareMetalHost, `cluster` is `source`, `target` or `workload`.
"""

from typing import Annotated, Any, Literal

import msgspec

ClusterName = Literal["source", "target", "workload"]
Side = Literal["source", "target"]
SIDES: tuple[Side, Side] = ("source", "target")
Body = dict[str, Any]

Change = Literal["listed", "added", "modified", "deleted"]
Layer = Literal["tcp", "tls", "http", "auth", "content"]
SightName = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$")]
"""What a source of sight calls what it sees, such as `kube` or `bmc_requests`: lower-case words."""


class Fact(msgspec.Struct, frozen=True, kw_only=True, tag_field="fact", tag=str, omit_defaults=True, gc=False):
    """Base of the union; never recorded itself."""


# --- the run -----------------------------------------------------------------------------------------------------------


class OwnPromise(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A promise that the scenario itself words: what must hold of one condition, or of several, in the Common Expression Language.

    `over`: each host that is promised something, the `run`, or each object of a `kind`. `within` (seconds) belongs to `eventually`,
    `count` to `at_most`.
    """

    form: Literal["never", "always", "stable", "eventually", "at_most", "exclusive"]
    conditions: list[str]
    over: Literal["hosts", "run", "kind"] = "hosts"
    kind: str = ""
    within: float = 0.0
    count: int = 0


class Expectation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One promise a scenario makes: a check's word, its arguments, and the block it is held over (empty: the whole run).

    `steady`: it is held over that block alone, from its begin, whether anything is moved in it or not. `own`: it is no word but a
    promise of the scenario's own, and `check` is the name by which it is told.
    """

    check: str
    arguments: Body = {}
    block: str = ""
    steady: bool = False
    own: OwnPromise | None = None


class IronicPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where one Ironic is, as the lab file tells, and what it runs as in its cluster (empty `name`: that was not told)."""

    url: str
    namespace: str = ""
    name: str = ""


class RunBegan(Fact, frozen=True, kw_only=True):
    """The first entry of every journal.

    `started` is wall-clock UTC, for people only. `speed` divides every settling time (an embedded lab runs faster than life).
    `mode`: `run` does the steps itself, `watch` witnesses somebody else's, `import` reads foreign recordings.
    """

    scenario: str
    lab: str
    started: str
    mode: Literal["run", "watch", "import"]
    expectations: list[Expectation]
    namespace: str = ""
    speed: float = 1.0
    unclaimed: Literal["report", "protect"] = "report"
    version: str = ""
    lab_file: str = ""
    """Where `harness recover` finds the lab again."""

    owners: dict[str, str] = {}
    """Who asks: source address -> name, as the lab file tells (`{"127.77.1.1": "ironic-source"}`)."""

    ironics: dict[Side, IronicPlace] = {}
    """The Ironic of each side; one that is not named is not watched."""

    words: dict[str, str] = {}
    """Words that are not the harness' own, and where each came from: `{"check fans_spin": "./our-words"}`."""

    promise: Literal["move", "steady"] = "move"
    """What is promised to hosts: that a move harms none, or `steady`: that nothing does from the beginning, with or without a move."""

    steps: dict[str, str] = {}
    """What the scenario would do: the path of each step and block -> its word, in order; empty where nobody planned the run."""

    started_fraction: float = 0.0
    """By how much of a second the run's clock began after `started`."""

    backup: str = ""
    """Where what the first move carries was kept before it, for `harness recover`; empty: nowhere."""

    machine: str = ""
    """The mark of the machine on which it was made: there, `harness recover` obeys it without being asked."""


class RunEnded(Fact, frozen=True, kw_only=True):
    """The last entry: how it ended, in the words of the exit codes."""

    how: Literal["done", "refused", "failed", "interrupted", "lab-broke", "bug"]
    says: str = ""


class StepBegan(Fact, frozen=True, kw_only=True):
    """A step or block of the scenario begins; `step` is its path in the tree, like `3.1`."""

    step: str
    word: str
    arguments: Body = {}


class StepEnded(Fact, frozen=True, kw_only=True):
    """The same step ended. `failed`: the system under test did not do it; `cancelled`: we stopped it."""

    step: str
    word: str
    how: Literal["done", "failed", "cancelled"]
    says: str = ""


class FaultBegan(Fact, frozen=True, kw_only=True):
    """A fault is about to be put in; its healing is already arranged."""

    fault: str
    word: str
    arguments: Body = {}


class FaultHealed(Fact, frozen=True, kw_only=True):
    """The fault is out again. `effect`: was it seen to do anything? Without effect a scenario proves nothing."""

    fault: str
    word: str
    effect: bool
    says: str = ""


class WriteIntended(Fact, frozen=True, kw_only=True):
    """We are about to write to the system under test; `undo` is what `harness recover` would do about it."""

    write: str
    system: str
    what: str
    host: str = ""
    undo: Body = {}


class WriteDone(Fact, frozen=True, kw_only=True):
    """The write of that name was answered."""

    write: str
    ok: bool
    says: str = ""


class WriteUndone(Fact, frozen=True, kw_only=True):
    """The write of that name was undone, or needs no undo any more."""

    write: str
    says: str = ""


# --- sight and blindness -----------------------------------------------------------------------------------------------


class Sight(Fact, frozen=True, kw_only=True):
    """Base of the four: what is looked at. Empty `cluster`, `kind`, `host` mean all of them."""

    sight: SightName
    cluster: str = ""
    kind: str = ""
    host: str = ""


class SightBegan(Sight, frozen=True, kw_only=True):
    """From now on this source is watched without a gap."""


class SightLost(Sight, frozen=True, kw_only=True):
    """From `since` on this source is not seen; `says` tells why."""

    says: str = ""


class SightRegained(Sight, frozen=True, kw_only=True):
    """The source is seen again.

    `complete`: everything in between was delivered afterwards (a resumed watch, a log): nothing was missed. `begins`: there was nothing
    to be seen before, as of a kind that its cluster did not serve: the sight begins here.
    """

    complete: bool
    says: str = ""
    begins: bool = False


class SightEnded(Sight, frozen=True, kw_only=True):
    """We stopped looking. `complete`: a closing barrier proved that what we know is all there was up to here."""

    complete: bool
    says: str = ""


class HarnessStalled(Fact, frozen=True, kw_only=True):
    """The harness itself stood still between `since` and `at`: it was stopped, or not given a processor, or busy with itself.

    Where a sight missed more by it than its rhythm allows, that stands beside it as SightLost and SightRegained.
    """

    seconds: float = 0.0


class WireUnverified(Fact, frozen=True, kw_only=True):
    """Who answers at the other end of a wire is taken at its word: no certificate proves it. `why`: what asked for that."""

    wire: str
    why: str


class LabLagged(Fact, frozen=True, kw_only=True):
    """Between `since` and `at` an embedded lab could not follow its own times for so long: it was busy, or had no processor.

    What had to happen within a time of life had so much longer for it.
    """

    lost_seconds: float = 0.0


# --- Kubernetes --------------------------------------------------------------------------------------------------------


class FieldManager(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Who wrote a version of an object, as its API server tells in `managedFields`; `time` is the server's, in whole seconds.

    `paths` are those that this manager owns of what was set in this version, like `spec.online`, or `spec` where they are many; empty
    for an object that it made, and where the server did not tell whose they are. Never a value.
    """

    manager: str
    operation: str = ""
    time: str = ""
    subresource: str = ""
    paths: list[str] = []


class ObjectSeen(Fact, frozen=True, kw_only=True):
    """One object of one cluster, as a list or a watch showed it.

    `object` is the body without `metadata.managedFields` and without a Secret's data; in its place a Secret has `dataDigest:
    {key: keyed digest}`. A `modified` may carry `patch` instead: an RFC 7386 merge patch on the version before. `inferred`: not
    observed, but implied by a relist after a gap. `digest` is of older journals. `managers`: who wrote this version (several
    where it is `inferred`); empty where that cannot be told.
    """

    cluster: ClusterName
    change: Change
    kind: str
    name: str
    uid: str
    resource_version: str
    api_version: str = ""
    namespace: str = ""
    object: Body | None = None
    patch: Body | None = None
    inferred: bool = False
    digest: str = ""
    managers: list[FieldManager] = []


class ApiWrite(Fact, frozen=True, kw_only=True):
    """One write as an API server's audit log saw it: who changed what. `time` is when it was answered, by the server's clock."""

    cluster: ClusterName
    user: str
    verb: str
    resource: str
    name: str
    namespace: str = ""
    subresource: str = ""
    user_agent: str = ""
    code: int = 0
    time: str = ""


# --- BMCs --------------------------------------------------------------------------------------------------------------


class BmcRead(Fact, frozen=True, kw_only=True):
    """What a BMC says of its server; recorded when it differs from the last reading, and at the first and the last.

    `power`: Redfish PowerState, null where the BMC does not say. `boot`: override target, enabled, mode. `media`: device -> image.
    `signals`: raw latched evidence by name (`LastResetTime`, `BootProgress.LastState`, ...), absent where not offered. `unseen`: the
    parts that the BMC did not show this time (`media`, `manager`, over IPMI `boot`, `sel`, ...) -> what it said instead.
    """

    host: str
    power: str | None = None
    boot: dict[str, str] = {}
    media: dict[str, str] = {}
    signals: dict[str, str] = {}
    bmc_time: str = ""
    final: bool = False
    unseen: dict[str, str] = {}


class BmcRequest(Fact, frozen=True, kw_only=True):
    """One request somebody made to a BMC, from a record of requests (BMC's own log, or a recorder in the path).

    `since` of its entry is not later than when it came. `client` is the asker's name where the lab knows it, else empty.
    """

    host: str
    method: str
    path: str
    status: int
    address: str = ""
    client: str = ""
    user_agent: str = ""
    body: str = ""
    id: int = 0


# --- Ironic ------------------------------------------------------------------------------------------------------------


class IronicAnswers(Fact, frozen=True, kw_only=True):
    """This Ironic began or ceased to answer. After `up: false` its nodes count as unmanaged."""

    ironic: Side
    up: bool
    says: str = ""


class IronicNode(Fact, frozen=True, kw_only=True):
    """One node of one Ironic, when it appeared or changed: `node` is Ironic's own JSON, the fields that were asked for."""

    ironic: Side
    uuid: str
    name: str
    node: Body


class IronicNodeGone(Fact, frozen=True, kw_only=True):
    """The node is no longer in this Ironic's list."""

    ironic: Side
    uuid: str
    name: str


# --- the mover ---------------------------------------------------------------------------------------------------------


class MoverStarted(Fact, frozen=True, kw_only=True):
    """`clusterctl move`, or our own mover, was started.

    `pid` is its process, `pid_began` when that was started, in clock ticks since the machine's own start: who has both finds it again.
    """

    mover: int
    origin: Side
    destination: Side
    command: str = ""
    pid: int = 0
    pid_began: int = 0


class MoverSaid(Fact, frozen=True, kw_only=True):
    """One line of the mover's standard error. `phase` is set on the lines that begin one."""

    mover: int
    line: str
    phase: str = ""


class MoverEnded(Fact, frozen=True, kw_only=True):
    """The mover ended; a negative code is the signal that killed it."""

    mover: int
    code: int
    seconds: float = 0.0


# --- the network -------------------------------------------------------------------------------------------------------


class ProbeSeen(Fact, frozen=True, kw_only=True):
    """What a probe from one cluster's vantage met; recorded when it differs from the last, and at the first.

    `layer` is how far the probe came (`ok`) or where it stopped. `what`: `bmc`, `ironic`, `image`, `kube`.
    """

    vantage: Side
    what: Literal["bmc", "ironic", "image", "kube"]
    address: str
    ok: bool
    layer: Layer
    host: str = ""
    ironic: str = ""
    says: str = ""


AnyFact = (
    RunBegan
    | RunEnded
    | StepBegan
    | StepEnded
    | FaultBegan
    | FaultHealed
    | WriteIntended
    | WriteDone
    | WriteUndone
    | SightBegan
    | SightLost
    | SightRegained
    | SightEnded
    | HarnessStalled
    | WireUnverified
    | LabLagged
    | ObjectSeen
    | ApiWrite
    | BmcRead
    | BmcRequest
    | IronicAnswers
    | IronicNode
    | IronicNodeGone
    | MoverStarted
    | MoverSaid
    | MoverEnded
    | ProbeSeen
)
