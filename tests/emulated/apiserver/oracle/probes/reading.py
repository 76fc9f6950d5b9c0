"""Get, list and watch: versions, pages, selectors, views."""

from tests.emulated.apiserver.oracle.asking import MERGE, PARTIAL, PARTIALS, TABLE, delete, get, patch, post, probe, quietly
from tests.emulated.apiserver.oracle.clients import CLIENT_GO, CLUSTERCTL, CONTROLLER_RUNTIME, HARNESS, KOPF, KUBECTL
from tests.emulated.apiserver.oracle.paths import CMS, GADGETS, NS, PODS, SECRETS, WIDGETS
from tests.emulated.apiserver.oracle.things import cm, gadget, pod, widget, with_meta

ONE = quietly(post(CMS, with_meta(cm("one", data={"a": "1"}), labels={"app": "x", "n": "5"})))
TWO = quietly(post(CMS, with_meta(cm("two"), labels={"app": "y"})))
THREE = quietly(post(CMS, cm("three")))
THREE_OF_THEM = (ONE, TWO, THREE)
WIDGET = quietly(post(WIDGETS, widget("one", size=1)))

SINCE = get(CMS, saves={"rv": "metadata.resourceVersion"}, quiet=True)
MADE = quietly(post(CMS, with_meta(cm("one"), labels={"app": "x"})))
CHANGED = quietly(patch(f"{CMS}/one", {"data": {"a": "1"}}))
RELABELLED = quietly(patch(f"{CMS}/one", {"metadata": {"labels": {"app": "y"}}}))
GONE = quietly(delete(f"{CMS}/one"))
WATCH = f"{CMS}?watch=true&timeoutSeconds=1"


def watched(name: str, client: str, query: str, accept: str = ""):
    """A watch of changes that have been: what it tells is settled before it begins."""
    return probe(name, client, SINCE, MADE, CHANGED, RELABELLED, GONE, get(f"{WATCH}&resourceVersion=<rv>{query}", accept))


def begun(name: str, client: str, query: str, accept: str = ""):
    return probe(name, client, MADE, get(f"{WATCH}{query}", accept))


def listed(name: str, client: str, query: str, accept: str = ""):
    return probe(name, client, *THREE_OF_THEM, get(f"{CMS}?{query}", accept))


def refused(name: str, client: str, query: str):
    return probe(name, client, get(f"{CMS}?{query}"), get(f"{WIDGETS}?{query}"))


