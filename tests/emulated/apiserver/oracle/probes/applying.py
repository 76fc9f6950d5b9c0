# ruff: noqa: E501 -- one probe a line
"""Server-side apply and patches, as kubectl and controllers send them, several writers mixed."""

from tests.emulated.apiserver.oracle.asking import APPLY, JSON_PATCH, STRATEGIC, delete, get, patch, post, probe, put, quietly
from tests.emulated.apiserver.oracle.things import (
    CMS,
    DEPLOYS,
    GADGETS,
    PODS,
    SVCS,
    WIDGETS,
    cm,
    deployment,
    gadget,
    pod,
    service,
    widget,
    with_meta,
)

G = f"{GADGETS}/<ns>"


def applied(path: str, body, manager: str = "one", **more):
    force = "&force=true" if more.pop("force", False) else ""
    return patch(f"{path}?fieldManager={manager}{force}", body, APPLY, **more)


def config(**data):
    return cm("c", data=data)


def mine(**spec):
    return gadget("<ns>", **spec)


FIRST = (
    probe("apply twice the same", applied(f"{CMS}/c", config(a="1")), applied(f"{CMS}/c", config(a="1"))),
    probe("apply two managers share", applied(f"{CMS}/c", config(a="1")), applied(f"{CMS}/c", config(a="1", b="2"), "two"), applied(f"{CMS}/c", config(b="2"), "two"), applied(f"{CMS}/c", config(), "one")),
    probe("apply conflict with several", applied(f"{CMS}/c", config(a="1", b="1", c="1")), applied(f"{CMS}/c", config(a="2", b="2", c="1"), "two"), applied(f"{CMS}/c", config(a="2", b="2"), "two", force=True)),
    probe("apply conflict with an update", quietly(post(f"{CMS}?fieldManager=writer", config(a="1"))), applied(f"{CMS}/c", config(a="2"))),
    probe("apply after client-side apply", quietly(post(f"{CMS}?fieldManager=kubectl-client-side-apply", with_meta(config(a="1"), annotations={"kubectl.kubernetes.io/last-applied-configuration": '{"apiVersion":"v1","data":{"a":"1"},"kind":"ConfigMap","metadata":{"name":"c"}}'}))), applied(f"{CMS}/c", config(a="2"), "kubectl")),
    probe("apply keyed list", applied(G, mine(parts=[{"name": "a", "size": 2}])), applied(G, mine(parts=[{"name": "b"}]), "two"), applied(G, mine(parts=[{"name": "a", "size": 3}]), "two"), applied(G, mine(parts=[]))),
    probe("apply set, further", applied(G, mine(unique=[1, 2])), applied(G, mine(unique=[2, 3]), "two"), applied(G, mine(unique=[1]))),
    probe("apply atomic map", applied(G, mine(whole={"a": "1"})), applied(G, mine(whole={"b": "1"}), "two"), applied(G, mine(whole={"b": "1"}), "two", force=True)),
    probe("apply atomic list, further", applied(G, mine(names=["a"])), applied(G, mine(names=["a", "b"]), "two")),
    probe("apply duplicate keys, further", applied(G, mine(parts=[{"name": "a"}, {"name": "a"}])), applied(G, mine(unique=[1, 1]))),
    probe("apply unknown field, further", applied(G, mine(nonsense=1)), applied(f"{G}?fieldValidation=Strict", mine()), patch(f"{G}?fieldManager=x&fieldValidation=Strict", mine(nonsense=1), APPLY)),
    probe("apply wrong types", applied(G, mine(high="x")), applied(f"{CMS}/c", cm("c", data={"a": 1})), applied(f"{CMS}/c", cm("c", data=["a"]))),
    probe("apply broken yaml", applied(f"{CMS}/c", "a: [")),
    probe("apply list body", applied(f"{CMS}/c", [])),
    probe("apply wrong kind", applied(f"{CMS}/c", cm("c") | {"kind": "Secret"})),
    probe("apply with version, further", applied(f"{CMS}/c", config(a="1"), saves={"rv": "metadata.resourceVersion"}), applied(f"{CMS}/c", with_meta(config(a="2"), resourceVersion="<rv>")), applied(f"{CMS}/c", with_meta(config(a="3"), resourceVersion="1"))),
    probe("apply dry run", patch(f"{CMS}/c?fieldManager=one&dryRun=All", config(a="1"), APPLY), get(f"{CMS}/c")),
    probe("apply status, further", quietly(post(WIDGETS, widget("w", size=1))), applied(f"{WIDGETS}/w/status", widget("w") | {"status": {"state": "up"}}), applied(f"{WIDGETS}/w", widget("w", size=2), "two", force=True), get(f"{WIDGETS}/w")),
    probe("apply deployment containers", applied(f"{DEPLOYS}/d", deployment("d")), patch(f"{DEPLOYS}/d?fieldManager=scaler", {"spec": {"replicas": 4}}), applied(f"{DEPLOYS}/d", deployment("d") | {"spec": deployment("d")["spec"] | {"replicas": 2}})),
    probe("apply service ports, further", applied(f"{SVCS}/s", service("s", ports=[{"port": 80, "name": "a"}, {"port": 81, "name": "b"}])), applied(f"{SVCS}/s", service("s", ports=[{"port": 80, "name": "a", "targetPort": 8080}]), "two", force=True)),
    probe("mixed writers", applied(f"{CMS}/c", config(a="1"), "applier"), patch(f"{CMS}/c?fieldManager=patcher", {"data": {"b": "2"}}), put(f"{CMS}/c?fieldManager=putter", config(a="3", c="3")), applied(f"{CMS}/c", config(a="3"), "applier")),
    probe("patch lists of a pod", quietly(post(PODS, pod("p"))), patch(f"{PODS}/p", {"spec": {"containers": [{"name": "a", "image": "j"}]}}, STRATEGIC), patch(f"{PODS}/p", {"spec": {"containers": [{"name": "b", "image": "j"}]}}, STRATEGIC), patch(f"{PODS}/p", {"spec": {"tolerations": [{"key": "k", "operator": "Exists"}]}}, STRATEGIC)),
    probe("patch by directives", quietly(post(DEPLOYS, deployment("d"))), patch(f"{DEPLOYS}/d", {"spec": {"template": {"spec": {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}], "containers": [{"name": "b", "image": "j"}]}}}}, STRATEGIC), patch(f"{DEPLOYS}/d", {"spec": {"template": {"spec": {"containers": [{"$patch": "delete", "name": "a"}]}}}}, STRATEGIC), patch(f"{DEPLOYS}/d", {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}, STRATEGIC), patch(f"{DEPLOYS}/d", {"metadata": {"labels": {"$patch": "replace", "only": "one"}}}, STRATEGIC)),
    probe("patch finalizers strategically", quietly(post(CMS, with_meta(cm("c"), finalizers=["a.b/one", "a.b/two"]))), patch(f"{CMS}/c", {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a.b/one"], "$setElementOrder/finalizers": ["a.b/two"]}}, STRATEGIC), patch(f"{CMS}/c", {"metadata": {"finalizers": ["a.b/three"]}}, STRATEGIC)),
    probe("json patch operations", quietly(post(CMS, config(a="1", b="2"))), patch(f"{CMS}/c", [{"op": "move", "from": "/data/a", "path": "/data/c"}, {"op": "copy", "from": "/data/b", "path": "/data/d"}, {"op": "test", "path": "/data/d", "value": "2"}, {"op": "remove", "path": "/data/b"}], JSON_PATCH), patch(f"{CMS}/c", [{"op": "replace", "path": "/metadata/name", "value": "other"}], JSON_PATCH), patch(f"{CMS}/c", [{"op": "add", "path": "/data", "value": {}}], JSON_PATCH), patch(f"{CMS}/c", [{"op": "odd", "path": "/data"}], JSON_PATCH)),
    probe("json patch escapes", quietly(post(CMS, cm("c"))), patch(f"{CMS}/c", [{"op": "add", "path": "/metadata/annotations", "value": {}}, {"op": "add", "path": "/metadata/annotations/a.b~1c", "value": "x"}], JSON_PATCH), patch(f"{CMS}/c", [{"op": "test", "path": "/metadata/annotations/a.b~1c", "value": "y"}], JSON_PATCH)),
    probe("merge patch of nulls", quietly(post(WIDGETS, widget("w", size=1, word="abc", map={"a": 1}))), patch(f"{WIDGETS}/w", {"spec": {"word": None, "map": {"a": None, "b": 2}}}), patch(f"{WIDGETS}/w", {"spec": None}), patch(f"{WIDGETS}/w", {"metadata": {"labels": {"a": None}}})),
    probe("patch with version", quietly(post(CMS, config(a="1"), saves={"rv": "metadata.resourceVersion"})), patch(f"{CMS}/c", {"metadata": {"resourceVersion": "<rv>"}, "data": {"a": "2"}}), patch(f"{CMS}/c", {"metadata": {"resourceVersion": "<rv>"}, "data": {"a": "3"}})),
)  # fmt: skip
SECOND = (
    probe("apply names by managers", applied(f"{CMS}/c", config(a="1"), ""), applied(f"{CMS}/c", config(a="1"), "m" * 129), applied(f"{CMS}/c", config(a="1"), "a%0ab"), patch(f"{CMS}/c?fieldManager=x&force=maybe", config(a="1"), APPLY), patch(f"{CMS}/c?fieldManager=x&force=true", config(a="1"))),
    probe("apply nothing of a field", applied(f"{CMS}/c", cm("c", data=None)), applied(f"{CMS}/c", cm("c", data={})), applied(f"{CMS}/c", with_meta(cm("c"), labels={"a": "b"}, annotations={}, finalizers=[])), applied(f"{CMS}/c", cm("c"))),
    probe("apply labels and finalizers", applied(f"{CMS}/c", with_meta(cm("c"), labels={"a": "1"}, finalizers=["a.b/one"])), applied(f"{CMS}/c", with_meta(cm("c"), labels={"b": "2"}, finalizers=["a.b/two"]), "two"), applied(f"{CMS}/c", with_meta(cm("c"), labels={"a": "2"}), "two"), applied(f"{CMS}/c", cm("c"))),
    probe("apply takes over an update", quietly(post(f"{CMS}?fieldManager=before", config(a="1", b="2"))), applied(f"{CMS}/c", config(a="1"), "x"), applied(f"{CMS}/c", config(a="9"), "x", force=True), patch(f"{CMS}/c?fieldManager=before", {"data": {"a": "8"}}), applied(f"{CMS}/c", config(a="9"), "x")),
    probe("apply at a subresource", quietly(post(DEPLOYS, deployment("d"))), applied(f"{DEPLOYS}/d/status", {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "status": {"conditions": [{"type": "Available", "status": "True"}], "replicas": 1}}), applied(f"{DEPLOYS}/d/scale", {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "d"}, "spec": {"replicas": 3}})),
    probe("apply absent at a subresource", applied(f"{WIDGETS}/none/status", widget("none") | {"status": {}}), applied(f"{CMS}/none", with_meta(cm("none"), uid="11111111-1111-4111-8111-111111111111")), applied(f"{CMS}/other", config())),
    probe("apply env and ports of containers", applied(f"{DEPLOYS}/d", deployment("d")), applied(f"{DEPLOYS}/d", {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": {"spec": {"containers": [{"name": "a", "env": [{"name": "E", "value": "1"}], "ports": [{"containerPort": 81}]}]}}}}, "two"), applied(f"{DEPLOYS}/d", {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": {"spec": {"containers": [{"name": "a", "image": "other"}]}}}}, "two")),
    probe("apply with unknown fields", applied(f"{CMS}/c", config(a="1") | {"odd": 1}), applied(f"{WIDGETS}/w", widget("w", size=1, odd=1)), patch(f"{WIDGETS}/w?fieldManager=x&fieldValidation=Ignore", widget("w", size=1, odd=1), APPLY), patch(f"{CMS}/c?fieldManager=x&fieldValidation=Strict", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: x}\ndata: {b: y}\n", APPLY)),
    probe("apply invalid, further", applied(f"{WIDGETS}/w", widget("w", size=99)), applied(f"{WIDGETS}/w", widget("w")), applied(f"{GADGETS}/<ns>", mine(low=9, high=1)), applied(f"{CMS}/Bad", cm("Bad"))),
    probe("apply as json type", patch(f"{CMS}/c?fieldManager=x", config(a="1"), "application/apply-patch+json"), patch(f"{CMS}/c?fieldManager=x", config(a="1"), "application/apply-patch+cbor")),
    probe("update drops managed fields", quietly(post(CMS, config(a="1"))), put(f"{CMS}/c", with_meta(config(a="1"), managedFields=[])), put(f"{CMS}/c", with_meta(config(a="2"), managedFields=[{}])), put(f"{CMS}/c", with_meta(config(a="3"), managedFields=[{"manager": "x", "operation": "Odd", "fieldsType": "FieldsV1", "fieldsV1": {}}])), put(f"{CMS}/c", with_meta(config(a="3"), managedFields=[{"manager": "x", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {"f:a": {}}}}]))),
    probe("patch types unsupported", quietly(post(CMS, config(a="1"))), patch(f"{CMS}/c", {}, "application/json"), patch(f"{CMS}/c", {}, ""), patch(f"{WIDGETS}/c", {}, STRATEGIC), patch(f"{CMS}/c", {}, "application/merge-patch+json; charset=utf-8")),
    probe("patch bodies malformed", quietly(post(CMS, config(a="1"))), patch(f"{CMS}/c", "{"), patch(f"{CMS}/c", ""), patch(f"{CMS}/c", "[]"), patch(f"{CMS}/c", "{}", JSON_PATCH), patch(f"{CMS}/c", '[{"op":"add"}]', JSON_PATCH), patch(f"{CMS}/c", '[{"op":"add","path":"data/a","value":1}]', JSON_PATCH), patch(f"{CMS}/c", "null"), patch(f"{CMS}/c", "[]", STRATEGIC)),
    probe("patch strictly", quietly(post(WIDGETS, widget("w", size=1))), patch(f"{WIDGETS}/w?fieldValidation=Strict", {"spec": {"odd": 1}}), patch(f"{WIDGETS}/w", {"spec": {"odd": 1}}), patch(f"{WIDGETS}/w?fieldValidation=Ignore", {"odd": {"a": 1}}), patch(f"{WIDGETS}/w?fieldValidation=Strict", '{"spec":{"size":1,"size":2}}'), patch(f"{WIDGETS}/w?fieldValidation=Strict", [{"op": "add", "path": "/spec/odd", "value": 1}], JSON_PATCH)),
    probe("patch of arrays by json patch", quietly(post(G.rpartition("/")[0], mine(names=["a", "b"]))), patch(G, [{"op": "add", "path": "/spec/names/-", "value": "c"}], JSON_PATCH), patch(G, [{"op": "add", "path": "/spec/names/0", "value": "z"}], JSON_PATCH), patch(G, [{"op": "remove", "path": "/spec/names/0"}], JSON_PATCH), patch(G, [{"op": "replace", "path": "/spec/names/9", "value": "c"}], JSON_PATCH), patch(G, [{"op": "test", "path": "/spec/names", "value": ["a", "b"]}], JSON_PATCH)),
    probe("patch service ports strategically", quietly(post(SVCS, service("s", ports=[{"name": "a", "port": 80}, {"name": "b", "port": 81}]))), patch(f"{SVCS}/s", {"spec": {"ports": [{"port": 80, "name": "c"}]}}, STRATEGIC), patch(f"{SVCS}/s", {"spec": {"ports": [{"port": 81, "$patch": "delete"}]}}, STRATEGIC), patch(f"{SVCS}/s", {"spec": {"ports": [{"$patch": "replace"}, {"name": "z", "port": 90}]}}, STRATEGIC), patch(f"{SVCS}/s", {"spec": {"ports": [{"name": "x"}]}}, STRATEGIC), patch(f"{SVCS}/s", {"spec": {"selector": {"$patch": "merge", "a": "b"}}}, STRATEGIC)),
)  # fmt: skip
THIRD = (
    probe("apply creates and another deletes a label", applied(f"{WIDGETS}/w", with_meta(widget("w", size=1), labels={"a": "1"}), "one"), patch(f"{WIDGETS}/w?fieldManager=two", {"metadata": {"labels": {"a": None}}}), applied(f"{WIDGETS}/w", with_meta(widget("w", size=1), labels={"a": "1"}), "one"), applied(f"{WIDGETS}/w", widget("w", size=1), "one")),
    probe("apply ports of widgets", applied(f"{WIDGETS}/w", widget("w", size=1, ports=[{"port": 1, "name": "a"}, {"port": 2}])), applied(f"{WIDGETS}/w", widget("w", size=1, ports=[{"port": 2, "name": "b"}]), "two"), applied(f"{WIDGETS}/w", widget("w", size=1, ports=[{"port": 3}]))),
    probe("apply maps and free fields", applied(f"{WIDGETS}/w", widget("w", size=1, map={"a": 1}, free={"x": {"y": 1}}, any=1)), applied(f"{WIDGETS}/w", widget("w", size=1, map={"b": 2}, free={"x": {"z": 2}}, any="1"), "two"), applied(f"{WIDGETS}/w", widget("w", size=1, map={"a": 3}), force=True)),
    probe("apply nulls", applied(f"{WIDGETS}/w", widget("w", size=1, maybe=None, word=None)), applied(f"{WIDGETS}/w", widget("w", size=1, maybe="x")), applied(f"{WIDGETS}/w", widget("w", size=1, maybe=None))),
    probe("apply secret text", applied("/api/v1/namespaces/<ns>/secrets/s", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": "b"}}), applied("/api/v1/namespaces/<ns>/secrets/s", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "Yw=="}}, "two")),
    probe("apply a namespace and a node", applied("/api/v1/namespaces/<ns>a", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "<ns>a", "labels": {"x": "y"}}}), applied("/api/v1/nodes/<ns>n", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "<ns>n"}, "spec": {"taints": [{"key": "k", "effect": "NoSchedule"}]}}), delete("/api/v1/nodes/<ns>n")),
    probe("apply a pod twice", applied(f"{PODS}/p", pod("p", tolerations=[{"key": "a", "operator": "Exists"}])), applied(f"{PODS}/p", pod("p", containers=[{"name": "a", "image": "other"}], tolerations=[{"key": "a", "operator": "Exists"}])), applied(f"{PODS}/p", pod("p", containers=[{"name": "b", "image": "i"}]))),
    probe("apply at another version", applied(f"{WIDGETS}/w", widget("w", size=1)), applied(f"{WIDGETS}/w".replace("/v1/", "/v1beta1/"), widget("w", version="v1beta1", size=2)), applied(f"{WIDGETS}/w".replace("/v1/", "/v1beta1/"), widget("w", version="v1beta1", size=3), "two")),
    probe("patch what is not there", patch(f"{CMS}/none", {"data": {}}), patch(f"{CMS}/none", [], JSON_PATCH), patch(f"{CMS}/none", {}, STRATEGIC), patch(f"{DEPLOYS}/none/scale", {"spec": {"replicas": 1}}), patch(f"{DEPLOYS}/none/status", {"status": {}})),
    probe("patch env of containers", quietly(post(DEPLOYS, deployment("d"))), patch(f"{DEPLOYS}/d", {"spec": {"template": {"spec": {"containers": [{"name": "a", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}]}}}}, STRATEGIC), patch(f"{DEPLOYS}/d", {"spec": {"template": {"spec": {"containers": [{"name": "a", "env": [{"name": "A", "$patch": "delete"}], "resources": {"limits": {"cpu": "500m"}}}]}}}}, STRATEGIC), patch(f"{DEPLOYS}/d", {"spec": {"template": {"spec": {"volumes": [{"name": "v", "emptyDir": {}}], "nodeSelector": {"a": "b"}}}}}, STRATEGIC), patch(f"{DEPLOYS}/d", {"spec": {"template": {"spec": {"nodeSelector": None}}}}, STRATEGIC)),
    probe("json patch copies and moves wrongly", quietly(post(CMS, config(a="1"))), patch(f"{CMS}/c", [{"op": "move", "from": "/data/none", "path": "/data/b"}], JSON_PATCH), patch(f"{CMS}/c", [{"op": "copy", "from": "/data/a", "path": "/none/b"}], JSON_PATCH), patch(f"{CMS}/c", [{"op": "replace", "path": "/data/a", "value": 5}], JSON_PATCH), patch(f"{CMS}/c", [{"op": "add", "path": "/metadata/labels/a", "value": "b"}], JSON_PATCH), patch(f"{CMS}/c", [{"op": "test", "path": "/metadata/none", "value": None}], JSON_PATCH), patch(f"{CMS}/c", [], JSON_PATCH)),
)  # fmt: skip
PROBES = FIRST + SECOND + THIRD
