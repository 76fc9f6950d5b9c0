"""Deletion, garbage collection, namespaces that end, preconditions."""

from tests.emulated.apiserver.oracle.asking import delete, get, gone, patch, post, probe, put, quietly
from tests.emulated.apiserver.oracle.clients import CLUSTERCTL, CONTROLLER_RUNTIME, KUBECTL
from tests.emulated.apiserver.oracle.paths import CMS, CRDS, DEPLOYS, NS, PODS, SECRETS, WIDGETS
from tests.emulated.apiserver.oracle.things import cm, deployment, pod, widget, with_meta

ONE = quietly(post(CMS, cm("one"), saves={"uid": "metadata.uid", "rv": "metadata.resourceVersion"}))
WIDGET = quietly(post(WIDGETS, widget("one", size=1), saves={"uid": "metadata.uid", "rv": "metadata.resourceVersion"}))
HELD = quietly(post(CMS, with_meta(cm("held"), finalizers=["probe.test/x"])))
HELD_WIDGET = quietly(post(WIDGETS, with_meta(widget("held", size=1), finalizers=["probe.test/x"])))
OTHER = "11111111-1111-4111-8111-111111111111"


def owned(body, **more):
    return with_meta(body, ownerReferences=[{"apiVersion": "v1", "kind": "ConfigMap", "name": "one", "uid": "<uid>", **more}])


CHILD = quietly(post(SECRETS, owned({"metadata": {"name": "child"}})))
BLOCKING = quietly(post(SECRETS, owned({"metadata": {"name": "child", "finalizers": ["probe.test/x"]}}, blockOwnerDeletion=True)))


def options(name: str, client: str, body):
    return probe(name, client, ONE, delete(f"{CMS}/one", body))


