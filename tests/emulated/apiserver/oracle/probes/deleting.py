# ruff: noqa: E501 -- one probe a line
"""Deletion, garbage collection, namespaces that end, preconditions."""

from tests.emulated.apiserver.oracle.asking import delete, get, gone, patch, post, probe, put, quietly
from tests.emulated.apiserver.oracle.things import (
    CMS,
    CRDS,
    DEPLOYS,
    GADGETS,
    NS,
    PODS,
    SECRETS,
    WIDGETS,
    cm,
    deployment,
    gadget,
    pod,
    widget,
    with_meta,
)

ONE = quietly(post(CMS, cm("one"), saves={"uid": "metadata.uid", "rv": "metadata.resourceVersion"}))
WIDGET = quietly(post(WIDGETS, widget("one", size=1), saves={"uid": "metadata.uid", "rv": "metadata.resourceVersion"}))
HELD = quietly(post(CMS, with_meta(cm("held"), finalizers=["probe.test/x"])))
HELD_WIDGET = quietly(post(WIDGETS, with_meta(widget("held", size=1), finalizers=["probe.test/x"])))
OTHER = "11111111-1111-4111-8111-111111111111"


def owned(body, **more):
    return with_meta(body, ownerReferences=[{"apiVersion": "v1", "kind": "ConfigMap", "name": "one", "uid": "<uid>", **more}])


CHILD = quietly(post(SECRETS, owned({"metadata": {"name": "child"}})))
BLOCKING = quietly(post(SECRETS, owned({"metadata": {"name": "child", "finalizers": ["probe.test/x"]}}, blockOwnerDeletion=True)))


def options(name: str, body):
    return probe(name, ONE, delete(f"{CMS}/one", body))


