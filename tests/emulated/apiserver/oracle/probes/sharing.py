"""Server-side apply by several managers, beside updates and patches of others: who owns which field."""

from tests.emulated.apiserver.oracle.asking import APPLY, delete, get, patch, post, probe, put, quietly
from tests.emulated.apiserver.oracle.clients import CONTROLLER_RUNTIME, KUBECTL
from tests.emulated.apiserver.oracle.paths import CMS, DEPLOYS, GADGETS, WIDGETS
from tests.emulated.apiserver.oracle.things import cm, deployment, gadget, widget, with_meta

G = f"{GADGETS}/<ns>"
LAST_APPLIED = '{"apiVersion":"v1","data":{"a":"1"},"kind":"ConfigMap","metadata":{"name":"c"}}'


def applied(path: str, body, manager: str = "one", **more):
    force = "&force=true" if more.pop("force", False) else ""
    return patch(f"{path}?fieldManager={manager}{force}", body, APPLY, **more)


def config(**data):
    return cm("c", data=data)


def mine(**spec):
    return gadget("<ns>", **spec)


PROBES = (
    probe(
        "apply two managers share",
        CONTROLLER_RUNTIME,
        applied(f"{CMS}/c", config(a="1")),
        applied(f"{CMS}/c", config(a="1", b="2"), "two"),
        applied(f"{CMS}/c", config(b="2"), "two"),
        applied(f"{CMS}/c", config(), "one"),
    ),
    probe(
        "apply conflict with several",
        CONTROLLER_RUNTIME,
        applied(f"{CMS}/c", config(a="1", b="1", c="1")),
        applied(f"{CMS}/c", config(a="2", b="2", c="1"), "two"),
        applied(f"{CMS}/c", config(a="2", b="2"), "two", force=True),
    ),
    probe(
        "apply after client-side apply",
        KUBECTL,
        quietly(
            post(
                f"{CMS}?fieldManager=kubectl-client-side-apply",
                with_meta(
                    config(a="1"),
                    annotations={"kubectl.kubernetes.io/last-applied-configuration": LAST_APPLIED},
                ),
            )
        ),
        applied(f"{CMS}/c", config(a="2"), "kubectl"),
    ),
    probe(
        "apply keyed list",
        CONTROLLER_RUNTIME,
        applied(G, mine(parts=[{"name": "a", "size": 2}])),
        applied(G, mine(parts=[{"name": "b"}]), "two"),
        applied(G, mine(parts=[{"name": "a", "size": 3}]), "two"),
        applied(G, mine(parts=[])),
    ),
    probe(
        "apply wrong types",
        CONTROLLER_RUNTIME,
        applied(G, mine(high="x")),
        applied(f"{CMS}/c", cm("c", data={"a": 1})),
        applied(f"{CMS}/c", cm("c", data=["a"])),
    ),
    probe(
        "apply with version, further",
        CONTROLLER_RUNTIME,
        applied(f"{CMS}/c", config(a="1"), saves={"rv": "metadata.resourceVersion"}),
        applied(f"{CMS}/c", with_meta(config(a="2"), resourceVersion="<rv>")),
        applied(f"{CMS}/c", with_meta(config(a="3"), resourceVersion="1")),
    ),
    probe(
        "apply status, further",
        CONTROLLER_RUNTIME,
        quietly(post(WIDGETS, widget("w", size=1))),
        applied(f"{WIDGETS}/w/status", widget("w") | {"status": {"state": "up"}}),
        applied(f"{WIDGETS}/w", widget("w", size=2), "two", force=True),
        get(f"{WIDGETS}/w"),
    ),
    probe(
        "apply deployment containers",
        KUBECTL,
        applied(f"{DEPLOYS}/d", deployment("d")),
        patch(f"{DEPLOYS}/d?fieldManager=scaler", {"spec": {"replicas": 4}}),
        applied(f"{DEPLOYS}/d", deployment("d") | {"spec": deployment("d")["spec"] | {"replicas": 2}}),
    ),
    probe(
        "mixed writers",
        CONTROLLER_RUNTIME,
        applied(f"{CMS}/c", config(a="1"), "applier"),
        patch(f"{CMS}/c?fieldManager=patcher", {"data": {"b": "2"}}),
        put(f"{CMS}/c?fieldManager=putter", config(a="3", c="3")),
        applied(f"{CMS}/c", config(a="3"), "applier"),
    ),
    probe(
        "apply nothing of a field",
        CONTROLLER_RUNTIME,
        applied(f"{CMS}/c", cm("c", data=None)),
        applied(f"{CMS}/c", cm("c", data={})),
        applied(f"{CMS}/c", with_meta(cm("c"), labels={"a": "b"}, annotations={}, finalizers=[])),
        applied(f"{CMS}/c", cm("c")),
    ),
    probe(
        "apply labels and finalizers",
        CONTROLLER_RUNTIME,
        applied(f"{CMS}/c", with_meta(cm("c"), labels={"a": "1"}, finalizers=["a.b/one"])),
        applied(f"{CMS}/c", with_meta(cm("c"), labels={"b": "2"}, finalizers=["a.b/two"]), "two"),
        applied(f"{CMS}/c", with_meta(cm("c"), labels={"a": "2"}), "two"),
        applied(f"{CMS}/c", cm("c")),
    ),
    probe(
        "apply takes over an update",
        CONTROLLER_RUNTIME,
        quietly(post(f"{CMS}?fieldManager=before", config(a="1", b="2"))),
        applied(f"{CMS}/c", config(a="1"), "x"),
        applied(f"{CMS}/c", config(a="9"), "x", force=True),
        patch(f"{CMS}/c?fieldManager=before", {"data": {"a": "8"}}),
        applied(f"{CMS}/c", config(a="9"), "x"),
    ),
    probe(
        "apply env and ports of containers",
        CONTROLLER_RUNTIME,
        applied(f"{DEPLOYS}/d", deployment("d")),
        applied(
            f"{DEPLOYS}/d",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "d"},
                "spec": {
                    "template": {
                        "spec": {
                            "containers": [{"name": "a", "env": [{"name": "E", "value": "1"}], "ports": [{"containerPort": 81}]}]
                        }
                    }
                },
            },
            "two",
        ),
        applied(
            f"{DEPLOYS}/d",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "d"},
                "spec": {"template": {"spec": {"containers": [{"name": "a", "image": "other"}]}}},
            },
            "two",
        ),
    ),
    probe(
        "apply with unknown fields",
        CONTROLLER_RUNTIME,
        applied(f"{CMS}/c", config(a="1") | {"odd": 1}),
        applied(f"{WIDGETS}/w", widget("w", size=1, odd=1)),
        patch(f"{WIDGETS}/w?fieldManager=x&fieldValidation=Ignore", widget("w", size=1, odd=1), APPLY),
    ),
    probe(
        "apply creates and another deletes a label",
        CONTROLLER_RUNTIME,
        applied(f"{WIDGETS}/w", with_meta(widget("w", size=1), labels={"a": "1"}), "one"),
        patch(f"{WIDGETS}/w?fieldManager=two", {"metadata": {"labels": {"a": None}}}),
        applied(f"{WIDGETS}/w", with_meta(widget("w", size=1), labels={"a": "1"}), "one"),
        applied(f"{WIDGETS}/w", widget("w", size=1), "one"),
    ),
    probe(
        "apply ports of widgets",
        CONTROLLER_RUNTIME,
        applied(f"{WIDGETS}/w", widget("w", size=1, ports=[{"port": 1, "name": "a"}, {"port": 2}])),
        applied(f"{WIDGETS}/w", widget("w", size=1, ports=[{"port": 2, "name": "b"}]), "two"),
        applied(f"{WIDGETS}/w", widget("w", size=1, ports=[{"port": 3}])),
    ),
    probe(
        "apply maps and free fields",
        CONTROLLER_RUNTIME,
        applied(f"{WIDGETS}/w", widget("w", size=1, map={"a": 1}, free={"x": {"y": 1}}, any=1)),
        applied(f"{WIDGETS}/w", widget("w", size=1, map={"b": 2}, free={"x": {"z": 2}}, any="1"), "two"),
        applied(f"{WIDGETS}/w", widget("w", size=1, map={"a": 3}), force=True),
    ),
    probe(
        "apply secret text",
        KUBECTL,
        applied(
            "/api/v1/namespaces/<ns>/secrets/s",
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": "b"}},
        ),
        applied(
            "/api/v1/namespaces/<ns>/secrets/s",
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "Yw=="}},
            "two",
        ),
    ),
    probe(
        "apply a namespace and a node",
        KUBECTL,
        applied(
            "/api/v1/namespaces/<ns>a",
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "<ns>a", "labels": {"x": "y"}}},
        ),
        applied(
            "/api/v1/nodes/<ns>n",
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {"name": "<ns>n"},
                "spec": {"taints": [{"key": "k", "effect": "NoSchedule"}]},
            },
        ),
        delete("/api/v1/nodes/<ns>n"),
    ),
    probe(
        "apply keyed lists by two",
        KUBECTL,
        patch(
            f"{GADGETS}/<ns>?fieldManager=a",
            gadget("<ns>", parts=[{"name": "x", "size": 1}], unique=[1, 2], whole={"a": "1"}),
            APPLY,
        ),
        patch(f"{GADGETS}/<ns>?fieldManager=b", gadget("<ns>", parts=[{"name": "y"}], unique=[3]), APPLY),
        patch(f"{GADGETS}/<ns>?fieldManager=b", gadget("<ns>", parts=[{"name": "x", "size": 2}], whole={"b": "1"}), APPLY),
        patch(
            f"{GADGETS}/<ns>?fieldManager=b&force=true", gadget("<ns>", parts=[{"name": "x", "size": 2}], whole={"b": "1"}), APPLY
        ),
        patch(f"{GADGETS}/<ns>?fieldManager=a", gadget("<ns>", unique=[1]), APPLY),
        patch(f"{GADGETS}/<ns>?fieldManager=c", gadget("<ns>", parts=[{"name": "z"}, {"name": "z"}]), APPLY),
        patch(f"{GADGETS}/<ns>?fieldManager=c", gadget("<ns>", parts=[{"size": 3}]), APPLY),
        delete(f"{GADGETS}/<ns>"),
    ),
)