PROBES = (
    probe("delete", KUBECTL, ONE, delete(f"{CMS}/one"), get(f"{CMS}/one"), WIDGET, delete(f"{WIDGETS}/one")),
    probe("delete missing", KUBECTL, delete(f"{CMS}/none"), delete(f"{WIDGETS}/none")),
    probe(
        "delete held",
        CLUSTERCTL,
        HELD,
        delete(f"{CMS}/held"),
        delete(f"{CMS}/held"),
        patch(f"{CMS}/held", {"metadata": {"finalizers": None}}),
        get(f"{CMS}/held"),
    ),
    probe(
        "delete held custom",
        CLUSTERCTL,
        HELD_WIDGET,
        delete(f"{WIDGETS}/held"),
        delete(f"{WIDGETS}/held"),
        patch(f"{WIDGETS}/held", {"metadata": {"finalizers": []}}),
        get(f"{WIDGETS}/held"),
    ),
    probe(
        "add finalizer while deleting",
        CONTROLLER_RUNTIME,
        HELD,
        quietly(delete(f"{CMS}/held")),
        patch(f"{CMS}/held", {"metadata": {"finalizers": ["probe.test/x", "probe.test/y"]}}),
    ),
    probe(
        "change while deleting",
        CONTROLLER_RUNTIME,
        HELD_WIDGET,
        quietly(delete(f"{WIDGETS}/held")),
        patch(f"{WIDGETS}/held", {"spec": {"size": 2}}),
    ),
    probe(
        "put without finalizers",
        CLUSTERCTL,
        HELD,
        quietly(delete(f"{CMS}/held")),
        put(f"{CMS}/held", cm("held")),
        get(f"{CMS}/held"),
    ),
    probe("create what is deleting", CLUSTERCTL, HELD, quietly(delete(f"{CMS}/held")), post(CMS, cm("held"))),
    probe(
        "apply what is deleting",
        CONTROLLER_RUNTIME,
        HELD,
        quietly(delete(f"{CMS}/held")),
        patch(f"{CMS}/held?fieldManager=m", cm("held", data={"a": "b"}), "application/apply-patch+yaml"),
    ),
    options("delete with uid", CONTROLLER_RUNTIME, {"preconditions": {"uid": "<uid>"}}),
    options("delete other uid", CONTROLLER_RUNTIME, {"preconditions": {"uid": OTHER}}),
    options("delete other version", CONTROLLER_RUNTIME, {"preconditions": {"resourceVersion": "1"}}),
    options("delete with version", CONTROLLER_RUNTIME, {"preconditions": {"resourceVersion": "<rv>"}}),
    options("delete grace", KUBECTL, {"gracePeriodSeconds": 30}),
    options("delete dry", KUBECTL, {"dryRun": ["All"]}),
    options("delete options kind", KUBECTL, {"kind": "DeleteOptions", "apiVersion": "v1"}),
    options("delete options meta", KUBECTL, {"kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1"}),
    probe("delete dry query", KUBECTL, ONE, delete(f"{CMS}/one?dryRun=All"), get(f"{CMS}/one")),
    probe("delete held dry", KUBECTL, HELD, delete(f"{CMS}/held?dryRun=All"), get(f"{CMS}/held")),
    probe(
        "delete background",
        KUBECTL,
        ONE,
        CHILD,
        delete(f"{CMS}/one", {"propagationPolicy": "Background"}),
        gone(f"{SECRETS}/child"),
    ),
    probe(
        "delete foreground",
        KUBECTL,
        ONE,
        BLOCKING,
        delete(f"{CMS}/one", {"propagationPolicy": "Foreground"}),
        get(f"{SECRETS}/child", until={"metadata.deletionGracePeriodSeconds": 0}),
        get(f"{CMS}/one"),
        quietly(patch(f"{SECRETS}/child", {"metadata": {"finalizers": None}})),
        gone(f"{CMS}/one"),
    ),
    probe(
        "delete foreground not blocking",
        KUBECTL,
        ONE,
        CHILD,
        quietly(delete(f"{CMS}/one", {"propagationPolicy": "Foreground"})),
        gone(f"{CMS}/one"),
        gone(f"{SECRETS}/child"),
    ),
    probe(
        "delete orphan",
        KUBECTL,
        ONE,
        CHILD,
        delete(f"{CMS}/one", {"propagationPolicy": "Orphan"}),
        gone(f"{CMS}/one"),
        get(f"{SECRETS}/child", until={"metadata.ownerReferences": None}),
    ),
    probe(
        "owner of wrong uid",
        CLUSTERCTL,
        post(
            SECRETS,
            {
                "metadata": {
                    "name": "child",
                    "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "none", "uid": OTHER}],
                }
            },
            quiet=True,
        ),
        gone(f"{SECRETS}/child"),
    ),
    probe(
        "one of two owners left",
        CLUSTERCTL,
        ONE,
        quietly(post(CMS, cm("two"), saves={"uid2": "metadata.uid"})),
        quietly(
            post(
                SECRETS,
                {
                    "metadata": {
                        "name": "child",
                        "ownerReferences": [
                            {"apiVersion": "v1", "kind": "ConfigMap", "name": each, "uid": uid}
                            for each, uid in (("one", "<uid>"), ("two", "<uid2>"))
                        ],
                    }
                },
            )
        ),
        quietly(delete(f"{CMS}/one")),
        get(f"{SECRETS}/child", until={"metadata.ownerReferences.1": None}),
    ),
    probe(
        "delete collection",
        KUBECTL,
        ONE,
        quietly(post(CMS, cm("two"))),
        delete(CMS),
        get(f"{CMS}?fieldSelector=metadata.name=one"),
    ),
    probe(
        "delete collection by label",
        KUBECTL,
        ONE,
        quietly(post(CMS, with_meta(cm("two"), labels={"a": "b"}))),
        delete(f"{CMS}?labelSelector=a=b"),
        get(f"{CMS}?fieldSelector=metadata.name!=kube-root-ca.crt"),
    ),
    probe("delete collection of custom", KUBECTL, WIDGET, HELD_WIDGET, delete(WIDGETS), get(WIDGETS)),
    probe("delete collection empty", KUBECTL, delete(SECRETS)),
    probe("delete pod", KUBECTL, quietly(post(PODS, pod())), delete(f"{PODS}/p"), get(f"{PODS}/p")),
    probe(
        "delete pod on a node",
        KUBECTL,
        quietly(post(PODS, pod(nodeName="n"))),
        delete(f"{PODS}/p"),
        delete(f"{PODS}/p", {"gracePeriodSeconds": 5}),
        delete(f"{PODS}/p", {"gracePeriodSeconds": 0}),
        get(f"{PODS}/p"),
    ),
    probe(
        "delete deployment",
        KUBECTL,
        quietly(post(DEPLOYS, deployment("d"))),
        delete(f"{DEPLOYS}/d", {"propagationPolicy": "Background"}),
    ),
    probe(
        "namespace",
        KUBECTL,
        post(NS, {"metadata": {"name": "gen-space"}}),
        get(f"{NS}/gen-space"),
        put(f"{NS}/gen-space", {"metadata": {"name": "gen-space", "labels": {"a": "b"}}}),
        patch(f"{NS}/gen-space", {"metadata": {"labels": {"kubernetes.io/metadata.name": "x"}}}),
        patch(f"{NS}/gen-space", {"metadata": {"labels": None}}),
        delete(f"{NS}/gen-space"),
        gone(f"{NS}/gen-space"),
    ),
    probe(
        "namespace held",
        KUBECTL,
        quietly(post(NS, {"metadata": {"name": "gen-held"}})),
        quietly(post(f"{NS}/gen-held/configmaps", with_meta(cm(), finalizers=["probe.test/x"]))),
        delete(f"{NS}/gen-held"),
        post(f"{NS}/gen-held/configmaps", cm("late")),
        post(f"{NS}/gen-held/configmaps", {"metadata": {"generateName": "gen-"}}),
        post("/apis/probe.test/v1/namespaces/gen-held/widgets", widget("late", size=1)),
        patch(f"{NS}/gen-held/configmaps/late?fieldManager=m", cm("late"), "application/apply-patch+yaml"),
        post(NS, {"metadata": {"name": "gen-held"}}),
        delete(f"{NS}/gen-held"),
        get(f"{NS}/gen-held/configmaps/c", until={"metadata.deletionGracePeriodSeconds": 0}),
        patch(f"{NS}/gen-held/configmaps/c", {"data": {"a": "b"}}),
        quietly(patch(f"{NS}/gen-held/configmaps/c", {"metadata": {"finalizers": None}})),
        gone(f"{NS}/gen-held"),
    ),
    probe(
        "namespace bad",
        KUBECTL,
        post(NS, {"metadata": {"name": "A_b"}}),
        post(NS, {"metadata": {"name": "a.b"}}),
        post(NS, {"metadata": {"name": "a" * 64}}),
        post(NS, {}),
    ),
    probe("namespace default deleted", KUBECTL, delete(f"{NS}/default"), delete(f"{NS}/kube-system")),
    probe("definition missing", KUBECTL, delete(f"{CRDS}/none.probe.test")),
)