PROBES = (
    probe("delete", ONE, delete(f"{CMS}/one"), get(f"{CMS}/one"), WIDGET, delete(f"{WIDGETS}/one")),
    probe("delete missing", delete(f"{CMS}/none"), delete(f"{WIDGETS}/none")),
    probe("delete held", HELD, delete(f"{CMS}/held"), delete(f"{CMS}/held"), patch(f"{CMS}/held", {"metadata": {"finalizers": None}}), get(f"{CMS}/held")),
    probe("delete held custom", HELD_WIDGET, delete(f"{WIDGETS}/held"), delete(f"{WIDGETS}/held"), patch(f"{WIDGETS}/held", {"metadata": {"finalizers": []}}), get(f"{WIDGETS}/held")),
    probe("add finalizer while deleting", HELD, quietly(delete(f"{CMS}/held")), patch(f"{CMS}/held", {"metadata": {"finalizers": ["probe.test/x", "probe.test/y"]}})),
    probe("change while deleting", HELD_WIDGET, quietly(delete(f"{WIDGETS}/held")), patch(f"{WIDGETS}/held", {"spec": {"size": 2}})),
    probe("undelete", HELD, quietly(delete(f"{CMS}/held")), patch(f"{CMS}/held", {"metadata": {"deletionTimestamp": None}})),
    probe("put without finalizers", HELD, quietly(delete(f"{CMS}/held")), put(f"{CMS}/held", cm("held")), get(f"{CMS}/held")),
    probe("create what is deleting", HELD, quietly(delete(f"{CMS}/held")), post(CMS, cm("held"))),
    probe("apply what is deleting", HELD, quietly(delete(f"{CMS}/held")), patch(f"{CMS}/held?fieldManager=m", cm("held", data={"a": "b"}), "application/apply-patch+yaml")),
    options("delete with uid", {"preconditions": {"uid": "<uid>"}}),
    options("delete other uid", {"preconditions": {"uid": OTHER}}),
    options("delete other version", {"preconditions": {"resourceVersion": "1"}}),
    options("delete with version", {"preconditions": {"resourceVersion": "<rv>"}}),
    options("delete grace", {"gracePeriodSeconds": 30}),
    options("delete grace negative", {"gracePeriodSeconds": -1}),
    options("delete bad policy", {"propagationPolicy": "Odd"}),
    options("delete policy and orphan", {"propagationPolicy": "Orphan", "orphanDependents": True}),
    options("delete dry", {"dryRun": ["All"]}),
    options("delete bad dry", {"dryRun": ["Some"]}),
    options("delete wrong kind", {"kind": "Odd", "apiVersion": "v1"}),
    options("delete options kind", {"kind": "DeleteOptions", "apiVersion": "v1"}),
    options("delete options meta", {"kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1"}),
    options("delete options junk", "{junk"),
    options("delete options unknown", {"odd": 1}),
    probe("delete by query", ONE, delete(f"{CMS}/one?propagationPolicy=Foreground&gracePeriodSeconds=0"), gone(f"{CMS}/one")),
    probe("delete by bad query", ONE, delete(f"{CMS}/one?propagationPolicy=Odd")),
    probe("delete grace junk query", ONE, delete(f"{CMS}/one?gracePeriodSeconds=x")),
    probe("delete dry query", ONE, delete(f"{CMS}/one?dryRun=All"), get(f"{CMS}/one")),
    probe("delete held dry", HELD, delete(f"{CMS}/held?dryRun=All"), get(f"{CMS}/held")),
    probe("delete status", WIDGET, delete(f"{WIDGETS}/one/status")),
    probe("delete background", ONE, CHILD, delete(f"{CMS}/one", {"propagationPolicy": "Background"}), gone(f"{SECRETS}/child")),
    probe("delete foreground", ONE, BLOCKING, delete(f"{CMS}/one", {"propagationPolicy": "Foreground"}),
          get(f"{SECRETS}/child", until={"metadata.deletionGracePeriodSeconds": 0}), get(f"{CMS}/one"),
          quietly(patch(f"{SECRETS}/child", {"metadata": {"finalizers": None}})), gone(f"{CMS}/one")),
    probe("delete foreground not blocking", ONE, CHILD, quietly(delete(f"{CMS}/one", {"propagationPolicy": "Foreground"})), gone(f"{CMS}/one"), gone(f"{SECRETS}/child")),
    probe("delete orphan", ONE, CHILD, delete(f"{CMS}/one", {"propagationPolicy": "Orphan"}), gone(f"{CMS}/one"), get(f"{SECRETS}/child", until={"metadata.ownerReferences": None})),
    probe("delete orphan by flag", ONE, CHILD, delete(f"{CMS}/one", {"orphanDependents": True}), gone(f"{CMS}/one"), get(f"{SECRETS}/child", until={"metadata.ownerReferences": None})),
    probe("owner of wrong uid", post(SECRETS, {"metadata": {"name": "child", "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "none", "uid": OTHER}]}}, quiet=True), gone(f"{SECRETS}/child")),
    probe("one of two owners left", ONE, quietly(post(CMS, cm("two"), saves={"uid2": "metadata.uid"})),
          quietly(post(SECRETS, {"metadata": {"name": "child", "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": each, "uid": uid} for each, uid in (("one", "<uid>"), ("two", "<uid2>"))]}})),
          quietly(delete(f"{CMS}/one")), get(f"{SECRETS}/child", until={"metadata.ownerReferences.1": None})),
    probe("delete collection", ONE, quietly(post(CMS, cm("two"))), delete(CMS), get(f"{CMS}?fieldSelector=metadata.name=one")),
    probe("delete collection by label", ONE, quietly(post(CMS, with_meta(cm("two"), labels={"a": "b"}))), delete(f"{CMS}?labelSelector=a=b"), get(f"{CMS}?fieldSelector=metadata.name!=kube-root-ca.crt")),
    probe("delete collection of custom", WIDGET, HELD_WIDGET, delete(WIDGETS), get(WIDGETS)),
    probe("delete collection dry", ONE, delete(f"{CMS}?dryRun=All"), get(f"{CMS}/one")),
    probe("delete collection limit", ONE, quietly(post(CMS, cm("two"))), delete(f"{CMS}?limit=1&fieldSelector=metadata.name!=kube-root-ca.crt")),
    probe("delete collection bad options", delete(CMS, {"propagationPolicy": "Odd"})),
    probe("delete collection empty", delete(SECRETS)),
    probe("delete all namespaces", delete(NS)),
    probe("delete collection of all", delete("/api/v1/configmaps?labelSelector=nobody")),
    probe("delete cluster collection", quietly(post(GADGETS, with_meta(gadget("gone"), labels={"go": ""}))), delete(f"{GADGETS}?labelSelector=go"), get(f"{GADGETS}/gone")),
    probe("delete pod", quietly(post(PODS, pod())), delete(f"{PODS}/p"), get(f"{PODS}/p")),
    probe("delete pod on a node", quietly(post(PODS, pod(nodeName="n"))), delete(f"{PODS}/p"), delete(f"{PODS}/p", {"gracePeriodSeconds": 5}), delete(f"{PODS}/p", {"gracePeriodSeconds": 0}), get(f"{PODS}/p")),
    probe("delete deployment", quietly(post(DEPLOYS, deployment("d"))), delete(f"{DEPLOYS}/d", {"propagationPolicy": "Background"})),
    probe("namespace", post(NS, {"metadata": {"name": "gen-space"}}), get(f"{NS}/gen-space"), put(f"{NS}/gen-space", {"metadata": {"name": "gen-space", "labels": {"a": "b"}}}),
          patch(f"{NS}/gen-space", {"metadata": {"labels": {"kubernetes.io/metadata.name": "x"}}}), patch(f"{NS}/gen-space", {"metadata": {"labels": None}}), delete(f"{NS}/gen-space"), gone(f"{NS}/gen-space")),
    probe("namespace held", quietly(post(NS, {"metadata": {"name": "gen-held"}})), quietly(post(f"{NS}/gen-held/configmaps", with_meta(cm(), finalizers=["probe.test/x"]))),
          delete(f"{NS}/gen-held"), post(f"{NS}/gen-held/configmaps", cm("late")), post(f"{NS}/gen-held/configmaps", {"metadata": {"generateName": "gen-"}}),
          post("/apis/probe.test/v1/namespaces/gen-held/widgets", widget("late", size=1)),
          patch(f"{NS}/gen-held/configmaps/late?fieldManager=m", cm("late"), "application/apply-patch+yaml"), post(NS, {"metadata": {"name": "gen-held"}}), delete(f"{NS}/gen-held"),
          get(f"{NS}/gen-held/configmaps/c", until={"metadata.deletionGracePeriodSeconds": 0}), patch(f"{NS}/gen-held/configmaps/c", {"data": {"a": "b"}}),
          quietly(patch(f"{NS}/gen-held/configmaps/c", {"metadata": {"finalizers": None}})), gone(f"{NS}/gen-held")),
    probe("namespace conditions", quietly(post(NS, {"metadata": {"name": "gen-cond"}})), quietly(post(f"{NS}/gen-cond/configmaps", with_meta(cm(), finalizers=["probe.test/x"]))),
          quietly(delete(f"{NS}/gen-cond")), get(f"{NS}/gen-cond", until={"status.conditions.4.status": "True"}),
          quietly(patch(f"{NS}/gen-cond/configmaps/c", {"metadata": {"finalizers": None}})), gone(f"{NS}/gen-cond")),
    probe("namespace finalize", quietly(post(NS, {"metadata": {"name": "gen-final"}})), put(f"{NS}/gen-final/finalize", {"metadata": {"name": "gen-final"}, "spec": {"finalizers": []}}), delete(f"{NS}/gen-final")),
    probe("namespace bad", post(NS, {"metadata": {"name": "A_b"}}), post(NS, {"metadata": {"name": "a.b"}}), post(NS, {"metadata": {"name": "a" * 64}}), post(NS, {})),
    probe("namespace spec", post(f"{NS}?dryRun=All", {"metadata": {"name": "gen-spec"}, "spec": {"finalizers": ["a"]}}), post(f"{NS}?dryRun=All", {"metadata": {"name": "gen-spec"}, "spec": {"finalizers": ["a.b/c"]}})),
    probe("namespace default deleted", delete(f"{NS}/default"), delete(f"{NS}/kube-system")),
    probe("namespace status", quietly(post(NS, {"metadata": {"name": "gen-stat"}})), patch(f"{NS}/gen-stat/status", {"status": {"phase": "Odd"}}), quietly(delete(f"{NS}/gen-stat"))),
    probe("definition missing", delete(f"{CRDS}/none.probe.test")),
)  # fmt: skip
