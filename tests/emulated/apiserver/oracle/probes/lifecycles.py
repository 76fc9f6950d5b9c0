"""How objects come, change and go: owners, finalizers, preconditions, propagation, namespaces."""

from tests.emulated.apiserver.oracle.asking import JSON_PATCH, Step, delete, get, gone, patch, post, probe, put, quietly
from tests.emulated.apiserver.oracle.clients import CLIENT_GO, CLUSTERCTL, CONTROLLER_RUNTIME, KUBECTL
from tests.emulated.apiserver.oracle.paths import CMS, DEPLOYS, NS, PODS, SECRETS, WIDGETS
from tests.emulated.apiserver.oracle.things import cm, deployment, pod, widget, with_meta

OWNER = quietly(post(CMS, cm("owner"), saves={"uid": "metadata.uid"}))
HELD = quietly(
    post(
        CMS,
        with_meta(cm("c", data={"a": "1"}), finalizers=["a.b/hold"]),
        saves={"rv": "metadata.resourceVersion", "uid": "metadata.uid"},
    )
)


def owned(name: str, uid: str = "<uid>", **more):
    return with_meta(cm(name), ownerReferences=[{"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid, **more}])


PROBES = (
    probe(
        "held object",
        KUBECTL,
        HELD,
        delete(f"{CMS}/c"),
        delete(f"{CMS}/c", {"gracePeriodSeconds": 0}),
        patch(f"{CMS}/c", {"data": {"a": "2"}}),
        put(f"{CMS}/c", with_meta(cm("c"), finalizers=["a.b/hold", "a.b/new"])),
        patch(f"{CMS}/c", {"metadata": {"finalizers": []}}),
        get(f"{CMS}/c"),
    ),
    probe(
        "preconditions",
        CLIENT_GO,
        quietly(post(CMS, cm("c"), saves={"rv": "metadata.resourceVersion", "uid": "metadata.uid"})),
        delete(f"{CMS}/c", {"preconditions": {"uid": "11111111-1111-4111-8111-111111111111", "resourceVersion": "<rv>"}}),
        delete(f"{CMS}/c", {"preconditions": {"uid": "<uid>", "resourceVersion": "1"}}),
        delete(f"{CMS}/c", {"preconditions": {"uid": "<uid>", "resourceVersion": "<rv>"}}),
    ),
    probe(
        "namespace goes with all in it",
        KUBECTL,
        quietly(post(NS, {"metadata": {"name": "<ns>x"}})),
        quietly(post(f"{NS}/<ns>x/configmaps", cm("c"))),
        delete(f"{NS}/<ns>x"),
        gone(f"{NS}/<ns>x"),
        get(f"{NS}/<ns>x/configmaps"),
    ),
    probe(
        "delete of what is not there",
        KUBECTL,
        delete(f"{CMS}/none"),
        delete(f"{CMS}/none", {"preconditions": {"uid": "x"}}),
        delete(f"{WIDGETS}/none"),
        delete("/api/v1/namespaces/none-such"),
        delete("/api/v1/namespaces/none-such/configmaps/x"),
        delete("/api/v1/namespaces/none-such/configmaps"),
    ),
    probe(
        "create with what the server decides",
        KUBECTL,
        post(
            CMS,
            with_meta(
                cm("c"),
                uid="x",
                resourceVersion="",
                generation=9,
                creationTimestamp="2001-01-01T00:00:00Z",
                deletionTimestamp="2001-01-01T00:00:00Z",
                deletionGracePeriodSeconds=5,
                selfLink="/x",
                managedFields=[{"manager": "m"}],
            ),
        ),
    ),
    probe(
        "finalizers bad",
        CONTROLLER_RUNTIME,
        post(CMS, with_meta(cm("c"), finalizers=["bad name"])),
        post(CMS, with_meta(cm("c"), finalizers=["plain"])),
        post(WIDGETS, with_meta(widget("w", size=1), finalizers=["plain", "x.y/z", "x.y/z"])),
        post(CMS, with_meta(cm("c"), finalizers=["foregroundDeletion", "orphan"])),
    ),
    probe(
        "owned by what is of another kind",
        CLUSTERCTL,
        OWNER,
        quietly(
            post(
                WIDGETS,
                with_meta(
                    widget("w", size=1),
                    ownerReferences=[
                        {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": "<uid>", "controller": True}
                    ],
                ),
            )
        ),
        delete(f"{CMS}/owner"),
        gone(f"{WIDGETS}/w"),
    ),
    probe(
        "owner's finalizer asks for the foreground",
        CLUSTERCTL,
        quietly(post(CMS, with_meta(cm("owner"), finalizers=["foregroundDeletion"]), saves={"uid": "metadata.uid"})),
        quietly(post(CMS, owned("child", blockOwnerDeletion=True))),
        delete(f"{CMS}/owner"),
        gone(f"{CMS}/owner"),
        gone(f"{CMS}/child"),
    ),
    probe(
        "chain of owners",
        CLUSTERCTL,
        OWNER,
        quietly(post(CMS, owned("a"), saves={"a": "metadata.uid"})),
        quietly(
            post(CMS, with_meta(cm("b"), ownerReferences=[{"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": "<a>"}]))
        ),
        delete(f"{CMS}/owner", {"propagationPolicy": "Foreground"}, quiet=True),
        gone(f"{CMS}/b"),
        gone(f"{CMS}/owner"),
    ),
    probe(
        "namespace conditions while held",
        KUBECTL,
        quietly(post(NS, {"metadata": {"name": "<ns>h"}})),
        quietly(post(f"{NS}/<ns>h/configmaps", with_meta(cm("c"), finalizers=["a.b/c"]))),
        delete(f"{NS}/<ns>h"),
        Step("GET", f"{NS}/<ns>h", until={"status.conditions.4.type": "NamespaceFinalizersRemaining"}, quiet=True),
        post(f"{NS}/<ns>h/configmaps", cm("d")),
        post("/apis/probe.test/v1/namespaces/<ns>h/widgets", widget("w", size=1)),
        delete(f"{NS}/<ns>h", quiet=True),
        patch(f"{NS}/<ns>h/configmaps/c", {"metadata": {"finalizers": None}}),
        gone(f"{NS}/<ns>h"),
    ),
    probe(
        "names of kinds",
        KUBECTL,
        post(NS, {"metadata": {"name": "a.b"}}),
        post(NS, {"metadata": {"name": "x" * 64}}),
        post(SECRETS, {"metadata": {"name": "-a"}}),
        post(PODS, pod("A")),
        post(DEPLOYS, deployment("a_b")),
        post("/api/v1/nodes", {"metadata": {"name": "N"}}),
        post(WIDGETS, widget("a..b", size=1)),
        post(CMS, cm("x" * 254)),
    ),
    probe(
        "deployment deleted in the foreground",
        KUBECTL,
        quietly(post(DEPLOYS, deployment("d"), saves={"uid": "metadata.uid"})),
        quietly(
            post(
                PODS,
                with_meta(
                    pod("p"),
                    ownerReferences=[
                        {
                            "apiVersion": "apps/v1",
                            "kind": "Deployment",
                            "name": "d",
                            "uid": "<uid>",
                            "controller": True,
                            "blockOwnerDeletion": True,
                        }
                    ],
                ),
            )
        ),
        delete(f"{DEPLOYS}/d", {"propagationPolicy": "Foreground"}),
        gone(f"{DEPLOYS}/d"),
        gone(f"{PODS}/p"),
    ),
    probe(
        "collection deleted in the foreground",
        KUBECTL,
        OWNER,
        quietly(post(CMS, with_meta(owned("child", blockOwnerDeletion=True), labels={"keep": "1"}))),
        delete(f"{CMS}?labelSelector=!keep", {"propagationPolicy": "Foreground"}),
        gone(f"{CMS}/owner"),
        gone(f"{CMS}/child"),
    ),
    probe(
        "owner in another namespace",
        CLUSTERCTL,
        quietly(post(NS, {"metadata": {"name": "<ns>o"}})),
        quietly(post(f"{NS}/<ns>o/configmaps", cm("owner"), saves={"uid": "metadata.uid"})),
        quietly(post(CMS, owned("child"))),
        gone(f"{CMS}/child"),
        delete(f"{NS}/<ns>o", quiet=True),
    ),
    probe(
        "owner that is a namespace",
        CLUSTERCTL,
        quietly(get(f"{NS}/<ns>", saves={"uid": "metadata.uid"})),
        quietly(
            post(
                CMS,
                with_meta(cm("c"), ownerReferences=[{"apiVersion": "v1", "kind": "Namespace", "name": "<ns>", "uid": "<uid>"}]),
            )
        ),
        get(f"{CMS}/c"),
    ),
    probe(
        "dry runs of every kind of write",
        KUBECTL,
        quietly(post(CMS, cm("c", data={"a": "1"}))),
        put(f"{CMS}/c?dryRun=All", cm("c", data={"a": "2"})),
        patch(f"{CMS}/c?dryRun=All", {"data": {"b": "2"}}),
        delete(f"{CMS}?dryRun=All"),
        get(f"{CMS}/c"),
        post(f"{CMS}?dryRun=All", cm("Bad_Name")),
        post(NS + "?dryRun=All", {"metadata": {"name": "<ns>dry"}}),
        get(f"{NS}/<ns>dry"),
    ),
    probe(
        "grace of pods",
        KUBECTL,
        quietly(post(PODS, pod("p", nodeName="n"))),
        delete(f"{PODS}/p?gracePeriodSeconds=10"),
        delete(f"{PODS}/p?gracePeriodSeconds=20"),
        delete(f"{PODS}/p?gracePeriodSeconds=5"),
    ),
    probe(
        "widget through its life",
        CONTROLLER_RUNTIME,
        quietly(post(WIDGETS, widget("w", size=1), saves={"rv": "metadata.resourceVersion"})),
        put(f"{WIDGETS}/w", widget("w", size=2)),
        put(f"{WIDGETS}/w", widget("w", size=2) | {"metadata": {"name": "w", "resourceVersion": "<rv>"}}),
        put(f"{WIDGETS}/w", widget("w", size=3) | {"metadata": {"name": "w", "resourceVersion": "<rv>"}}),
        patch(f"{WIDGETS}/w", {"status": {"state": "x"}}),
        patch(f"{WIDGETS}/w/status", {"status": {"state": "x"}}),
        patch(f"{WIDGETS}/w/status", [{"op": "replace", "path": "/status/state", "value": "y"}], JSON_PATCH),
        patch(f"{WIDGETS}/w/status", [{"op": "replace", "path": "/spec/size", "value": 4}], JSON_PATCH),
        get(f"{WIDGETS}/w"),
        patch(f"{WIDGETS}/w/scale", {"spec": {"replicas": 4}}),
        get(f"{WIDGETS}/w/scale"),
        patch(f"{WIDGETS}/w", {"metadata": {"finalizers": ["a.b/c"]}}),
        delete(f"{WIDGETS}/w"),
        patch(f"{WIDGETS}/w", {"metadata": {"finalizers": ["a.b/c", "d.e/f"]}}),
        patch(f"{WIDGETS}/w", {"spec": {"size": 5}}),
        patch(f"{WIDGETS}/w", {"metadata": {"finalizers": []}}),
        get(f"{WIDGETS}/w"),
    ),
    probe(
        "controller's round",
        CONTROLLER_RUNTIME,
        post(WIDGETS, widget("w", size=1), saves={"rv": "metadata.resourceVersion", "uid": "metadata.uid"}),
        patch(f"{WIDGETS}/w", {"metadata": {"finalizers": ["x.y/z"], "resourceVersion": "<rv>"}}),
        patch(f"{WIDGETS}/w", {"metadata": {"finalizers": ["x.y/q"], "resourceVersion": "<rv>"}}),
        patch(f"{WIDGETS}/w/status", {"status": {"ready": True}}),
        post(
            CMS,
            cm()
            | {
                "metadata": {
                    "name": "c",
                    "ownerReferences": [
                        {
                            "apiVersion": "probe.test/v1",
                            "kind": "Widget",
                            "name": "w",
                            "uid": "<uid>",
                            "controller": True,
                            "blockOwnerDeletion": True,
                        }
                    ],
                }
            },
        ),
        delete(f"{WIDGETS}/w", {"propagationPolicy": "Foreground"}),
        patch(f"{WIDGETS}/w", {"metadata": {"finalizers": None}}, quiet=True),
        get(f"{WIDGETS}/w", until={"code": 404}),
        get(f"{CMS}/c", until={"code": 404}),
    ),
)
