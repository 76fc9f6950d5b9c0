# ruff: noqa: E501 -- one probe a line
"""How objects come, change and go: owners, finalizers, preconditions, propagation, namespaces."""

from tests.emulated.apiserver.oracle.asking import Step, delete, get, gone, patch, post, probe, put, quietly
from tests.emulated.apiserver.oracle.things import (
    CMS,
    DEPLOYS,
    NS,
    PODS,
    SECRETS,
    WIDGETS,
    cm,
    deployment,
    pod,
    widget,
    with_meta,
)

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


FIRST = (
    probe("owner goes in the background", OWNER, post(CMS, owned("child")), delete(f"{CMS}/owner", {"propagationPolicy": "Background"}), gone(f"{CMS}/child")),
    probe("owner goes in the foreground", OWNER, quietly(post(CMS, owned("child", blockOwnerDeletion=True))), delete(f"{CMS}/owner", {"propagationPolicy": "Foreground"}), gone(f"{CMS}/owner"), gone(f"{CMS}/child")),
    probe("owner goes alone", OWNER, quietly(post(CMS, owned("child"))), delete(f"{CMS}/owner", {"propagationPolicy": "Orphan"}), gone(f"{CMS}/owner"), Step("GET", f"{CMS}/child", until={"metadata.ownerReferences": None})),
    probe("owner with a wrong uid", OWNER, quietly(post(CMS, owned("child", "11111111-1111-4111-8111-111111111111"))), gone(f"{CMS}/child")),
    probe("owner held in the foreground by a held child", OWNER, quietly(post(CMS, with_meta(owned("child", blockOwnerDeletion=True), finalizers=["a.b/hold"]))), quietly(delete(f"{CMS}/owner?propagationPolicy=Foreground")), Step("GET", f"{CMS}/child", until={"metadata.deletionGracePeriodSeconds": 0}), get(f"{CMS}/owner"), patch(f"{CMS}/child", {"metadata": {"finalizers": None}}), gone(f"{CMS}/owner")),
    probe("two owners, one goes", OWNER, quietly(post(CMS, cm("second"), saves={"second": "metadata.uid"})), quietly(post(CMS, with_meta(cm("child"), ownerReferences=[{"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": "<uid>"}, {"apiVersion": "v1", "kind": "ConfigMap", "name": "second", "uid": "<second>"}]))), quietly(delete(f"{CMS}/owner")), Step("GET", f"{CMS}/child", until={"metadata.ownerReferences.1": None})),
    probe("held object", HELD, delete(f"{CMS}/c"), delete(f"{CMS}/c", {"gracePeriodSeconds": 0}), patch(f"{CMS}/c", {"data": {"a": "2"}}), put(f"{CMS}/c", with_meta(cm("c"), finalizers=["a.b/hold", "a.b/new"])), patch(f"{CMS}/c", {"metadata": {"finalizers": []}}), get(f"{CMS}/c")),
    probe("held object created again", HELD, quietly(delete(f"{CMS}/c")), post(CMS, cm("c"))),
    probe("preconditions", quietly(post(CMS, cm("c"), saves={"rv": "metadata.resourceVersion", "uid": "metadata.uid"})), delete(f"{CMS}/c", {"preconditions": {"uid": "11111111-1111-4111-8111-111111111111", "resourceVersion": "<rv>"}}), delete(f"{CMS}/c", {"preconditions": {"uid": "<uid>", "resourceVersion": "1"}}), delete(f"{CMS}/c", {"preconditions": {"uid": "<uid>", "resourceVersion": "<rv>"}})),
    probe("delete dry, further", quietly(post(CMS, cm("c"))), delete(f"{CMS}/c?dryRun=All"), delete(f"{CMS}/c", {"dryRun": ["All"], "kind": "DeleteOptions", "apiVersion": "v1"}), get(f"{CMS}/c"), delete(f"{CMS}/c?dryRun=Some")),
    probe("delete collection by label, further", *[quietly(post(CMS, with_meta(cm(name), labels={"x": name}))) for name in "abc"], delete(f"{CMS}?labelSelector=x+in+(a,b)"), get(CMS), delete(CMS), get(CMS)),
    probe("delete collection held", HELD, quietly(post(CMS, cm("free"))), delete(CMS), get(CMS)),
    probe("delete collection dry, further", quietly(post(SECRETS, cm("s") | {"kind": "Secret"})), delete(f"{SECRETS}?dryRun=All"), get(f"{SECRETS}/s")),
    probe("delete collection of widgets", quietly(post(WIDGETS, widget("w", size=1))), delete(WIDGETS), get(WIDGETS)),
    probe("update nothing", quietly(post(CMS, cm("c", data={"a": "1"}), saves={"rv": "metadata.resourceVersion"})), patch(f"{CMS}/c", {"metadata": {"resourceVersion": "<rv>"}}), patch(f"{CMS}/c", {}), put(f"{CMS}/c", with_meta(cm("c", data={"a": "1"}), resourceVersion="<rv>"))),
    probe("update stale", quietly(post(CMS, cm("c"), saves={"rv": "metadata.resourceVersion"})), quietly(patch(f"{CMS}/c", {"data": {"a": "1"}})), put(f"{CMS}/c", with_meta(cm("c"), resourceVersion="<rv>"))),
    probe("update other uid", quietly(post(CMS, cm("c"))), put(f"{CMS}/c", with_meta(cm("c"), uid="11111111-1111-4111-8111-111111111111"))),
    probe("update of what went", put(f"{CMS}/none", with_meta(cm("none"), resourceVersion="5")), put(f"{WIDGETS}/none", widget("none", size=1)), patch(f"{WIDGETS}/none", {"spec": {}})),
    probe("generation of a widget", post(WIDGETS, widget("w", size=1) | {"status": {"state": "x"}}), patch(f"{WIDGETS}/w", {"metadata": {"labels": {"a": "b"}}}), patch(f"{WIDGETS}/w", {"spec": {"size": 2}}), patch(f"{WIDGETS}/w/status", {"status": {"state": "up"}, "spec": {"size": 5}, "metadata": {"labels": {"c": "d"}}}), delete(f"{WIDGETS}/w")),
    probe("generation of a deployment", post(DEPLOYS, deployment("d")), patch(f"{DEPLOYS}/d", {"spec": {"replicas": 3}}), patch(f"{DEPLOYS}/d/status", {"status": {"observedGeneration": 2, "replicas": 3}}), patch(f"{DEPLOYS}/d/scale", {"spec": {"replicas": 5}}), get(f"{DEPLOYS}/d/scale"), get(f"{DEPLOYS}/d")),
    probe("pod goes", quietly(post(PODS, pod("p"))), delete(f"{PODS}/p", {"gracePeriodSeconds": 30}), get(f"{PODS}/p")),
    probe("pod of a node goes", quietly(post(PODS, pod("p", nodeName="n", terminationGracePeriodSeconds=5))), delete(f"{PODS}/p"), delete(f"{PODS}/p", {"gracePeriodSeconds": 0}), get(f"{PODS}/p")),
    probe("namespace goes with all in it", quietly(post(NS, {"metadata": {"name": "<ns>x"}})), quietly(post(f"{NS}/<ns>x/configmaps", cm("c"))), delete(f"{NS}/<ns>x"), gone(f"{NS}/<ns>x"), get(f"{NS}/<ns>x/configmaps")),
    probe("namespace that lasts", delete(f"{NS}/default"), delete(f"{NS}/kube-system")),
    probe("namespace labels", post(NS, {"metadata": {"name": "<ns>y", "labels": {"kubernetes.io/metadata.name": "other"}}}), patch(f"{NS}/<ns>y", {"metadata": {"labels": {"kubernetes.io/metadata.name": "other"}}}), patch(f"{NS}/<ns>y", {"spec": {"finalizers": []}})),
    probe("generated names", post(CMS, {"metadata": {"generateName": "gen-"}}), post(CMS, {"metadata": {"generateName": "gen-" + "a" * 60}}, quiet=True)),
)  # fmt: skip
SECOND = (
    probe("delete options malformed", quietly(post(CMS, cm("c"))), delete(f"{CMS}/c", "{"), delete(f"{CMS}/c", {"kind": "Other", "apiVersion": "v1"}), delete(f"{CMS}/c", {"propagationPolicy": "odd"}), delete(f"{CMS}/c", {"propagationPolicy": "Foreground", "orphanDependents": True}), delete(f"{CMS}/c", {"gracePeriodSeconds": "x"}), delete(f"{CMS}/c?propagationPolicy=odd"), delete(f"{CMS}/c?gracePeriodSeconds=x"), delete(f"{CMS}/c", {"unknown": 1})),
    probe("delete of what is not there", delete(f"{CMS}/none"), delete(f"{CMS}/none", {"preconditions": {"uid": "x"}}), delete(f"{WIDGETS}/none"), delete("/api/v1/namespaces/none-such"), delete("/api/v1/namespaces/none-such/configmaps/x"), delete("/api/v1/namespaces/none-such/configmaps")),
    probe("create where nothing is", post("/api/v1/namespaces/none-such/configmaps", cm("c")), post("/apis/probe.test/v1/namespaces/none-such/widgets", widget("w", size=1)), post("/api/v1/configmaps", cm("c")), post(CMS, with_meta(cm("c"), namespace="other")), post("/api/v1/namespaces", {"metadata": {"name": "<ns>"}})),
    probe("create twice", post(CMS, cm("c")), post(CMS, cm("c")), post(f"{CMS}?dryRun=All", cm("c")), post(f"{CMS}?dryRun=All", cm("d")), get(f"{CMS}/d")),
    probe("create with what the server decides", post(CMS, with_meta(cm("c"), uid="x", resourceVersion="", generation=9, creationTimestamp="2001-01-01T00:00:00Z", deletionTimestamp="2001-01-01T00:00:00Z", deletionGracePeriodSeconds=5, selfLink="/x", managedFields=[{"manager": "m"}]))),
    probe("put to create", put(f"{CMS}/new", cm("new")), put(f"{WIDGETS}/new", widget("new", size=1)), put("/apis/coordination.k8s.io/v1/namespaces/<ns>/leases/new", {"metadata": {"name": "new"}}), put(f"{PODS}/new", pod("new"))),
    probe("put misnamed, further", quietly(post(CMS, cm("c"))), put(f"{CMS}/c", cm("d")), put(f"{CMS}/c", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}), put(f"{CMS}/c", with_meta(cm("c"), namespace="other")), put(f"{CMS}/c", cm("c") | {"kind": "Secret"})),
    probe("put without version to custom", quietly(post(WIDGETS, widget("w", size=1), saves={"rv": "metadata.resourceVersion"})), put(f"{WIDGETS}/w", widget("w", size=2)), put(f"{WIDGETS}/w", with_meta(widget("w", size=2), resourceVersion="0")), put(f"{WIDGETS}/w", with_meta(widget("w", size=2), resourceVersion="abc")), put(f"{WIDGETS}/w", with_meta(widget("w", size=2), resourceVersion="<rv>"))),
    probe("put status, further", quietly(post(WIDGETS, widget("w", size=1), saves={"rv": "metadata.resourceVersion"})), put(f"{WIDGETS}/w/status", with_meta(widget("w", size=7), resourceVersion="<rv>", labels={"a": "b"}) | {"status": {"state": "up", "odd": 1}}), get(f"{WIDGETS}/w/status"), delete(f"{WIDGETS}/w/status"), post(f"{WIDGETS}/w/status", {})),
    probe("metadata that may not change", quietly(post(CMS, cm("c"))), patch(f"{CMS}/c", {"metadata": {"uid": "other"}}), patch(f"{CMS}/c", {"metadata": {"name": "other"}}), patch(f"{CMS}/c", {"metadata": {"namespace": "other"}}), patch(f"{CMS}/c", {"metadata": {"creationTimestamp": None}}), patch(f"{CMS}/c", {"metadata": {"generation": 5, "selfLink": "/x"}}), patch(f"{CMS}/c", {"metadata": {"deletionTimestamp": "2001-01-01T00:00:00Z"}}), patch(f"{CMS}/c", {"metadata": {"generateName": "x-"}})),
    probe("finalizers bad", post(CMS, with_meta(cm("c"), finalizers=["bad name"])), post(CMS, with_meta(cm("c"), finalizers=["plain"])), post(WIDGETS, with_meta(widget("w", size=1), finalizers=["plain", "x.y/z", "x.y/z"])), post(CMS, with_meta(cm("c"), finalizers=["foregroundDeletion", "orphan"]))),
    probe("owners bad", post(CMS, owned("c", "")), post(CMS, with_meta(cm("c"), ownerReferences=[{"kind": "X", "name": "x", "uid": "u"}])), post(CMS, with_meta(cm("c"), ownerReferences=[{"apiVersion": "v1", "kind": "X", "name": "", "uid": "u"}])), post(CMS, with_meta(cm("c"), ownerReferences=[{"apiVersion": "v1", "kind": "X", "name": str(i), "uid": str(i), "controller": True} for i in range(2)])), post(CMS, with_meta(cm("d"), ownerReferences=[{"apiVersion": "v1", "kind": "X", "name": "x", "uid": "u", "odd": 1}]))),
    probe("owned by what is of another kind", OWNER, quietly(post(WIDGETS, with_meta(widget("w", size=1), ownerReferences=[{"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": "<uid>", "controller": True}]))), delete(f"{CMS}/owner"), gone(f"{WIDGETS}/w")),
    probe("owner's finalizer asks for the foreground", quietly(post(CMS, with_meta(cm("owner"), finalizers=["foregroundDeletion"]), saves={"uid": "metadata.uid"})), quietly(post(CMS, owned("child", blockOwnerDeletion=True))), delete(f"{CMS}/owner"), gone(f"{CMS}/owner"), gone(f"{CMS}/child")),
    probe("chain of owners", OWNER, quietly(post(CMS, owned("a"), saves={"a": "metadata.uid"})), quietly(post(CMS, with_meta(cm("b"), ownerReferences=[{"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": "<a>"}]))), delete(f"{CMS}/owner", {"propagationPolicy": "Foreground"}, quiet=True), gone(f"{CMS}/b"), gone(f"{CMS}/owner")),
    probe("namespace conditions while held", quietly(post(NS, {"metadata": {"name": "<ns>h"}})), quietly(post(f"{NS}/<ns>h/configmaps", with_meta(cm("c"), finalizers=["a.b/c"]))), delete(f"{NS}/<ns>h"), Step("GET", f"{NS}/<ns>h", until={"status.conditions.4.type": "NamespaceFinalizersRemaining"}, quiet=True), post(f"{NS}/<ns>h/configmaps", cm("d")), post("/apis/probe.test/v1/namespaces/<ns>h/widgets", widget("w", size=1)), delete(f"{NS}/<ns>h", quiet=True), patch(f"{NS}/<ns>h/configmaps/c", {"metadata": {"finalizers": None}}), gone(f"{NS}/<ns>h")),
    probe("namespace finalized", post(NS, {"metadata": {"name": "<ns>f"}, "spec": {"finalizers": ["a.b/c"]}}), put(f"{NS}/<ns>f/finalize", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "<ns>f"}, "spec": {"finalizers": ["kubernetes"]}}), patch(f"{NS}/<ns>f/status", {"status": {"phase": "Terminating"}}), delete(f"{NS}/<ns>f", quiet=True), gone(f"{NS}/<ns>f")),
    probe("names of kinds", post(NS, {"metadata": {"name": "a.b"}}), post(NS, {"metadata": {"name": "x" * 64}}), post(SECRETS, {"metadata": {"name": "-a"}}), post(PODS, pod("A")), post(DEPLOYS, deployment("a_b")), post("/api/v1/nodes", {"metadata": {"name": "N"}}), post(WIDGETS, widget("a..b", size=1)), post(CMS, cm("x" * 254))),
    probe("generated names bad", post(WIDGETS, {"apiVersion": "probe.test/v1", "kind": "Widget", "metadata": {"generateName": "Gen-"}, "spec": {"size": 1}}), post(NS, {"metadata": {"generateName": "a.gen-"}})),
)  # fmt: skip
THIRD = (
    probe("service account, service and claim deleted", *[quietly(post(f"{NS}/<ns>/{plural}", body)) for plural, body in (("serviceaccounts", {"metadata": {"name": "x"}}), ("services", {"metadata": {"name": "x"}, "spec": {"ports": [{"port": 80}]}}), ("resourcequotas", {"metadata": {"name": "x"}, "spec": {}}), ("podtemplates", {"metadata": {"name": "x"}, "template": {"spec": {"containers": [{"name": "a", "image": "i"}]}}}), ("limitranges", {"metadata": {"name": "x"}, "spec": {"limits": []}}))], *[delete(f"{NS}/<ns>/{plural}/x") for plural in ("serviceaccounts", "services", "resourcequotas", "podtemplates", "limitranges")]),
    probe("deployment deleted in the foreground", quietly(post(DEPLOYS, deployment("d"), saves={"uid": "metadata.uid"})), quietly(post(PODS, with_meta(pod("p"), ownerReferences=[{"apiVersion": "apps/v1", "kind": "Deployment", "name": "d", "uid": "<uid>", "controller": True, "blockOwnerDeletion": True}]))), delete(f"{DEPLOYS}/d", {"propagationPolicy": "Foreground"}), gone(f"{DEPLOYS}/d"), gone(f"{PODS}/p")),
    probe("collection deleted in the foreground", OWNER, quietly(post(CMS, with_meta(owned("child", blockOwnerDeletion=True), labels={"keep": "1"}))), delete(f"{CMS}?labelSelector=!keep", {"propagationPolicy": "Foreground"}), gone(f"{CMS}/owner"), gone(f"{CMS}/child")),
    probe("collections that cannot be deleted", delete(NS), delete(f"{NS}/<ns>/services?labelSelector=none"), delete("/apis/apiextensions.k8s.io/v1/customresourcedefinitions?labelSelector=none%3Dx"), delete("/api/v1/configmaps?labelSelector=none")),
    probe("owner in another namespace", quietly(post(NS, {"metadata": {"name": "<ns>o"}})), quietly(post(f"{NS}/<ns>o/configmaps", cm("owner"), saves={"uid": "metadata.uid"})), quietly(post(CMS, owned("child"))), gone(f"{CMS}/child"), delete(f"{NS}/<ns>o", quiet=True)),
    probe("owner that is a namespace", quietly(get(f"{NS}/<ns>", saves={"uid": "metadata.uid"})), quietly(post(CMS, with_meta(cm("c"), ownerReferences=[{"apiVersion": "v1", "kind": "Namespace", "name": "<ns>", "uid": "<uid>"}]))), get(f"{CMS}/c")),
    probe("resource version of a no-op", quietly(post(DEPLOYS, deployment("d"), saves={"rv": "metadata.resourceVersion"})), patch(f"{DEPLOYS}/d", {"metadata": {"resourceVersion": "<rv>"}, "spec": {"replicas": 1}}), patch(f"{DEPLOYS}/d", {"metadata": {"resourceVersion": "<rv>"}, "spec": {"paused": False}}), patch(f"{DEPLOYS}/d/status", {"metadata": {"resourceVersion": "<rv>"}, "status": {}}), patch(f"{DEPLOYS}/d/scale", {"metadata": {"resourceVersion": "<rv>"}, "spec": {"replicas": 1}})),
    probe("update with a stale version at subresources", quietly(post(DEPLOYS, deployment("d"), saves={"rv": "metadata.resourceVersion"})), quietly(patch(f"{DEPLOYS}/d", {"spec": {"replicas": 4}})), patch(f"{DEPLOYS}/d/status", {"metadata": {"resourceVersion": "<rv>"}, "status": {"replicas": 1}}), patch(f"{DEPLOYS}/d/scale", {"metadata": {"resourceVersion": "<rv>"}, "spec": {"replicas": 2}}), put(f"{DEPLOYS}/d/scale", {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "d", "namespace": "<ns>", "resourceVersion": "<rv>"}, "spec": {"replicas": 2}})),
    probe("dry runs of every kind of write", quietly(post(CMS, cm("c", data={"a": "1"}))), put(f"{CMS}/c?dryRun=All", cm("c", data={"a": "2"})), patch(f"{CMS}/c?dryRun=All", {"data": {"b": "2"}}), delete(f"{CMS}?dryRun=All"), get(f"{CMS}/c"), post(f"{CMS}?dryRun=All", cm("Bad_Name")), post(NS + "?dryRun=All", {"metadata": {"name": "<ns>dry"}}), get(f"{NS}/<ns>dry")),
    probe("grace of pods", quietly(post(PODS, pod("p", nodeName="n"))), delete(f"{PODS}/p?gracePeriodSeconds=10"), delete(f"{PODS}/p?gracePeriodSeconds=20"), delete(f"{PODS}/p?gracePeriodSeconds=5"), delete(f"{PODS}/p", {"gracePeriodSeconds": -1}), delete(f"{PODS}/p", {"gracePeriodSeconds": 0, "preconditions": {"uid": "x"}})),
)  # fmt: skip
PROBES = FIRST + SECOND + THIRD
