"""What is sent and taken: compressed answers, protobuf, views; reviews of access and tokens; scales."""

from harness.emulated.apiserver.wire.protobuf import encode_unknown
from tests.emulated.apiserver.oracle.asking import (
    PROTOBUF,
    STRATEGIC,
    Step,
    delete,
    get,
    patch,
    post,
    probe,
    put,
    quietly,
)
from tests.emulated.apiserver.oracle.clients import (
    CLIENT_GO,
    CONTROLLER_RUNTIME,
    KUBECTL,
    KUBERNETES_ASYNCIO,
)
from tests.emulated.apiserver.oracle.paths import ACCESS, CMS, DEPLOYS, GADGETS, NS, PODS, SECRETS, WIDGETS
from tests.emulated.apiserver.oracle.things import cm, configmap, deployment, pod, widget

ONE = quietly(post(CMS, configmap("one", a="1")))
WIDGET = quietly(post(WIDGETS, widget("one", size=1)))
SUBJECT, TOKENS = "/apis/authorization.k8s.io/v1/subjectaccessreviews", "/apis/authentication.k8s.io/v1/tokenreviews"
TABLED = "application/json;as=Table;g=meta.k8s.io;v=v1"
CONFIG_AS_PROTOBUF = encode_unknown(cm("p", data={"a": "1"}))
FILLED = quietly(post(CMS, cm("c", data={"a": "1"})))


def asked(accept: str, path: str = f"{CMS}/c"):
    return get(path, accept)


