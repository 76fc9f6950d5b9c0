# ruff: noqa: E501 -- one probe a line
"""Lists and watches as informers, pagers and controllers do them: in sequences, with changes between."""

from tests.emulated.apiserver.oracle.asking import delete, get, patch, post, probe, quietly
from tests.emulated.apiserver.oracle.things import CMS, SECRETS, WIDGETS, cm, widget, with_meta

PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
PARTIAL = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
RV = {"rv": "metadata.resourceVersion"}
LISTED = get(CMS, saves=RV)
WATCH = f"{CMS}?watch=true&timeoutSeconds=1&resourceVersion=<rv>"


def made(*names: str, **metadata):
    return [quietly(post(CMS, with_meta(cm(name, data={"n": name}), **metadata))) for name in names]


FIRST = (
    probe("informer start", *made("a"), get(f"{CMS}?limit=500&resourceVersion=0", saves=RV), *made("b"), quietly(patch(f"{CMS}/a", {"data": {"n": "2"}})), quietly(delete(f"{CMS}/b")), get(WATCH)),
    probe("pages with changes between", *made("a", "b", "c", "d", "e"), get(f"{CMS}?limit=2", saves={"token": "metadata.continue"}), quietly(delete(f"{CMS}/c")), *made("bb"), get(f"{CMS}?limit=2&continue=<token>", saves={"token": "metadata.continue"}), get(f"{CMS}?limit=2&continue=<token>")),
    probe("pages of a label", *made("a", "b", "c", labels={"x": "1"}), *made("d"), get(f"{CMS}?limit=2&labelSelector=x%3D1", saves={"token": "metadata.continue"}), get(f"{CMS}?limit=2&labelSelector=x%3D1&continue=<token>")),
    probe("page as large as the list", *made("a", "b"), get(f"{CMS}?limit=2")),
    probe("page of a table", *made("a", "b", "c"), get(f"{CMS}?limit=2", TABLE, saves={"token": "metadata.continue"}), get(f"{CMS}?limit=2&continue=<token>", TABLE)),
    probe("page of metadata", *made("a", "b", "c"), get(f"{CMS}?limit=1", PARTIAL_LIST)),
    probe("watch list", *made("a", "b"), get(f"{CMS}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=2")),
    probe("watch list since 0", *made("a"), get(f"{CMS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=0&timeoutSeconds=1")),
    probe("watch list without initial", *made("a"), get(f"{CMS}?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&timeoutSeconds=1")),
    probe("watch list exact", get(f"{CMS}?watch=1&sendInitialEvents=true&resourceVersionMatch=Exact&timeoutSeconds=1")),
    probe("watch labels move", *made("a", labels={"x": "1"}), LISTED, quietly(patch(f"{CMS}/a", {"metadata": {"labels": {"x": "2"}}})), quietly(patch(f"{CMS}/a", {"metadata": {"labels": {"x": "1", "y": "2"}}})), quietly(patch(f"{CMS}/a", {"data": {"n": "9"}})), quietly(delete(f"{CMS}/a")), get(f"{WATCH}&labelSelector=x%3D1")),
    probe("watch one name", *made("a", "b"), LISTED, quietly(patch(f"{CMS}/a", {"data": {"n": "9"}})), quietly(patch(f"{CMS}/b", {"data": {"n": "9"}})), get(f"{WATCH}&fieldSelector=metadata.name%3Da")),
    probe("watch by path of one", *made("a", "b"), LISTED, quietly(patch(f"{CMS}/a", {"data": {"n": "9"}})), quietly(delete(f"{CMS}/b")), get("/api/v1/watch/namespaces/<ns>/configmaps/a?resourceVersion=<rv>&timeoutSeconds=1")),
    probe("watch metadata", *made("a"), LISTED, quietly(patch(f"{CMS}/a", {"metadata": {"labels": {"x": "1"}}})), get(WATCH, PARTIAL)),
    probe("watch table", *made("a"), LISTED, quietly(patch(f"{CMS}/a", {"data": {"m": "1"}})), quietly(delete(f"{CMS}/a")), get(WATCH, TABLE)),
    probe("watch bad timeout", get(f"{CMS}?watch=1&timeoutSeconds=abc")),
    probe("watch bad flag", get(f"{CMS}?watch=yes&timeoutSeconds=1")),
    probe("list exact past", *made("a"), LISTED, quietly(patch(f"{CMS}/a", {"data": {"n": "2"}})), quietly(delete(f"{CMS}/a")), get(f"{CMS}?resourceVersion=<rv>&resourceVersionMatch=Exact"), get(f"{CMS}?resourceVersion=<rv>&resourceVersionMatch=NotOlderThan"), get(f"{CMS}?resourceVersion=<rv>")),
    probe("list exact page", *made("a", "b"), LISTED, get(f"{CMS}?resourceVersion=<rv>&resourceVersionMatch=Exact&limit=1", saves={"token": "metadata.continue"}), quietly(delete(f"{CMS}/b")), get(f"{CMS}?limit=1&continue=<token>")),
    probe("list versioned with limit", *made("a", "b"), LISTED, get(f"{CMS}?resourceVersion=<rv>&limit=1")),
    probe("list two label selectors", *made("a", labels={"x": "1", "y": "1"}), *made("b", labels={"x": "2"}), get(f"{CMS}?labelSelector=x%20notin%20(2,3),y"), get(f"{CMS}?labelSelector=!y"), get(f"{CMS}?labelSelector=x%3E1"), get(f"{CMS}?labelSelector=x%21%3D1")),
    probe("list bad label selectors", get(f"{CMS}?labelSelector=x%3D%3D%3D1"), get(f"{CMS}?labelSelector=x%20in%20()"), get(f"{CMS}?labelSelector=,"), get(f"{CMS}?labelSelector=x%3Da%20b"), get(f"{CMS}?labelSelector=x%3D1%3By%3D2"), get(f"{CMS}?labelSelector=a/b/c"), get(f"{CMS}?labelSelector=x%3Ey")),
    probe("list field selectors", *made("a", "b"), get(f"{CMS}?fieldSelector=metadata.name!%3Da"), get(f"{CMS}?fieldSelector=metadata.name%3D%3Da,metadata.namespace%3D<ns>"), get(f"{CMS}?fieldSelector=metadata.name"), get(f"{CMS}?fieldSelector=metadata.uid%3Dx"), get(f"{CMS}?fieldSelector=data.x%3D1")),
    probe("secrets by type", quietly(post(SECRETS, cm("x") | {"kind": "Secret", "type": "a/b"})), get(f"{SECRETS}?fieldSelector=type%3Da/b,metadata.name%3Dx")),
    probe("widgets watched by label", quietly(post(WIDGETS, with_meta(widget("w", size=1), labels={"x": "1"}))), get(WIDGETS, saves=RV), quietly(patch(f"{WIDGETS}/w", {"metadata": {"labels": {"x": None}}})), get(f"{WIDGETS}?watch=1&resourceVersion=<rv>&labelSelector=x&timeoutSeconds=1")),
)  # fmt: skip
SECOND = (
    probe("list of everything partial", *made("a"), get(f"{CMS}?resourceVersion=0", PARTIAL_LIST), get(CMS, PARTIAL)),
    probe("get at versions", *made("a"), quietly(get(f"{CMS}/a", saves=RV)), quietly(patch(f"{CMS}/a", {"data": {"n": "2"}})), get(f"{CMS}/a?resourceVersion=<rv>"), get(f"{CMS}/a?resourceVersion=0"), get(f"{CMS}/a?resourceVersion=99999999"), get(f"{CMS}/a?resourceVersion=x"), get(f"{CMS}/a?resourceVersion=-1")),
    probe("continue with other parameters", *made("a", "b", "c"), quietly(get(f"{CMS}?limit=1", saves={"token": "metadata.continue"})), get(f"{CMS}?continue=<token>"), get(f"{CMS}?limit=1&continue=<token>&resourceVersion=5"), get(f"{CMS}?limit=1&continue=<token>&resourceVersionMatch=Exact"), get(f"{CMS}?limit=1&continue=bm8"), get(f"{SECRETS}?limit=1&continue=<token>")),
    probe("limits", *made("a", "b"), get(f"{CMS}?limit=0"), get(f"{CMS}?limit=-1"), get(f"{CMS}?limit=x"), get(f"{CMS}?limit=1.5"), get(f"{CMS}?limit=1&limit=2", quiet=True), get(f"{CMS}?limit=9223372036854775808")),
    probe("match without version", get(f"{CMS}?resourceVersionMatch=NotOlderThan"), get(f"{CMS}?resourceVersionMatch=Exact&resourceVersion=0"), get(f"{CMS}?resourceVersionMatch=odd&resourceVersion=5"), get(f"{CMS}?resourceVersion=abc"), get(f"{CMS}?resourceVersion=99999999&resourceVersionMatch=Exact&timeoutSeconds=1"), get(f"{CMS}?sendInitialEvents=true")),
    probe("watch future version", get(f"{CMS}?watch=1&resourceVersion=99999999&timeoutSeconds=1")),
    probe("watch junk version, further", get(f"{CMS}?watch=1&resourceVersion=abc&timeoutSeconds=1"), get(f"{CMS}?watch=1&resourceVersion=-5&timeoutSeconds=1")),
    probe("watch with limit and continue", *made("a"), get(f"{CMS}?watch=1&resourceVersion=0&limit=1&timeoutSeconds=1"), get(f"{CMS}?watch=1&continue=x&timeoutSeconds=1")),
    probe("watch of a held deletion", quietly(post(CMS, with_meta(cm("h"), finalizers=["a.b/c"]))), LISTED, quietly(delete(f"{CMS}/h")), quietly(patch(f"{CMS}/h", {"metadata": {"finalizers": None}})), get(WATCH)),
    probe("watch of a collection's deletion", *made("a", "b"), LISTED, quietly(delete(CMS)), get(WATCH)),
    probe("watch bad selector", get(f"{CMS}?watch=1&labelSelector=a%3D%3D%3D&timeoutSeconds=1"), get(f"{CMS}?watch=1&fieldSelector=spec.x%3D1&timeoutSeconds=1")),
    probe("watch of widgets as metadata", quietly(post(WIDGETS, widget("w", size=1))), quietly(get(WIDGETS, saves=RV)), quietly(patch(f"{WIDGETS}/w/status", {"status": {"state": "x"}})), get(f"{WIDGETS}?watch=1&resourceVersion=<rv>&timeoutSeconds=1", PARTIAL), get(f"{WIDGETS}?watch=1&resourceVersion=<rv>&timeoutSeconds=1", TABLE)),
    probe("watch as yaml", *made("a"), LISTED, quietly(patch(f"{CMS}/a", {"data": {"n": "2"}})), get(WATCH, "application/yaml"), get(WATCH, "application/json;stream=watch"), get(WATCH, "image/png")),
    probe("watch list of widgets", quietly(post(WIDGETS, widget("w", size=1))), get(f"{WIDGETS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=2")),
    probe("namespaces by field", get("/api/v1/namespaces?fieldSelector=metadata.name%3D<ns>"), get("/api/v1/namespaces?fieldSelector=status.phase%3DOdd"), get("/api/v1/namespaces?fieldSelector=metadata.namespace%3Dx"), get("/api/v1/namespaces?fieldSelector=metadata.name%3D<ns>", TABLE)),
    probe("selectors escaped", *made("a"), get(f"{CMS}?fieldSelector=metadata.name%3Da%5C%2Cb"), get(f"{CMS}?fieldSelector=metadata.name%3Da%5Cb"), get(f"{CMS}?fieldSelector=metadata.name%3D%3D%3Da"), get(f"{CMS}?fieldSelector=,metadata.name%3Da,")),
    probe("label selectors set based", *made("a", labels={"x": "1", "p.q/y": ""}), *made("b", labels={"x": "10"}), get(f"{CMS}?labelSelector=p.q/y%3D"), get(f"{CMS}?labelSelector=x%20in%20(1,,3)"), get(f"{CMS}?labelSelector=x%20notin%20(1)"), get(f"{CMS}?labelSelector=x%3C5"), get(f"{CMS}?labelSelector=!x"), get(f"{CMS}?labelSelector=x%20in%20(1%20,10)&limit=1")),
)  # fmt: skip
THIRD = (
    probe("informer of widgets", quietly(post(WIDGETS, widget("a", size=1))), get(f"{WIDGETS}?limit=500&resourceVersion=0", saves=RV), quietly(post(WIDGETS, widget("b", size=2))), quietly(delete(f"{WIDGETS}/a")), get(f"{WIDGETS}?watch=true&timeoutSeconds=1&resourceVersion=<rv>")),
    probe("pages of widgets", *[quietly(post(WIDGETS, widget(name, size=1))) for name in "abc"], get(f"{WIDGETS}?limit=2", saves={"token": "metadata.continue"}), quietly(delete(f"{WIDGETS}/b")), get(f"{WIDGETS}?limit=2&continue=<token>"), get(f"{WIDGETS}?limit=1", TABLE)),
    probe("watch two namespaces by field", *made("a"), LISTED, quietly(patch(f"{CMS}/a", {"data": {"n": "5"}})), get("/api/v1/configmaps?watch=1&timeoutSeconds=1&resourceVersion=<rv>&fieldSelector=metadata.namespace%3D<ns>")),
    probe("watch deletion timestamp and grace", quietly(post("/api/v1/namespaces/<ns>/pods", {"metadata": {"name": "p"}, "spec": {"nodeName": "n", "containers": [{"name": "a", "image": "i"}]}})), quietly(get("/api/v1/namespaces/<ns>/pods", saves=RV)), quietly(delete("/api/v1/namespaces/<ns>/pods/p?gracePeriodSeconds=1")), quietly(delete("/api/v1/namespaces/<ns>/pods/p?gracePeriodSeconds=0")), get("/api/v1/namespaces/<ns>/pods?watch=1&timeoutSeconds=1&resourceVersion=<rv>")),
    probe("pods by fields", quietly(post("/api/v1/namespaces/<ns>/pods", {"metadata": {"name": "p"}, "spec": {"nodeName": "n", "restartPolicy": "Never", "containers": [{"name": "a", "image": "i"}]}})), get("/api/v1/namespaces/<ns>/pods?fieldSelector=spec.nodeName%3Dn,status.phase%3DPending"), get("/api/v1/namespaces/<ns>/pods?fieldSelector=spec.restartPolicy%3DAlways"), get("/api/v1/namespaces/<ns>/pods?fieldSelector=spec.odd%3Dx"), get("/api/v1/namespaces/<ns>/pods?fieldSelector=spec.schedulerName%3Ddefault-scheduler"), get("/api/v1/namespaces/<ns>/pods?fieldSelector=status.nominatedNodeName%3D,spec.hostNetwork%3Dfalse")),
    probe("other kinds by fields", get("/api/v1/nodes?fieldSelector=spec.unschedulable%3Dtrue,metadata.name%3Dnone"), get("/apis/batch/v1/namespaces/<ns>/jobs?fieldSelector=status.successful%3D0"), get("/api/v1/namespaces/<ns>/replicationcontrollers?fieldSelector=status.replicas%3D0"), get("/apis/apps/v1/namespaces/<ns>/replicasets?fieldSelector=status.replicas%3D0"), get("/apis/apps/v1/namespaces/<ns>/deployments?fieldSelector=status.replicas%3D0"), get("/api/v1/namespaces/<ns>/services?fieldSelector=spec.type%3DClusterIP"), get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions?fieldSelector=metadata.name%3Dnone")),
    probe("events by fields", get("/api/v1/namespaces/<ns>/events?fieldSelector=involvedObject.uid%3Dx,reportingComponent%3Dy"), get("/apis/events.k8s.io/v1/namespaces/<ns>/events?fieldSelector=regarding.name%3Dx"), get("/api/v1/namespaces/<ns>/events?fieldSelector=odd%3Dx")),
    probe("list of one that is watched", *made("a"), get(f"{CMS}/a?watch=true&timeoutSeconds=1"), get("/api/v1/watch/namespaces/<ns>/configmaps?timeoutSeconds=1&resourceVersion=0")),
)  # fmt: skip
PROBES = FIRST + SECOND + THIRD
