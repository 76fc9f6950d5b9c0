"""Merge, JSON and strategic patches, and managedFields that are patched."""

from tests.emulated.apiserver.oracle.asking import JSON_PATCH, STRATEGIC, get, patch, post, probe, put, quietly
from tests.emulated.apiserver.oracle.clients import CLUSTERCTL, CONTROLLER_RUNTIME, HARNESS, KUBECTL
from tests.emulated.apiserver.oracle.paths import CM, CMS, DEPLOY, DEPLOYS, GADGETS, WIDGET, WIDGETS
from tests.emulated.apiserver.oracle.things import CUSTOM, MADE, cm, deployment, gadget, widget, with_meta

G = f"{GADGETS}/<ns>"
DEPLOYED = quietly(post(DEPLOYS, deployment("one")))


def config(**data):
    return cm("c", data=data)


def both(name: str, client: str, body, kind: str):
    return probe(name, client, MADE, patch(CM, body, kind), CUSTOM, patch(WIDGET, body, kind))


def json(name: str, client: str, *operations):
    return both(name, client, list(operations), JSON_PATCH)


def op(name: str, path: str, *value, **more):
    return {"op": name, "path": path, **({"value": value[0]} if value else {}), **more}


def strategic(name: str, client: str, *bodies):
    return probe(name, client, DEPLOYED, *(patch(DEPLOY, body, STRATEGIC) for body in bodies))


def pod_spec(**more):
    return {"spec": {"template": {"spec": more}}}