PROBES = (
    probe("gzip small", CLIENT_GO, ONE, Step("GET", f"{CMS}/one", headers={"Accept-Encoding": "gzip"})),
    probe(
        "gzip large",
        CLIENT_GO,
        quietly(post(CMS, cm("big", data={"a": "x" * 200000}))),
        Step("GET", f"{CMS}/big", headers={"Accept-Encoding": "gzip"}),
    ),
    probe("protobuf get", CLIENT_GO, ONE, get(f"{CMS}/one", PROTOBUF)),
    probe("protobuf list", CLIENT_GO, ONE, get(f"{CMS}?fieldSelector=metadata.name=one", PROTOBUF)),
    probe("protobuf of custom", CONTROLLER_RUNTIME, WIDGET, get(f"{WIDGETS}/one", PROTOBUF), get(WIDGETS, PROTOBUF)),
    probe("protobuf of custom or json", CLIENT_GO, WIDGET, get(f"{WIDGETS}/one", f"{PROTOBUF},application/json")),
    probe("protobuf or json", CLIENT_GO, ONE, get(f"{CMS}/one", f"{PROTOBUF},application/json")),
    probe("protobuf missing", CLIENT_GO, get(f"{CMS}/none", PROTOBUF)),
    probe(
        "protobuf of secret",
        CLIENT_GO,
        quietly(post(SECRETS, {"metadata": {"name": "s"}, "stringData": {"a": "b"}})),
        get(f"{SECRETS}/s", PROTOBUF),
    ),
    probe("protobuf of namespace", CLIENT_GO, get(f"{NS}/default", PROTOBUF)),
    probe(
        "protobuf of partial",
        CONTROLLER_RUNTIME,
        WIDGET,
        get(f"{WIDGETS}/one", f"{PROTOBUF};as=PartialObjectMetadata;v=v1;g=meta.k8s.io"),
    ),
    probe(
        "protobuf partial list",
        CONTROLLER_RUNTIME,
        WIDGET,
        get(WIDGETS, f"{PROTOBUF};as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"),
    ),
    probe("protobuf of deployment", CLIENT_GO, quietly(post(DEPLOYS, deployment("d"))), get(f"{DEPLOYS}/d", PROTOBUF)),
    probe("protobuf of pod", CLIENT_GO, quietly(post(PODS, pod())), get(f"{PODS}/p", PROTOBUF)),
    probe(
        "protobuf of lease",
        CLIENT_GO,
        post(
            "/apis/coordination.k8s.io/v1/namespaces/<ns>/leases",
            {
                "metadata": {"name": "l"},
                "spec": {"holderIdentity": "x", "leaseDurationSeconds": 15, "renewTime": "2026-01-01T00:00:00.123456Z"},
            },
            headers={"Accept": PROTOBUF},
        ),
    ),
    probe("protobuf created", CLIENT_GO, post(CMS, cm(data={"a": "b"}), headers={"Accept": PROTOBUF})),
    probe("protobuf refused", CLIENT_GO, post(CMS, cm("A_b"), headers={"Accept": PROTOBUF})),
    probe(
        "protobuf body",
        CLIENT_GO,
        post(
            CMS,
            b"k8s\x00\n\x0f\n\x02v1\x12\tConfigMap\x12\x10\n\x03\n\x01x\x12\t\n\x01a\x12\x04text\x1a\x00\x22\x00",
            type=PROTOBUF,
        ),
    ),
    probe("review access", KUBECTL, post(ACCESS, {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}})),
    probe(
        "review access non-resource", KUBECTL, post(ACCESS, {"spec": {"nonResourceAttributes": {"verb": "get", "path": "/x"}}})
    ),
    probe(
        "review subject",
        CONTROLLER_RUNTIME,
        post(
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            {"spec": {"user": "nobody", "resourceAttributes": {"verb": "get", "resource": "pods"}}},
        ),
    ),
    probe("review token", CONTROLLER_RUNTIME, post("/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": "wrong"}})),
    probe(
        "user agent",
        CLIENT_GO,
        post(CMS, cm("ua"), headers={"User-Agent": "my-tool/v1 (linux) x"}),
        post(CMS, cm("ub"), headers={"User-Agent": ""}),
    ),
    probe(
        "scale of deployment",
        KUBECTL,
        quietly(post(DEPLOYS, deployment("d"))),
        get(f"{DEPLOYS}/d/scale"),
        patch(f"{DEPLOYS}/d/scale", {"spec": {"replicas": 4}}, STRATEGIC),
        patch(f"{DEPLOYS}/d/scale", {"spec": {"replicas": -1}}),
    ),
    probe(
        "scale put",
        KUBECTL,
        quietly(post(DEPLOYS, deployment("d"))),
        Step(
            "PUT",
            f"{DEPLOYS}/d/scale",
            {
                "apiVersion": "autoscaling/v1",
                "kind": "Scale",
                "metadata": {"name": "d", "namespace": "<ns>"},
                "spec": {"replicas": 2},
            },
        ),
    ),
    probe(
        "scale put stale",
        KUBECTL,
        quietly(post(DEPLOYS, deployment("d"))),
        Step(
            "PUT",
            f"{DEPLOYS}/d/scale",
            {"metadata": {"name": "d", "namespace": "<ns>", "resourceVersion": "1"}, "spec": {"replicas": 2}},
        ),
    ),
    probe(
        "scale of custom",
        KUBECTL,
        WIDGET,
        get(f"{WIDGETS}/one/scale"),
        patch(f"{WIDGETS}/one/scale", {"spec": {"replicas": 4}}),
        get(f"{WIDGETS}/one"),
        patch(f"{WIDGETS}/one/scale", {"spec": {"replicas": -4}}),
    ),
    probe("scale of missing", KUBECTL, get(f"{WIDGETS}/none/scale"), patch(f"{DEPLOYS}/none/scale", {"spec": {"replicas": 4}})),
    probe(
        "accept for a custom resource",
        CONTROLLER_RUNTIME,
        quietly(post(WIDGETS, widget("w", size=1))),
        asked("application/vnd.kubernetes.protobuf", f"{WIDGETS}/w"),
        asked("application/vnd.kubernetes.protobuf,application/json", f"{WIDGETS}/w"),
        asked("application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", f"{WIDGETS}/w"),
    ),
    probe("protobuf pod", CLIENT_GO, quietly(post(PODS, pod("p"))), asked(PROTOBUF, f"{PODS}/p"), asked(PROTOBUF, PODS)),
    probe("protobuf error", CLIENT_GO, asked(PROTOBUF, f"{PODS}/none")),
    probe(
        "access asked",
        KUBECTL,
        post(ACCESS, {"spec": {"resourceAttributes": {"namespace": "<ns>", "verb": "delete", "resource": "pods", "name": "p"}}}),
        post(ACCESS, {"spec": {"nonResourceAttributes": {"path": "/x", "verb": "get"}}}),
        post(ACCESS, {"spec": {}}),
        post(SUBJECT, {"spec": {"user": "jane", "resourceAttributes": {"verb": "get", "resource": "pods"}}}),
        post(
            SUBJECT,
            {"spec": {"user": "jane", "groups": ["system:masters"], "resourceAttributes": {"verb": "get", "resource": "pods"}}},
        ),
    ),
    probe("token asked", CONTROLLER_RUNTIME, post(TOKENS, {"spec": {"token": "wrong"}}), post(TOKENS, {"spec": {}})),
    probe(
        "gadget of two writers",
        KUBERNETES_ASYNCIO,
        post(GADGETS, {"apiVersion": "probe.test/v1", "kind": "Gadget", "metadata": {"name": "<ns>"}, "spec": {"colour": "red"}}),
        put(f"{GADGETS}/<ns>", {"apiVersion": "probe.test/v1", "kind": "Gadget", "metadata": {"name": "<ns>"}, "spec": {}}),
        patch(f"{GADGETS}/<ns>", {"metadata": {"annotations": {"x": "y"}}}),
        delete(f"{GADGETS}/<ns>"),
    ),
    probe(
        "protobuf created, further",
        CLIENT_GO,
        post(CMS, CONFIG_AS_PROTOBUF, type=PROTOBUF),
        Step("POST", CMS, CONFIG_AS_PROTOBUF, PROTOBUF, headers={"Accept": PROTOBUF}),
    ),
    probe(
        "protobuf lists and tables",
        CLIENT_GO,
        FILLED,
        asked(PROTOBUF, CMS),
        asked(f"{PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", CMS),
        asked(PROTOBUF, "/api/v1/namespaces/none-such"),
    ),
    probe(
        "tables with objects",
        KUBECTL,
        FILLED,
        asked(TABLED, f"{CMS}?includeObject=None"),
        asked(TABLED, f"{CMS}?includeObject=Object"),
        asked(TABLED, f"{CMS}/c?includeObject=Metadata"),
        asked(TABLED, f"{CMS}/none"),
    ),
    probe(
        "unknown fields everywhere",
        KUBECTL,
        post(CMS, cm("a") | {"odd": 1, "metadata": {"name": "a", "odd": 2, "labels": {"x": "y"}}}),
        post(PODS, pod("p", odd=1, containers=[{"name": "a", "image": "i", "odd": 2}])),
        post(f"{PODS}?fieldValidation=Strict", pod("q", odd=1, containers=[{"name": "a", "image": "i", "odd": 2}])),
        put(f"{CMS}/a", cm("a") | {"odd": 1}),
    ),
)
