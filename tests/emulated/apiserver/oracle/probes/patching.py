# ruff: noqa: E501 -- one probe a line
"""The four patches, server-side apply and managedFields."""

from tests.emulated.apiserver.oracle.asking import APPLY, JSON_PATCH, STRATEGIC, get, patch, post, probe, quietly
from tests.emulated.apiserver.oracle.things import (
    CMS,
    DEPLOYS,
    GADGETS,
    NS,
    SVCS,
    WIDGETS,
    cm,
    configmap,
    deployment,
    gadget,
    service,
    widget,
    with_meta,
)

CM, WIDGET, DEPLOY = f"{CMS}/one", f"{WIDGETS}/one", f"{DEPLOYS}/one"
MADE = quietly(post(CMS, configmap("one", a="1", b="2")))
CUSTOM = quietly(post(WIDGETS, widget("one", size=1, tags=["x"], ports=[{"port": 1, "name": "a"}])))
DEPLOYED = quietly(post(DEPLOYS, deployment("one")))


def both(name: str, body, kind: str):
    return probe(name, MADE, patch(CM, body, kind), CUSTOM, patch(WIDGET, body, kind))


def json(name: str, *operations):
    return both(name, list(operations), JSON_PATCH)


def op(name: str, path: str, *value, **more):
    return {"op": name, "path": path, **({"value": value[0]} if value else {}), **more}


def applied(body, manager: str = "me", path: str = WIDGET, **more):
    return patch(f"{path}?fieldManager={manager}{'&force=true' if more.pop('force', False) else ''}", body, APPLY, **more)


def strategic(name: str, *bodies):
    return probe(name, DEPLOYED, *(patch(DEPLOY, body, STRATEGIC) for body in bodies))


def pod_spec(**more):
    return {"spec": {"template": {"spec": more}}}


