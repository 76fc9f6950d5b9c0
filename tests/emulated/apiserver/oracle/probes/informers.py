"""Lists and watches as informers, pagers and controllers do them: in sequences, with changes between."""

from tests.emulated.apiserver.oracle.asking import PARTIAL, PARTIALS, TABLE, delete, get, patch, post, probe, quietly
from tests.emulated.apiserver.oracle.clients import CLIENT_GO, CONTROLLER_RUNTIME, HARNESS, KUBECTL
from tests.emulated.apiserver.oracle.paths import CMS, SECRETS, WIDGETS
from tests.emulated.apiserver.oracle.things import cm, widget, with_meta

RV = {"rv": "metadata.resourceVersion"}
LISTED = get(CMS, saves=RV)
WATCH = f"{CMS}?watch=true&timeoutSeconds=1&resourceVersion=<rv>"
INITIAL = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan"


def made(*names: str, **metadata):
    return [quietly(post(CMS, with_meta(cm(name, data={"n": name}), **metadata))) for name in names]


PROBES = (
    probe(
        "informer start",
        CLIENT_GO,
        *made("a"),
        get(f"{CMS}?limit=500&resourceVersion=0", saves=RV),
        *made("b"),
        quietly(patch(f"{CMS}/a", {"data": {"n": "2"}})),
        quietly(delete(f"{CMS}/b")),
        get(WATCH),
    ),
    probe(
        "pages with changes between",
        CLIENT_GO,
        *made("a", "b", "c", "d", "e"),
        get(f"{CMS}?limit=2", saves={"token": "metadata.continue"}),
        quietly(delete(f"{CMS}/c")),
        *made("bb"),
        get(f"{CMS}?limit=2&continue=<token>", saves={"token": "metadata.continue"}),
        get(f"{CMS}?limit=2&continue=<token>"),
    ),
    probe(
        "pages of a label",
        CLIENT_GO,
        *made("a", "b", "c", labels={"x": "1"}),
        *made("d"),
        get(f"{CMS}?limit=2&labelSelector=x%3D1", saves={"token": "metadata.continue"}),
        get(f"{CMS}?limit=2&labelSelector=x%3D1&continue=<token>"),
    ),
    probe("page as large as the list", CLIENT_GO, *made("a", "b"), get(f"{CMS}?limit=2")),
    probe(
        "page of a table",
        KUBECTL,
        *made("a", "b", "c"),
        get(f"{CMS}?limit=2", TABLE, saves={"token": "metadata.continue"}),
        get(f"{CMS}?limit=2&continue=<token>", TABLE),
    ),
    probe("page of metadata", CONTROLLER_RUNTIME, *made("a", "b", "c"), get(f"{CMS}?limit=1", PARTIALS)),
    probe(
        "watch list",
        CLIENT_GO,
        *made("a", "b"),
        get(
            f"{CMS}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=2"
        ),
    ),
    probe(
        "watch list since 0",
        CLIENT_GO,
        *made("a"),
        get(f"{CMS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=0&timeoutSeconds=1"),
    ),
    probe(
        "watch labels move",
        CLIENT_GO,
        *made("a", labels={"x": "1"}),
        LISTED,
        quietly(patch(f"{CMS}/a", {"metadata": {"labels": {"x": "2"}}})),
        quietly(patch(f"{CMS}/a", {"metadata": {"labels": {"x": "1", "y": "2"}}})),
        quietly(patch(f"{CMS}/a", {"data": {"n": "9"}})),
        quietly(delete(f"{CMS}/a")),
        get(f"{WATCH}&labelSelector=x%3D1"),
    ),
    probe(
        "watch one name",
        CLIENT_GO,
        *made("a", "b"),
        LISTED,
        quietly(patch(f"{CMS}/a", {"data": {"n": "9"}})),
        quietly(patch(f"{CMS}/b", {"data": {"n": "9"}})),
        get(f"{WATCH}&fieldSelector=metadata.name%3Da"),
    ),
    probe(
        "watch metadata",
        CONTROLLER_RUNTIME,
        *made("a"),
        LISTED,
        quietly(patch(f"{CMS}/a", {"metadata": {"labels": {"x": "1"}}})),
        get(WATCH, PARTIAL),
    ),
    probe(
        "watch table",
        KUBECTL,
        *made("a"),
        LISTED,
        quietly(patch(f"{CMS}/a", {"data": {"m": "1"}})),
        quietly(delete(f"{CMS}/a")),
        get(WATCH, TABLE),
    ),
    probe(
        "list exact past",
        HARNESS,
        *made("a"),
        LISTED,
        quietly(patch(f"{CMS}/a", {"data": {"n": "2"}})),
        quietly(delete(f"{CMS}/a")),
        get(f"{CMS}?resourceVersion=<rv>&resourceVersionMatch=Exact"),
        get(f"{CMS}?resourceVersion=<rv>&resourceVersionMatch=NotOlderThan"),
        get(f"{CMS}?resourceVersion=<rv>"),
    ),
    probe(
        "list exact page",
        CLIENT_GO,
        *made("a", "b"),
        LISTED,
        get(f"{CMS}?resourceVersion=<rv>&resourceVersionMatch=Exact&limit=1", saves={"token": "metadata.continue"}),
        quietly(delete(f"{CMS}/b")),
        get(f"{CMS}?limit=1&continue=<token>"),
    ),
    probe("list versioned with limit", CLIENT_GO, *made("a", "b"), LISTED, get(f"{CMS}?resourceVersion=<rv>&limit=1")),
    probe(
        "list two label selectors",
        CONTROLLER_RUNTIME,
        *made("a", labels={"x": "1", "y": "1"}),
        *made("b", labels={"x": "2"}),
        get(f"{CMS}?labelSelector=x%20notin%20(2,3),y"),
        get(f"{CMS}?labelSelector=!y"),
        get(f"{CMS}?labelSelector=x%21%3D1"),
    ),
    probe(
        "secrets by type",
        KUBECTL,
        quietly(post(SECRETS, cm("x") | {"kind": "Secret", "type": "a/b"})),
        get(f"{SECRETS}?fieldSelector=type%3Da/b,metadata.name%3Dx"),
    ),
    probe(
        "widgets watched by label",
        CONTROLLER_RUNTIME,
        quietly(post(WIDGETS, with_meta(widget("w", size=1), labels={"x": "1"}))),
        get(WIDGETS, saves=RV),
        quietly(patch(f"{WIDGETS}/w", {"metadata": {"labels": {"x": None}}})),
        get(f"{WIDGETS}?watch=1&resourceVersion=<rv>&labelSelector=x&timeoutSeconds=1"),
    ),
    probe(
        "list of everything partial",
        CONTROLLER_RUNTIME,
        *made("a"),
        get(f"{CMS}?resourceVersion=0", PARTIALS),
        get(CMS, PARTIAL),
    ),
    probe("watch future version", CLIENT_GO, get(f"{CMS}?watch=1&resourceVersion=99999999&timeoutSeconds=1")),
    probe(
        "watch of a held deletion",
        CLIENT_GO,
        quietly(post(CMS, with_meta(cm("h"), finalizers=["a.b/c"]))),
        LISTED,
        quietly(delete(f"{CMS}/h")),
        quietly(patch(f"{CMS}/h", {"metadata": {"finalizers": None}})),
        get(WATCH),
    ),
    probe("watch of a collection's deletion", CLIENT_GO, *made("a", "b"), LISTED, quietly(delete(CMS)), get(WATCH)),
    probe(
        "watch of widgets as metadata",
        CONTROLLER_RUNTIME,
        quietly(post(WIDGETS, widget("w", size=1))),
        quietly(get(WIDGETS, saves=RV)),
        quietly(patch(f"{WIDGETS}/w/status", {"status": {"state": "x"}})),
        get(f"{WIDGETS}?watch=1&resourceVersion=<rv>&timeoutSeconds=1", PARTIAL),
        get(f"{WIDGETS}?watch=1&resourceVersion=<rv>&timeoutSeconds=1", TABLE),
    ),
    probe(
        "watch list of widgets",
        CLIENT_GO,
        quietly(post(WIDGETS, widget("w", size=1))),
        get(f"{WIDGETS}?watch=1&timeoutSeconds=2&allowWatchBookmarks=true&{INITIAL}"),
    ),
    probe(
        "informer of widgets",
        CLIENT_GO,
        quietly(post(WIDGETS, widget("a", size=1))),
        get(f"{WIDGETS}?limit=500&resourceVersion=0", saves=RV),
        quietly(post(WIDGETS, widget("b", size=2))),
        quietly(delete(f"{WIDGETS}/a")),
        get(f"{WIDGETS}?watch=true&timeoutSeconds=1&resourceVersion=<rv>"),
    ),
    probe(
        "pages of widgets",
        CLIENT_GO,
        *[quietly(post(WIDGETS, widget(name, size=1))) for name in "abc"],
        get(f"{WIDGETS}?limit=2", saves={"token": "metadata.continue"}),
        quietly(delete(f"{WIDGETS}/b")),
        get(f"{WIDGETS}?limit=2&continue=<token>"),
        get(f"{WIDGETS}?limit=1", TABLE),
    ),
    probe(
        "watch two namespaces by field",
        CLIENT_GO,
        *made("a"),
        LISTED,
        quietly(patch(f"{CMS}/a", {"data": {"n": "5"}})),
        get("/api/v1/configmaps?watch=1&timeoutSeconds=1&resourceVersion=<rv>&fieldSelector=metadata.namespace%3D<ns>"),
    ),
    probe(
        "watch deletion timestamp and grace",
        CONTROLLER_RUNTIME,
        quietly(
            post(
                "/api/v1/namespaces/<ns>/pods",
                {"metadata": {"name": "p"}, "spec": {"nodeName": "n", "containers": [{"name": "a", "image": "i"}]}},
            )
        ),
        quietly(get("/api/v1/namespaces/<ns>/pods", saves=RV)),
        quietly(delete("/api/v1/namespaces/<ns>/pods/p?gracePeriodSeconds=1")),
        quietly(delete("/api/v1/namespaces/<ns>/pods/p?gracePeriodSeconds=0")),
        get("/api/v1/namespaces/<ns>/pods?watch=1&timeoutSeconds=1&resourceVersion=<rv>"),
    ),
    probe(
        "events by fields",
        CLIENT_GO,
        get("/api/v1/namespaces/<ns>/events?fieldSelector=involvedObject.uid%3Dx,reportingComponent%3Dy"),
        get("/apis/events.k8s.io/v1/namespaces/<ns>/events?fieldSelector=regarding.name%3Dx"),
        get("/api/v1/namespaces/<ns>/events?fieldSelector=odd%3Dx"),
    ),
    probe(
        "watch replayed in every form",
        CLIENT_GO,
        quietly(post(CMS, cm("a"), saves={"rv": "metadata.resourceVersion"})),
        quietly(patch(f"{CMS}/a", {"data": {"x": "1"}})),
        quietly(delete(f"{CMS}/a")),
        get(f"{CMS}?watch=1&resourceVersion=<rv>&timeoutSeconds=1"),
        get(f"{CMS}?watch=1&resourceVersion=<rv>&timeoutSeconds=1", TABLE),
        get(f"{CMS}?watch=1&resourceVersion=<rv>&timeoutSeconds=1", PARTIAL),
        get(f"{CMS}?watch=1&resourceVersion=<rv>&timeoutSeconds=1&fieldSelector=metadata.name%3Da"),
        get(f"{CMS}?watch=1&resourceVersion=<rv>&timeoutSeconds=1&labelSelector=x"),
    ),
)