PROBES = (
    both("merge annotation", KUBECTL, {"metadata": {"annotations": {"a": "b"}}}, "application/merge-patch+json"),
    both("merge empty", KUBECTL, {}, "application/merge-patch+json"),
    both("merge name", KUBECTL, {"metadata": {"name": "two"}}, "application/merge-patch+json"),
    both("merge namespace", KUBECTL, {"metadata": {"namespace": "two"}}, "application/merge-patch+json"),
    both("merge version", CONTROLLER_RUNTIME, {"metadata": {"resourceVersion": "1"}}, "application/merge-patch+json"),
    both("merge unknown", KUBECTL, {"odd": 1}, "application/merge-patch+json"),
    both("merge managedFields", CLUSTERCTL, {"metadata": {"managedFields": [{}]}}, "application/merge-patch+json"),
    both("merge managedFields empty", CLUSTERCTL, {"metadata": {"managedFields": []}}, "application/merge-patch+json"),
    both(
        "merge owner",
        CONTROLLER_RUNTIME,
        {"metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "X", "name": "n", "uid": "u"}]}},
        "application/merge-patch+json",
    ),
    probe("merge missing", KUBECTL, patch(CM, {}), patch(WIDGET, {})),
    probe("merge status missing", CONTROLLER_RUNTIME, patch(f"{WIDGET}/status", {})),
    probe(
        "merge status",
        CONTROLLER_RUNTIME,
        CUSTOM,
        patch(f"{WIDGET}/status", {"status": {"state": "well"}, "spec": {"size": 8}, "metadata": {"labels": {"a": "b"}}}),
    ),
    probe("merge status wrong", CONTROLLER_RUNTIME, CUSTOM, patch(f"{WIDGET}/status", {"status": {"state": 5}})),
    probe(
        "merge status null",
        CONTROLLER_RUNTIME,
        CUSTOM,
        quietly(patch(f"{WIDGET}/status", {"status": {"state": "x"}})),
        patch(f"{WIDGET}/status", {"status": None}),
    ),
    probe("merge twice", KUBECTL, CUSTOM, patch(WIDGET, {"spec": {"size": 5}}), patch(WIDGET, {"spec": {"size": 5}})),
    probe("merge dry", KUBECTL, CUSTOM, patch(f"{WIDGET}?dryRun=All", {"spec": {"size": 5}}), get(WIDGET)),
    probe(
        "merge by another manager", CONTROLLER_RUNTIME, MADE, patch(f"{CM}?fieldManager=other", {"data": {"a": "9", "c": "3"}})
    ),
    probe("merge takes the last", CONTROLLER_RUNTIME, MADE, patch(f"{CM}?fieldManager=other", {"data": None})),
    both("json empty", HARNESS, [], JSON_PATCH),
    json("json add", KUBECTL, op("add", "/metadata/annotations", {"c": "d"})),
    json("json add deep missing", HARNESS, op("add", "/metadata/annotations/c", "d")),
    json("json replace missing", HARNESS, op("replace", "/metadata/annotations", {})),
    json("json remove missing", HARNESS, op("remove", "/metadata/nothing")),
    json("json test", HARNESS, op("test", "/metadata/name", "one"), op("add", "/metadata/labels", {"a": "b"})),
    json("json test fails", HARNESS, op("test", "/metadata/name", "two")),
    json("json test missing", HARNESS, op("test", "/metadata/nothing", "two")),
    json("json escape", HARNESS, op("add", "/metadata/annotations", {}), op("add", "/metadata/annotations/a~1b", "x")),
    probe(
        "json list",
        KUBECTL,
        CUSTOM,
        patch(WIDGET, [op("add", "/spec/tags/-", "y"), op("add", "/spec/tags/0", "z")], JSON_PATCH),
        patch(WIDGET, [op("remove", "/spec/tags/7")], JSON_PATCH),
    ),
    probe("json test version", HARNESS, MADE, patch(CM, [op("test", "/metadata/resourceVersion", "1")], JSON_PATCH)),
    both("strategic", KUBECTL, {"metadata": {"labels": {"a": "b"}}}, STRATEGIC),
    strategic(
        "strategic container",
        KUBECTL,
        pod_spec(containers=[{"name": "a", "image": "j"}]),
        pod_spec(containers=[{"name": "b", "image": "k"}]),
    ),
    strategic(
        "strategic delete container",
        KUBECTL,
        pod_spec(containers=[{"name": "b", "image": "k"}]),
        pod_spec(containers=[{"name": "b", "$patch": "delete"}]),
    ),
    strategic("strategic replace list", KUBECTL, pod_spec(containers=[{"$patch": "replace"}, {"name": "z", "image": "z"}])),
    strategic(
        "strategic env",
        KUBECTL,
        pod_spec(containers=[{"name": "a", "env": [{"name": "A", "value": "1"}]}]),
        pod_spec(containers=[{"name": "a", "env": [{"name": "B", "value": "2"}]}]),
    ),
    strategic("strategic retain", KUBECTL, {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}),
    strategic(
        "strategic volumes",
        KUBECTL,
        pod_spec(volumes=[{"name": "v", "emptyDir": {}}]),
        pod_spec(volumes=[{"name": "v", "configMap": {"name": "c"}}]),
    ),
    strategic(
        "strategic finalizers",
        CONTROLLER_RUNTIME,
        {"metadata": {"finalizers": ["a.b/c"]}},
        {"metadata": {"finalizers": ["a.b/d"]}},
        {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a.b/c"]}},
    ),
    strategic(
        "strategic owners",
        CONTROLLER_RUNTIME,
        {"metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "X", "name": "n", "uid": "u"}]}},
        {"metadata": {"ownerReferences": [{"uid": "u", "$patch": "delete"}]}},
    ),
    strategic("strategic null", KUBECTL, {"spec": {"replicas": None}}, {"metadata": {"labels": None}}),
    probe(
        "patch by directives",
        KUBECTL,
        quietly(post(DEPLOYS, deployment("d"))),
        patch(
            f"{DEPLOYS}/d",
            {
                "spec": {
                    "template": {
                        "spec": {
                            "$setElementOrder/containers": [{"name": "b"}, {"name": "a"}],
                            "containers": [{"name": "b", "image": "j"}],
                        }
                    }
                }
            },
            STRATEGIC,
        ),
        patch(f"{DEPLOYS}/d", {"spec": {"template": {"spec": {"containers": [{"$patch": "delete", "name": "a"}]}}}}, STRATEGIC),
        patch(f"{DEPLOYS}/d", {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}, STRATEGIC),
        patch(f"{DEPLOYS}/d", {"metadata": {"labels": {"$patch": "replace", "only": "one"}}}, STRATEGIC),
    ),
    probe(
        "json patch operations",
        HARNESS,
        quietly(post(CMS, config(a="1", b="2"))),
        patch(
            f"{CMS}/c",
            [
                {"op": "move", "from": "/data/a", "path": "/data/c"},
                {"op": "copy", "from": "/data/b", "path": "/data/d"},
                {"op": "test", "path": "/data/d", "value": "2"},
                {"op": "remove", "path": "/data/b"},
            ],
            JSON_PATCH,
        ),
    ),
    probe(
        "json patch escapes",
        HARNESS,
        quietly(post(CMS, cm("c"))),
        patch(
            f"{CMS}/c",
            [
                {"op": "add", "path": "/metadata/annotations", "value": {}},
                {"op": "add", "path": "/metadata/annotations/a.b~1c", "value": "x"},
            ],
            JSON_PATCH,
        ),
        patch(f"{CMS}/c", [{"op": "test", "path": "/metadata/annotations/a.b~1c", "value": "y"}], JSON_PATCH),
    ),
    probe(
        "merge patch of nulls",
        CONTROLLER_RUNTIME,
        quietly(post(WIDGETS, widget("w", size=1, word="abc", map={"a": 1}))),
        patch(f"{WIDGETS}/w", {"spec": {"word": None, "map": {"a": None, "b": 2}}}),
        patch(f"{WIDGETS}/w", {"spec": None}),
        patch(f"{WIDGETS}/w", {"metadata": {"labels": {"a": None}}}),
    ),
    probe(
        "update drops managed fields",
        CLUSTERCTL,
        quietly(post(CMS, config(a="1"))),
        put(f"{CMS}/c", with_meta(config(a="1"), managedFields=[])),
        put(f"{CMS}/c", with_meta(config(a="2"), managedFields=[{}])),
    ),
    probe(
        "patch strictly",
        KUBECTL,
        quietly(post(WIDGETS, widget("w", size=1))),
        patch(f"{WIDGETS}/w?fieldValidation=Strict", {"spec": {"odd": 1}}),
        patch(f"{WIDGETS}/w", {"spec": {"odd": 1}}),
        patch(f"{WIDGETS}/w?fieldValidation=Ignore", {"odd": {"a": 1}}),
        patch(f"{WIDGETS}/w?fieldValidation=Strict", [{"op": "add", "path": "/spec/odd", "value": 1}], JSON_PATCH),
    ),
    probe(
        "patch of arrays by json patch",
        HARNESS,
        quietly(post(G.rpartition("/")[0], gadget("<ns>", names=["a", "b"]))),
        patch(G, [{"op": "add", "path": "/spec/names/-", "value": "c"}], JSON_PATCH),
        patch(G, [{"op": "add", "path": "/spec/names/0", "value": "z"}], JSON_PATCH),
        patch(G, [{"op": "remove", "path": "/spec/names/0"}], JSON_PATCH),
        patch(G, [{"op": "replace", "path": "/spec/names/9", "value": "c"}], JSON_PATCH),
        patch(G, [{"op": "test", "path": "/spec/names", "value": ["a", "b"]}], JSON_PATCH),
    ),
    probe(
        "patch what is not there",
        KUBECTL,
        patch(f"{CMS}/none", {"data": {}}),
        patch(f"{CMS}/none", [], JSON_PATCH),
        patch(f"{CMS}/none", {}, STRATEGIC),
        patch(f"{DEPLOYS}/none/scale", {"spec": {"replicas": 1}}),
        patch(f"{DEPLOYS}/none/status", {"status": {}}),
    ),
)