PROBES = (
    both("merge annotation", {"metadata": {"annotations": {"a": "b"}}}, "application/merge-patch+json"),
    both("merge empty", {}, "application/merge-patch+json"),
    both("merge list", [], "application/merge-patch+json"),
    both("merge null", None, "application/merge-patch+json"),
    both("merge junk", "{junk", "application/merge-patch+json"),
    both("merge name", {"metadata": {"name": "two"}}, "application/merge-patch+json"),
    both("merge namespace", {"metadata": {"namespace": "two"}}, "application/merge-patch+json"),
    both("merge uid", {"metadata": {"uid": "x"}}, "application/merge-patch+json"),
    both("merge uid null", {"metadata": {"uid": None}}, "application/merge-patch+json"),
    both("merge version", {"metadata": {"resourceVersion": "1"}}, "application/merge-patch+json"),
    both("merge version null", {"metadata": {"resourceVersion": None}}, "application/merge-patch+json"),
    both("merge kind", {"kind": "Odd"}, "application/merge-patch+json"),
    both("merge apiVersion", {"apiVersion": "odd/v1"}, "application/merge-patch+json"),
    both("merge metadata null", {"metadata": None}, "application/merge-patch+json"),
    both("merge deletion", {"metadata": {"deletionTimestamp": "2001-01-01T00:00:00Z"}}, "application/merge-patch+json"),
    both("merge creation", {"metadata": {"creationTimestamp": "2001-01-01T00:00:00Z"}}, "application/merge-patch+json"),
    both("merge label bad", {"metadata": {"labels": {"a b": "x"}}}, "application/merge-patch+json"),
    both("merge label number", {"metadata": {"labels": {"a": 1}}}, "application/merge-patch+json"),
    both("merge unknown", {"odd": 1}, "application/merge-patch+json"),
    both("merge managedFields", {"metadata": {"managedFields": [{}]}}, "application/merge-patch+json"),
    both("merge managedFields empty", {"metadata": {"managedFields": []}}, "application/merge-patch+json"),
    both("merge owner", {"metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "X", "name": "n", "uid": "u"}]}}, "application/merge-patch+json"),
    both("merge finalizer bad", {"metadata": {"finalizers": ["x y"]}}, "application/merge-patch+json"),
    probe("merge unknown strict", CUSTOM, patch(f"{WIDGET}?fieldValidation=Strict", {"spec": {"odd": 1}}), MADE, patch(f"{CM}?fieldValidation=Strict", {"odd": 1})),
    probe("merge wrong type", CUSTOM, patch(WIDGET, {"spec": {"size": "x"}}), MADE, patch(CM, {"data": {"a": 1}})),
    probe("merge missing", patch(CM, {}), patch(WIDGET, {})),
    probe("merge status missing", patch(f"{WIDGET}/status", {})),
    probe("merge status", CUSTOM, patch(f"{WIDGET}/status", {"status": {"state": "well"}, "spec": {"size": 8}, "metadata": {"labels": {"a": "b"}}})),
    probe("merge status wrong", CUSTOM, patch(f"{WIDGET}/status", {"status": {"state": 5}})),
    probe("merge status null", CUSTOM, quietly(patch(f"{WIDGET}/status", {"status": {"state": "x"}})), patch(f"{WIDGET}/status", {"status": None})),
    probe("merge twice", CUSTOM, patch(WIDGET, {"spec": {"size": 5}}), patch(WIDGET, {"spec": {"size": 5}})),
    probe("merge dry", CUSTOM, patch(f"{WIDGET}?dryRun=All", {"spec": {"size": 5}}), get(WIDGET)),
    probe("merge on collection", patch(CMS, {})),
    probe("merge by another manager", MADE, patch(f"{CM}?fieldManager=other", {"data": {"a": "9", "c": "3"}})),
    probe("merge takes the last", MADE, patch(f"{CM}?fieldManager=other", {"data": None})),
    probe("merge force", MADE, patch(f"{CM}?force=true", {"data": {"a": "9"}})),
    probe("patch without type", MADE, patch(CM, {}, "application/json"), CUSTOM, patch(WIDGET, {}, "application/json")),
    probe("patch of odd type", MADE, patch(CM, {}, "text/plain"), CUSTOM, patch(WIDGET, {}, "text/plain")),
    probe("patch cbor apply", MADE, patch(CM, {}, "application/apply-patch+cbor")),
    both("json empty", [], JSON_PATCH),
    both("json no list", {}, JSON_PATCH),
    both("json junk", "[junk", JSON_PATCH),
    json("json add", op("add", "/metadata/annotations", {"c": "d"})),
    json("json add deep missing", op("add", "/metadata/annotations/c", "d")),
    json("json replace missing", op("replace", "/metadata/annotations", {})),
    json("json remove missing", op("remove", "/metadata/nothing")),
    json("json test", op("test", "/metadata/name", "one"), op("add", "/metadata/labels", {"a": "b"})),
    json("json test fails", op("test", "/metadata/name", "two")),
    json("json test missing", op("test", "/metadata/nothing", "two")),
    json("json unknown op", op("odd", "/metadata/name", "two")),
    json("json no op", {"path": "/metadata/name"}),
    json("json no path", {"op": "add", "value": 1}),
    json("json no value", op("add", "/metadata/labels")),
    json("json bad pointer", op("add", "metadata", {})),
    json("json copy", op("copy", "/metadata/annotations", **{"from": "/metadata/managedFields"})),
    json("json move", op("move", "/metadata/generateName", **{"from": "/metadata/name"})),
    json("json replace root", op("replace", "", {})),
    json("json escape", op("add", "/metadata/annotations", {}), op("add", "/metadata/annotations/a~1b", "x")),
    json("json name", op("replace", "/metadata/name", "two")),
    probe("json list", CUSTOM, patch(WIDGET, [op("add", "/spec/tags/-", "y"), op("add", "/spec/tags/0", "z")], JSON_PATCH), patch(WIDGET, [op("remove", "/spec/tags/7")], JSON_PATCH)),
    probe("json too many", MADE, patch(CM, [op("test", "/kind", "ConfigMap")] * 10001, JSON_PATCH)),
    probe("json test version", MADE, patch(CM, [op("test", "/metadata/resourceVersion", "1")], JSON_PATCH)),
    both("strategic", {"metadata": {"labels": {"a": "b"}}}, STRATEGIC),
    both("strategic junk", "{junk", STRATEGIC),
    both("strategic list", [], STRATEGIC),
    strategic("strategic container", pod_spec(containers=[{"name": "a", "image": "j"}]), pod_spec(containers=[{"name": "b", "image": "k"}])),
    strategic("strategic delete container", pod_spec(containers=[{"name": "b", "image": "k"}]), pod_spec(containers=[{"name": "b", "$patch": "delete"}])),
    strategic("strategic replace list", pod_spec(containers=[{"$patch": "replace"}, {"name": "z", "image": "z"}])),
    strategic("strategic without key", pod_spec(containers=[{"image": "k"}])),
    strategic("strategic env", pod_spec(containers=[{"name": "a", "env": [{"name": "A", "value": "1"}]}]), pod_spec(containers=[{"name": "a", "env": [{"name": "B", "value": "2"}]}])),
    strategic("strategic odd directive", {"spec": {"$patch": "odd"}}),
    strategic("strategic retain", {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}),
    strategic("strategic wrong type", {"spec": {"replicas": "x"}}),
    strategic("strategic volumes", pod_spec(volumes=[{"name": "v", "emptyDir": {}}]), pod_spec(volumes=[{"name": "v", "configMap": {"name": "c"}}])),
    strategic("strategic finalizers", {"metadata": {"finalizers": ["a.b/c"]}}, {"metadata": {"finalizers": ["a.b/d"]}}, {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a.b/c"]}}),
    strategic("strategic owners", {"metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "X", "name": "n", "uid": "u"}]}}, {"metadata": {"ownerReferences": [{"uid": "u", "$patch": "delete"}]}}),
    strategic("strategic null", {"spec": {"replicas": None}}, {"metadata": {"labels": None}}),
    probe("apply creates", applied(widget("one", size=1, tags=["x"])), applied(widget("one", size=1, tags=["x"]))),
    probe("apply nothing", applied({"apiVersion": "probe.test/v1", "kind": "Widget", "metadata": {"name": "one"}})),
    probe("apply changes", applied(widget("one", size=1, word="ab")), applied(widget("one", size=2))),
    probe("apply conflict", applied(widget("one", size=1)), applied(widget("one", size=2), "you"), applied(widget("one", size=2), "you", force=True)),
    probe("apply shared", applied(widget("one", size=1)), applied(widget("one", size=1), "you"), applied(widget("one", size=1, word="ab"), "you")),
    probe("apply conflict with update", CUSTOM, applied(widget("one", size=2, word="ab"))),
    probe("apply two conflicts", CUSTOM, applied(widget("one", size=2, colour="blue", ports=[{"port": 1, "name": "z"}]))),
    probe("apply list map", applied(widget("one", size=1, ports=[{"port": 1}])), applied(widget("one", size=1, ports=[{"port": 2}]), "you"), applied(widget("one", size=1, ports=[]))),
    probe("apply set", applied(widget("one", size=1, tags=["a"])), applied(widget("one", size=1, tags=["b"]), "you"), applied(widget("one", size=1))),
    probe("apply atomic list", applied(widget("one", size=1, plain=["a"])), applied(widget("one", size=1, plain=["b"]), "you")),
    probe("apply whole", applied(gadget("whole", whole={"a": "x"}), path=f"{GADGETS}/whole"), applied(gadget("whole", whole={"b": "x"}), "you", path=f"{GADGETS}/whole")),
    probe("apply without manager", patch(WIDGET, widget("one", size=1), APPLY)),
    probe("apply with managedFields", applied(with_meta(widget("one", size=1), managedFields=[{"manager": "x"}]))),
    probe("apply with version", CUSTOM, applied(with_meta(widget("one", size=1), resourceVersion="1"))),
    probe("apply with uid", applied(with_meta(widget("one", size=1), uid="11111111-1111-4111-8111-111111111111"))),
    probe("apply misnamed", applied(widget("two", size=1))),
    probe("apply nameless", applied({"apiVersion": "probe.test/v1", "kind": "Widget", "spec": {"size": 1}})),
    probe("apply without kind", applied({"metadata": {"name": "one"}})),
    probe("apply wrong version", applied(widget("one", size=1, version="v9")), applied(widget("one", size=1, version="v1beta1"))),
    probe("apply other version", applied(widget("one", size=1)), applied(widget("one", size=2, version="v1beta1"), path=WIDGET.replace("/v1/", "/v1beta1/"))),
    probe("apply unknown field", applied(widget("one", size=1, odd=1)), patch(f"{WIDGET}?fieldManager=me&fieldValidation=Strict", widget("one", size=1, odd=1), APPLY)),
    probe("apply invalid", applied(widget("one", size=99)), applied(widget("one", size="x"))),
    probe("apply duplicate keys", applied(widget("one", size=1, ports=[{"port": 1}, {"port": 1}]))),
    probe("apply yaml", applied("apiVersion: probe.test/v1\nkind: Widget\nmetadata:\n  name: one\nspec:\n  size: 4\n")),
    probe("apply junk", applied("{junk"), applied("a: [")),
    probe("apply status", CUSTOM, applied({"apiVersion": "probe.test/v1", "kind": "Widget", "metadata": {"name": "one"}, "status": {"state": "well"}}, path=f"{WIDGET}/status")),
    probe("apply status missing", applied({"apiVersion": "probe.test/v1", "kind": "Widget", "metadata": {"name": "one"}, "status": {"state": "well"}}, path=f"{WIDGET}/status")),
    probe("apply dry", patch(f"{WIDGET}?fieldManager=me&dryRun=All", widget("one", size=1), APPLY), get(WIDGET)),
    probe("apply in missing namespace", applied(widget("one", size=1), path="/apis/probe.test/v1/namespaces/nowhere/widgets/one")),
    probe("apply configmap", applied(configmap("one", a="1"), path=CM), applied(configmap("one", b="1"), path=CM), applied(configmap("one", b="2"), "you", path=CM)),
    probe("apply over update", MADE, applied(configmap("one", a="1"), path=CM), applied(cm("one"), path=CM), patch(CM, {"data": {"a": "7"}}), applied(configmap("one", a="8"), path=CM)),
    probe("apply configmap unknown", applied(configmap("one", a="1") | {"odd": 1}, path=CM)),
    probe("apply deployment", applied(deployment("one"), path=DEPLOY), applied(deployment("one"), "you", path=DEPLOY)),
    probe("apply deployment replicas", applied(deployment("one"), path=DEPLOY), quietly(patch(f"{DEPLOY}/scale", {"spec": {"replicas": 3}})), get(DEPLOY), applied({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "one"}, "spec": {"replicas": 2}}, "you", path=DEPLOY)),
    probe("apply service ports", applied(service("one", ports=[{"port": 80, "name": "a"}]), path=f"{SVCS}/one", quiet=True), applied(service("one", ports=[{"port": 81, "name": "b"}]), "you", path=f"{SVCS}/one", quiet=True)),
    probe("apply labels", applied(with_meta(configmap("one"), labels={"a": "1"}), path=CM), applied(with_meta(configmap("one"), labels={"b": "1"}), path=CM)),
    probe("apply owners", applied(with_meta(cm("one"), ownerReferences=[{"apiVersion": "v1", "kind": "X", "name": "n", "uid": "u"}], finalizers=["a.b/c"]), path=CM)),
    probe("apply removes the last finalizer", applied(with_meta(cm("one"), finalizers=["a.b/c"]), path=CM, quiet=True), applied(cm("one"), path=CM)),
    probe("apply namespace", patch(f"{NS}/gen-apply?fieldManager=me", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "gen-apply"}}, APPLY)),
    probe("update after apply", applied(widget("one", size=1)), patch(WIDGET, {"spec": {"size": 2}}), applied(widget("one", size=1)), applied(widget("one", size=1), force=True)),
    probe("apply force odd", patch(f"{WIDGET}?fieldManager=me&force=odd", widget("one", size=1), APPLY)),
    probe("apply list kind", applied({"apiVersion": "v1", "kind": "List", "items": []})),
)  # fmt: skip
