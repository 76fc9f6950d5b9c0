"""Create and replace: names, namespaces, validation of metadata and fields, conflicts."""

from tests.emulated.apiserver.oracle.asking import delete, get, patch, post, probe, put, quietly
from tests.emulated.apiserver.oracle.clients import CLIENT_GO, CONTROLLER_RUNTIME, KUBECTL
from tests.emulated.apiserver.oracle.paths import CMS, DEPLOYS, GADGETS, NS, PODS, SECRETS, WIDGETS
from tests.emulated.apiserver.oracle.things import cm, deployment, gadget, pod, widget, with_meta

ONE = quietly(post(CMS, cm("one", data={"a": "1"})))
SAVED = quietly(post(CMS, cm("one", data={"a": "1"}), saves={"rv": "metadata.resourceVersion", "uid": "metadata.uid"}))
WIDGET = quietly(post(WIDGETS, widget("one", size=1), saves={"rv": "metadata.resourceVersion", "uid": "metadata.uid"}))
OWNER = {"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "u"}


def made(name: str, client: str, /, **metadata):
    """The same metadata given to a built-in and to a custom object."""
    return probe(
        name, client, post(CMS, with_meta(cm("one"), **metadata)), post(WIDGETS, with_meta(widget("one", size=1), **metadata))
    )


def sent(name: str, client: str, /, **spec):
    return probe(name, client, post(GADGETS, gadget("sent", **spec) | {"metadata": {"generateName": "gen-"}}))


PROBES = (
    made("create", CLIENT_GO),
    made("create generated", CLIENT_GO, name="", generateName="gen-"),
    made("create nameless", KUBECTL, name=""),
    made("create upper case", KUBECTL, name="One"),
    made("create underscore", KUBECTL, name="a_b"),
    made("create dotted", KUBECTL, name="a.b"),
    made("create slash", KUBECTL, name="a/b"),
    made("create too long", KUBECTL, name="a" * 254),
    made("create long", CONTROLLER_RUNTIME, name="a" * 253),
    made("create label bad key", KUBECTL, labels={"a b": "x"}),
    made("create label bad value", KUBECTL, labels={"a": "x y"}),
    made("create label long value", KUBECTL, labels={"a": "x" * 64}),
    made("create label number", KUBECTL, labels={"a": 1}),
    made("create annotation bad key", KUBECTL, annotations={"a b": "x"}),
    made("create annotation number", KUBECTL, annotations={"a": 1}),
    made("create annotations too long", KUBECTL, annotations={"a": "x" * 262145}),
    made("create empty maps", KUBECTL, labels={}, annotations={}),
    made("create null maps", KUBECTL, labels=None, annotations=None),
    made("create finalizer bad", KUBECTL, finalizers=["a b"]),
    made("create finalizer plain", KUBECTL, finalizers=["plain"]),
    made("create finalizer twice", CONTROLLER_RUNTIME, finalizers=["probe.test/x", "probe.test/x"]),
    made("create owner", CONTROLLER_RUNTIME, ownerReferences=[OWNER]),
    made("create owner without uid", CONTROLLER_RUNTIME, ownerReferences=[OWNER | {"uid": ""}]),
    made("create owner without version", CONTROLLER_RUNTIME, ownerReferences=[OWNER | {"apiVersion": ""}]),
    made(
        "create two controllers",
        CONTROLLER_RUNTIME,
        ownerReferences=[OWNER | {"controller": True}, OWNER | {"name": "m", "uid": "v", "controller": True}],
    ),
    made("create owner twice", CONTROLLER_RUNTIME, ownerReferences=[OWNER, OWNER]),
    made("create with version", KUBECTL, resourceVersion="5"),
    made("create with creation time", KUBECTL, creationTimestamp="2001-01-01T00:00:00Z"),
    made("create with deletion", KUBECTL, deletionTimestamp="2001-01-01T00:00:00Z", deletionGracePeriodSeconds=5),
    made("create with generation", KUBECTL, generation=7),
    made("create with unknown metadata", KUBECTL, odd="x"),
    made("create in other namespace", KUBECTL, namespace="other"),
    probe("create again", CLIENT_GO, ONE, post(CMS, cm("one")), WIDGET, post(WIDGETS, widget("one", size=1))),
    probe("create in missing namespace", KUBECTL, post(f"{NS}/nowhere/configmaps", cm())),
    probe("create data number", KUBECTL, post(CMS, cm(data={"a": 1}))),
    probe("create data list", KUBECTL, post(CMS, cm(data=["a"]))),
    probe("create data bad key", KUBECTL, post(CMS, cm(data={"a b": "x"}))),
    probe("create data and binary same", KUBECTL, post(CMS, cm(data={"a": "x"}, binaryData={"a": "eA=="}))),
    probe("create binary no base64", KUBECTL, post(CMS, cm(binaryData={"a": "%"}))),
    probe("create too large", KUBECTL, post(CMS, cm(data={"a": "x" * 1048577}))),
    probe(
        "create unknown fields",
        KUBECTL,
        *(post(f"{CMS}?dryRun=All&fieldValidation={how}", cm(odd=1, data={})) for how in ("Strict", "Warn", "Ignore")),
    ),
    probe(
        "create unknown fields deep",
        KUBECTL,
        *(
            post(f"{PODS}?dryRun=All&fieldValidation={how}", pod(containers=[{"name": "a", "image": "i", "odd": 1}]))
            for how in ("Strict", "Warn", "Ignore")
        ),
    ),
    probe(
        "create unknown metadata strict",
        KUBECTL,
        post(f"{WIDGETS}?fieldValidation=Strict", with_meta(widget("x", size=1), odd="x")),
    ),
    probe("create as manager", CLIENT_GO, post(f"{CMS}?fieldManager=me", cm("one", data={"a": "b"}, immutable=False))),
    probe(
        "create dry",
        KUBECTL,
        post(f"{CMS}?dryRun=All", cm("dry")),
        get(f"{CMS}/dry"),
        post(f"{WIDGETS}?dryRun=All", widget("dry", size=1)),
        get(f"{WIDGETS}/dry"),
    ),
    probe("put", CLIENT_GO, SAVED, put(f"{CMS}/one", with_meta(cm("one", data={"b": "2"}), resourceVersion="<rv>"))),
    probe(
        "put without version", KUBECTL, ONE, put(f"{CMS}/one", cm("one")), WIDGET, put(f"{WIDGETS}/one", widget("one", size=2))
    ),
    probe("put same", KUBECTL, SAVED, put(f"{CMS}/one", cm("one", data={"a": "1"}))),
    probe(
        "put stale",
        CLIENT_GO,
        ONE,
        put(f"{CMS}/one", with_meta(cm("one"), resourceVersion="1")),
        WIDGET,
        put(f"{WIDGETS}/one", with_meta(widget("one", size=2), resourceVersion="1")),
    ),
    probe("put other uid", CLIENT_GO, ONE, put(f"{CMS}/one", with_meta(cm("one"), uid="11111111-1111-4111-8111-111111111111"))),
    probe(
        "put other uid of custom",
        CLIENT_GO,
        WIDGET,
        put(f"{WIDGETS}/one", with_meta(widget("one", size=2), resourceVersion="<rv>", uid="x")),
    ),
    probe("put missing", CLIENT_GO, put(f"{CMS}/none", cm("none")), put(f"{WIDGETS}/none", widget("none", size=1))),
    probe(
        "put creation time",
        CONTROLLER_RUNTIME,
        SAVED,
        put(f"{CMS}/one", with_meta(cm("one"), creationTimestamp="2001-01-01T00:00:00Z")),
    ),
    probe(
        "put generation",
        CONTROLLER_RUNTIME,
        WIDGET,
        put(f"{WIDGETS}/one", with_meta(widget("one", size=2), resourceVersion="<rv>", generation=9)),
        patch(f"{WIDGETS}/one", {"metadata": {"annotations": {"a": "b"}}}),
    ),
    probe(
        "put status by main",
        CONTROLLER_RUNTIME,
        WIDGET,
        put(f"{WIDGETS}/one", with_meta(widget("one", size=1), resourceVersion="<rv>") | {"status": {"state": "x"}}),
    ),
    probe(
        "put status",
        CONTROLLER_RUNTIME,
        WIDGET,
        put(
            f"{WIDGETS}/one/status",
            with_meta(widget("one", size=9), resourceVersion="<rv>", labels={"a": "b"}) | {"status": {"state": "x"}},
        ),
    ),
    probe("get status", KUBECTL, WIDGET, get(f"{WIDGETS}/one/status")),
    probe("secret", KUBECTL, post(SECRETS, {"metadata": {"name": "s"}, "stringData": {"k": "v"}, "data": {"j": "dg=="}})),
    sent("cel message", KUBECTL, low=5, high=1),
    sent("cel expression", KUBECTL, word="bad"),
    sent("two faults", KUBECTL, low=5, high=1, small=5000000000, flag="x"),
    sent("format date", KUBECTL, when="yesterday"),
    sent("format int32", KUBECTL, small=5000000000),
    sent("integer as float", KUBECTL, small=1.5),
    sent("integer whole float", KUBECTL, small=2.0),
    sent("number", KUBECTL, ratio=0.5),
    sent("number as text", KUBECTL, ratio="x"),
    sent("flag as text", KUBECTL, flag="true"),
    sent("list empty", KUBECTL, names=[]),
    sent("list item empty", KUBECTL, names=["", "b"]),
    sent("list too many", KUBECTL, names=["a", "b", "c", "d"]),
    sent("list null item", KUBECTL, names=["a", None]),
    sent("list as map", KUBECTL, names={"a": 1}),
    sent("set twice", KUBECTL, unique=[1, 1]),
    sent("map list twice", KUBECTL, parts=[{"name": "a"}, {"name": "a"}]),
    sent("map list without key", KUBECTL, parts=[{"size": 1}]),
    sent("map list defaults", KUBECTL, parts=[{"name": "a"}]),
    sent("bag too long", KUBECTL, bag={"a": "xxxx"}),
    sent("bag too many", KUBECTL, bag={"a": "", "b": "", "c": ""}),
    sent("bag null", KUBECTL, bag={"a": None}),
    sent("size text", KUBECTL, size="10%"),
    sent("size float", KUBECTL, size=1.5),
    sent("size list", KUBECTL, size=[]),
    sent("nullable null", KUBECTL, nullable=None, word=None),
    sent("nested default", KUBECTL, nested={}),
    sent("nested null", KUBECTL, nested=None),
    sent("embedded bare", KUBECTL, embedded={}),
    sent("embedded whole", KUBECTL, embedded={"apiVersion": "v1", "kind": "X", "metadata": {"name": "x", "odd": 1}, "any": 1}),
    sent("either", KUBECTL, either={}),
    sent("free", KUBECTL, free={"a": {"b": [1, None]}}),
    sent("whole", KUBECTL, whole={"a": "x"}),
    probe("spec missing", KUBECTL, post(WIDGETS, {"apiVersion": "probe.test/v1", "kind": "Widget", "metadata": {"name": "x"}})),
    probe(
        "spec null",
        KUBECTL,
        post(WIDGETS, {"apiVersion": "probe.test/v1", "kind": "Widget", "metadata": {"name": "x"}, "spec": None}),
    ),
    probe(
        "transition rule",
        KUBECTL,
        post(GADGETS, gadget("fixed", fixed="a"), quiet=True),
        patch(f"{GADGETS}/fixed", {"spec": {"fixed": "b"}}),
        patch(f"{GADGETS}/fixed", {"spec": {"fixed": None}}),
    ),
    probe(
        "update nothing",
        CLIENT_GO,
        quietly(post(CMS, cm("c", data={"a": "1"}), saves={"rv": "metadata.resourceVersion"})),
        patch(f"{CMS}/c", {"metadata": {"resourceVersion": "<rv>"}}),
        patch(f"{CMS}/c", {}),
        put(f"{CMS}/c", with_meta(cm("c", data={"a": "1"}), resourceVersion="<rv>")),
    ),
    probe(
        "generation of a widget",
        CONTROLLER_RUNTIME,
        post(WIDGETS, widget("w", size=1) | {"status": {"state": "x"}}),
        patch(f"{WIDGETS}/w", {"metadata": {"labels": {"a": "b"}}}),
        patch(f"{WIDGETS}/w", {"spec": {"size": 2}}),
        patch(f"{WIDGETS}/w/status", {"status": {"state": "up"}, "spec": {"size": 5}, "metadata": {"labels": {"c": "d"}}}),
        delete(f"{WIDGETS}/w"),
    ),
    probe(
        "put to create",
        CLIENT_GO,
        put(f"{CMS}/new", cm("new")),
        put(f"{WIDGETS}/new", widget("new", size=1)),
        put("/apis/coordination.k8s.io/v1/namespaces/<ns>/leases/new", {"metadata": {"name": "new"}}),
        put(f"{PODS}/new", pod("new")),
    ),
    probe(
        "resource version of a no-op",
        CLIENT_GO,
        quietly(post(DEPLOYS, deployment("d"), saves={"rv": "metadata.resourceVersion"})),
        patch(f"{DEPLOYS}/d", {"metadata": {"resourceVersion": "<rv>"}, "spec": {"replicas": 1}}),
        patch(f"{DEPLOYS}/d", {"metadata": {"resourceVersion": "<rv>"}, "spec": {"paused": False}}),
        patch(f"{DEPLOYS}/d/status", {"metadata": {"resourceVersion": "<rv>"}, "status": {}}),
        patch(f"{DEPLOYS}/d/scale", {"metadata": {"resourceVersion": "<rv>"}, "spec": {"replicas": 1}}),
    ),
    probe(
        "update with a stale version at subresources",
        CLIENT_GO,
        quietly(post(DEPLOYS, deployment("d"), saves={"rv": "metadata.resourceVersion"})),
        quietly(patch(f"{DEPLOYS}/d", {"spec": {"replicas": 4}})),
        patch(f"{DEPLOYS}/d/status", {"metadata": {"resourceVersion": "<rv>"}, "status": {"replicas": 1}}),
        patch(f"{DEPLOYS}/d/scale", {"metadata": {"resourceVersion": "<rv>"}, "spec": {"replicas": 2}}),
        put(
            f"{DEPLOYS}/d/scale",
            {
                "apiVersion": "autoscaling/v1",
                "kind": "Scale",
                "metadata": {"name": "d", "namespace": "<ns>", "resourceVersion": "<rv>"},
                "spec": {"replicas": 2},
            },
        ),
    ),
)