PROBES = (
    probe("get", CLIENT_GO, ONE, get(f"{CMS}/one")),
    probe("get missing", CLIENT_GO, get(f"{CMS}/none")),
    probe("get in missing namespace", KUBECTL, get(f"{NS}/nowhere/configmaps/none")),
    probe("list in missing namespace", KUBECTL, get(f"{NS}/nowhere/configmaps")),
    probe("get any", KOPF, ONE, get(f"{CMS}/one", "*/*")),
    probe("get table", KUBECTL, ONE, get(f"{CMS}/one", TABLE)),
    probe("get table whole object", KUBECTL, ONE, get(f"{CMS}/one?includeObject=Object", TABLE)),
    probe("get partial", CONTROLLER_RUNTIME, ONE, get(f"{CMS}/one", PARTIAL)),
    probe("list partial", CONTROLLER_RUNTIME, ONE, get(CMS, PARTIALS)),
    probe("get custom partial", CONTROLLER_RUNTIME, WIDGET, get(f"{WIDGETS}/one", PARTIAL)),
    probe("get custom partial list", CONTROLLER_RUNTIME, WIDGET, get(WIDGETS, PARTIALS)),
    probe("get custom table", KUBECTL, WIDGET, get(f"{WIDGETS}/one", TABLE)),
    probe("list custom table", KUBECTL, WIDGET, get(WIDGETS, TABLE)),
    probe("list custom", CLIENT_GO, WIDGET, get(WIDGETS)),
    probe("list custom empty", CLUSTERCTL, get(WIDGETS)),
    probe("list custom empty table", KUBECTL, get(WIDGETS, TABLE)),
    probe("list custom at other version", CONTROLLER_RUNTIME, WIDGET, get(WIDGETS.replace("/v1/", "/v1beta1/"))),
    probe("list secrets empty", CLIENT_GO, get(SECRETS)),
    probe(
        "table of gadgets",
        KUBECTL,
        quietly(post(GADGETS, gadget("table", colour="red", parts=[{"name": "x"}, {"name": "y"}]))),
        get(f"{GADGETS}/table", TABLE),
    ),
    probe("table of pods", KUBECTL, quietly(post(PODS, pod())), get(PODS, TABLE)),
    listed("list", CLIENT_GO, ""),
    listed("list table", KUBECTL, "", TABLE),
    listed("list by label", CLIENT_GO, "labelSelector=app=x"),
    listed("list by label not", CLIENT_GO, "labelSelector=app!=x"),
    listed("list by label in", CLIENT_GO, "labelSelector=app+in+(x,y)"),
    listed("list by label notin", CLIENT_GO, "labelSelector=app+notin+(x)"),
    listed("list by label exists", CLIENT_GO, "labelSelector=app"),
    listed("list by label absent", CLIENT_GO, "labelSelector=!app"),
    listed("list by label empty value", KUBECTL, "labelSelector=app="),
    listed("list by two labels", CLIENT_GO, "labelSelector=app=x,n"),
    listed("list by field", CLIENT_GO, "fieldSelector=metadata.name=one"),
    listed("list by field not", KUBECTL, "fieldSelector=metadata.name!=one"),
    refused("list by unknown field", KUBECTL, "fieldSelector=spec.nothing=x"),
    probe(
        "list not older than",
        CLIENT_GO,
        ONE,
        get(CMS, saves={"rv": "metadata.resourceVersion"}, quiet=True),
        TWO,
        get(f"{CMS}?resourceVersion=<rv>&resourceVersionMatch=NotOlderThan"),
    ),
    probe(
        "list by version alone",
        CLIENT_GO,
        ONE,
        get(CMS, saves={"rv": "metadata.resourceVersion"}, quiet=True),
        TWO,
        get(f"{CMS}?resourceVersion=<rv>"),
    ),
    probe("list version 0 with limit", CLIENT_GO, *THREE_OF_THEM, get(f"{CMS}?resourceVersion=0&limit=1")),
    probe(
        "list pages",
        CLIENT_GO,
        *THREE_OF_THEM,
        get(f"{CMS}?limit=2", saves={"next": "metadata.continue"}),
        get(f"{CMS}?limit=2&continue=<next>"),
    ),
    probe(
        "list pages of custom",
        CLIENT_GO,
        WIDGET,
        quietly(post(WIDGETS, widget("two", size=1))),
        get(f"{WIDGETS}?limit=1", saves={"next": "metadata.continue"}),
        get(f"{WIDGETS}?limit=1&continue=<next>"),
    ),
    probe("list pages by label", CLIENT_GO, *THREE_OF_THEM, get(f"{CMS}?limit=1&labelSelector=app")),
    probe("list pages as table", KUBECTL, *THREE_OF_THEM, get(f"{CMS}?limit=2", TABLE)),
    probe("list exact limit", CLIENT_GO, *THREE_OF_THEM, get(f"{CMS}?limit=3")),
    probe(
        "pods by field",
        CONTROLLER_RUNTIME,
        quietly(post(PODS, pod("a", nodeName="n1"))),
        quietly(post(PODS, pod("b"))),
        get(f"{PODS}?fieldSelector=spec.nodeName=n1", PARTIALS),
        get(f"{PODS}?fieldSelector=status.phase=Running", PARTIALS),
    ),
    probe("namespace default", CLIENT_GO, get(f"{NS}/default", PARTIAL)),
    watched("watch", CLIENT_GO, ""),
    watched("watch by label", CLIENT_GO, "&labelSelector=app=x"),
    watched("watch by field", CLIENT_GO, "&fieldSelector=metadata.name=one"),
    watched("watch as table", KUBECTL, "", TABLE),
    watched("watch as partial", CONTROLLER_RUNTIME, "", PARTIAL),
    begun("watch from nothing", KOPF, ""),
    begun("watch from 0", HARNESS, "&resourceVersion=0"),
    begun("watch initial events", CLIENT_GO, "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"),
    begun(
        "watch initial events with bookmarks",
        CLIENT_GO,
        "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
    ),
    begun(
        "watch initial events as partial",
        CONTROLLER_RUNTIME,
        "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
        PARTIAL,
    ),
    begun("watch old version", CLIENT_GO, "&resourceVersion=1"),
    probe(
        "watch of custom",
        KUBECTL,
        get(WIDGETS, saves={"rv": "metadata.resourceVersion"}, quiet=True),
        quietly(post(WIDGETS, widget("one", size=1))),
        quietly(patch(f"{WIDGETS}/one", {"spec": {"size": 2}}, MERGE)),
        quietly(delete(f"{WIDGETS}/one")),
        get(f"{WIDGETS}?watch=true&timeoutSeconds=1&resourceVersion=<rv>"),
        get(f"{WIDGETS}?watch=true&timeoutSeconds=1&resourceVersion=<rv>", TABLE),
    ),
    probe(
        "watch of custom at other version",
        CONTROLLER_RUNTIME,
        get(WIDGETS, saves={"rv": "metadata.resourceVersion"}, quiet=True),
        quietly(post(WIDGETS, widget("one", size=1))),
        get(f"{WIDGETS.replace('/v1/', '/v1beta1/')}?watch=true&timeoutSeconds=1&resourceVersion=<rv>"),
    ),
    probe(
        "watch sees deletion with finalizer",
        HARNESS,
        SINCE,
        quietly(post(CMS, with_meta(cm("held"), finalizers=["probe.test/x"]))),
        quietly(delete(f"{CMS}/held")),
        quietly(patch(f"{CMS}/held", {"metadata": {"finalizers": None}})),
        get(f"{WATCH}&resourceVersion=<rv>"),
    ),
    probe("watch of missing namespace", KUBECTL, get("/api/v1/namespaces/nowhere/configmaps?watch=true&timeoutSeconds=1")),
    probe("watch of unknown resource", HARNESS, get("/api/v1/nothings?watch=true&timeoutSeconds=1")),
)
