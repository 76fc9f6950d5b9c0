# ruff: noqa: E501 -- one probe a line
"""Watches, replayed from a version, so that what they tell is settled before they begin."""

from tests.emulated.apiserver.oracle.asking import MERGE, delete, get, patch, post, probe, quietly
from tests.emulated.apiserver.oracle.probes.reading import PARTIAL, TABLE
from tests.emulated.apiserver.oracle.things import CMS, WIDGETS, cm, widget, with_meta

SINCE = get(CMS, saves={"rv": "metadata.resourceVersion"}, quiet=True)
MADE = quietly(post(CMS, with_meta(cm("one"), labels={"app": "x"})))
CHANGED = quietly(patch(f"{CMS}/one", {"data": {"a": "1"}}))
RELABELLED = quietly(patch(f"{CMS}/one", {"metadata": {"labels": {"app": "y"}}}))
GONE = quietly(delete(f"{CMS}/one"))
W = f"{CMS}?watch=true&timeoutSeconds=1"


def watched(name: str, query: str, accept: str = ""):
    return probe(name, SINCE, MADE, CHANGED, RELABELLED, GONE, get(f"{W}&resourceVersion=<rv>{query}", accept))


def begun(name: str, query: str, accept: str = ""):
    return probe(name, MADE, get(f"{W}{query}", accept))


PROBES = (
    watched("watch", ""),
    watched("watch by label", "&labelSelector=app=x"),
    watched("watch by field", "&fieldSelector=metadata.name=one"),
    watched("watch of another", "&fieldSelector=metadata.name=two"),
    watched("watch as table", "", TABLE),
    watched("watch as partial", "", PARTIAL),
    watched("watch yaml", "", "application/yaml"),
    watched("watch as table without objects", "&includeObject=None", TABLE),
    begun("watch from nothing", ""),
    begun("watch from 0", "&resourceVersion=0"),
    begun("watch initial events", "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"),
    begun("watch initial events with bookmarks", "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"),
    begun("watch initial events as partial", "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true", PARTIAL),
    begun("watch initial events as table", "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true", TABLE),
    begun("watch without initial events", "&sendInitialEvents=false&resourceVersionMatch=NotOlderThan"),
    begun("watch initial events without match", "&sendInitialEvents=true"),
    begun("watch initial events exact", "&sendInitialEvents=true&resourceVersionMatch=Exact"),
    begun("watch match without initial events", "&resourceVersionMatch=NotOlderThan"),
    begun("watch junk version", "&resourceVersion=junk"),
    begun("watch old version", "&resourceVersion=1"),
    begun("watch bad label", "&labelSelector=a+b"),
    begun("watch bad field", "&fieldSelector=spec.x=y"),
    begun("watch not acceptable", "", "image/png"),
    begun("watch as cbor", "", "application/cbor-seq"),
    begun("watch with limit", "&limit=1"),
    begun("watch with continue", "&continue=x"),
    probe("watch=false lists", MADE, get(f"{CMS}?watch=false")),
    probe("watch=0 lists", MADE, get(f"{CMS}?watch=0")),
    probe("watch=junk", MADE, get(f"{CMS}?watch=junk&timeoutSeconds=1")),
    probe("watch of one by name", MADE, get(f"{CMS}/one?watch=true&timeoutSeconds=1")),
    probe("watch by old path", MADE, get("/api/v1/watch/namespaces/<ns>/configmaps?timeoutSeconds=1")),
    probe("watch by old path of one", MADE, get("/api/v1/watch/namespaces/<ns>/configmaps/one?timeoutSeconds=1")),
    probe("watch of custom", get(WIDGETS, saves={"rv": "metadata.resourceVersion"}, quiet=True), quietly(post(WIDGETS, widget("one", size=1))),
          quietly(patch(f"{WIDGETS}/one", {"spec": {"size": 2}}, MERGE)), quietly(delete(f"{WIDGETS}/one")),
          get(f"{WIDGETS}?watch=true&timeoutSeconds=1&resourceVersion=<rv>"),
          get(f"{WIDGETS}?watch=true&timeoutSeconds=1&resourceVersion=<rv>", TABLE)),
    probe("watch of custom at other version", get(WIDGETS, saves={"rv": "metadata.resourceVersion"}, quiet=True),
          quietly(post(WIDGETS, widget("one", size=1))), get(f"{WIDGETS.replace('/v1/', '/v1beta1/')}?watch=true&timeoutSeconds=1&resourceVersion=<rv>")),
    probe("watch sees deletion with finalizer", SINCE, quietly(post(CMS, with_meta(cm("held"), finalizers=["probe.test/x"]))),
          quietly(delete(f"{CMS}/held")), quietly(patch(f"{CMS}/held", {"metadata": {"finalizers": None}})),
          get(f"{W}&resourceVersion=<rv>")),
    probe("watch of missing namespace", get("/api/v1/namespaces/nowhere/configmaps?watch=true&timeoutSeconds=1")),
    probe("watch of unknown resource", get("/api/v1/nothings?watch=true&timeoutSeconds=1")),
    probe("watch timeout junk", get(f"{CMS}?watch=true&timeoutSeconds=x")),
)  # fmt: skip
