# ruff: noqa: E501 -- one probe a line
"""HTTP itself: methods, compressed answers, protobuf bodies, what is not there."""

from tests.emulated.apiserver.oracle.asking import PROTOBUF, STRATEGIC, Step, get, patch, post, probe, quietly
from tests.emulated.apiserver.oracle.things import (
    ACCESS,
    CMS,
    DEPLOYS,
    NS,
    PODS,
    SECRETS,
    SVCS,
    WIDGETS,
    cm,
    configmap,
    deployment,
    pod,
    service,
    widget,
)

ONE = quietly(post(CMS, configmap("one", a="1")))
WIDGET = quietly(post(WIDGETS, widget("one", size=1)))
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def method(name: str, *paths: str):
    return probe(f"method {name}", ONE, *(Step(name, path) for path in paths))


PROBES = (
    method("HEAD", CMS, f"{CMS}/one", f"{CMS}/none", "/api", "/healthz"),
    method("OPTIONS", CMS, f"{CMS}/one"),
    method("TRACE", CMS),
    method("BREW", CMS),
    method("POST", f"{CMS}/one", f"{WIDGETS}/one"),
    method("PUT", CMS, WIDGETS),
    method("PATCH", CMS, WIDGETS),
    probe("method override", Step("POST", f"{CMS}/one", {}, headers={"X-HTTP-Method-Override": "DELETE"})),
    probe("trailing slash", ONE, get(f"{CMS}/"), get(f"{CMS}/one/"), get("/api/v1/"), get("/healthz/")),
    probe("gzip small", ONE, Step("GET", f"{CMS}/one", headers={"Accept-Encoding": "gzip"})),
    probe("gzip large", quietly(post(CMS, cm("big", data={"a": "x" * 200000}))), Step("GET", f"{CMS}/big", headers={"Accept-Encoding": "gzip"})),
    probe("protobuf get", ONE, get(f"{CMS}/one", PROTOBUF)),
    probe("protobuf list", ONE, get(f"{CMS}?fieldSelector=metadata.name=one", PROTOBUF)),
    probe("protobuf of custom", WIDGET, get(f"{WIDGETS}/one", PROTOBUF), get(WIDGETS, PROTOBUF)),
    probe("protobuf of custom or json", WIDGET, get(f"{WIDGETS}/one", f"{PROTOBUF},application/json")),
    probe("protobuf or json", ONE, get(f"{CMS}/one", f"{PROTOBUF},application/json")),
    probe("protobuf missing", get(f"{CMS}/none", PROTOBUF)),
    probe("protobuf of secret", quietly(post(SECRETS, {"metadata": {"name": "s"}, "stringData": {"a": "b"}})), get(f"{SECRETS}/s", PROTOBUF)),
    probe("protobuf of namespace", get(f"{NS}/default", PROTOBUF)),
    probe("protobuf of partial", WIDGET, get(f"{WIDGETS}/one", f"{PROTOBUF};as=PartialObjectMetadata;v=v1;g=meta.k8s.io")),
    probe("protobuf partial list", WIDGET, get(WIDGETS, f"{PROTOBUF};as=PartialObjectMetadataList;v=v1;g=meta.k8s.io")),
    probe("protobuf of deployment", quietly(post(DEPLOYS, deployment("d"))), get(f"{DEPLOYS}/d", PROTOBUF)),
    probe("protobuf of pod", quietly(post(PODS, pod())), get(f"{PODS}/p", PROTOBUF)),
    probe("protobuf of lease", post("/apis/coordination.k8s.io/v1/namespaces/<ns>/leases", {"metadata": {"name": "l"}, "spec": {"holderIdentity": "x", "leaseDurationSeconds": 15, "renewTime": "2026-01-01T00:00:00.123456Z"}}, headers={"Accept": PROTOBUF})),
    probe("protobuf created", post(CMS, cm(data={"a": "b"}), headers={"Accept": PROTOBUF})),
    probe("protobuf refused", post(CMS, cm("A_b"), headers={"Accept": PROTOBUF})),
    probe("protobuf watch", ONE, get(f"{CMS}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name=one", PROTOBUF, quiet=True)),
    probe("protobuf body", post(CMS, b"k8s\x00\n\x0f\n\x02v1\x12\tConfigMap\x12\x10\n\x03\n\x01x\x12\t\n\x01a\x12\x04text\x1a\x00\x22\x00", type=PROTOBUF)),
    probe("protobuf body of wrong kind", post(CMS, b"k8s\x00\n\x0c\n\x02v1\x12\x06Secret\x12\x05\n\x03\n\x01x\x1a\x00\x22\x00", type=PROTOBUF)),
    probe("protobuf as json", post(CMS, '{"metadata":{"name":"x"}}', type=PROTOBUF)),
    probe("websocket", ONE, Step("GET", f"{CMS}?watch=true&timeoutSeconds=1", headers=UPGRADE, quiet=True)),
    probe("exec absent", quietly(post(PODS, pod())), post(f"{PODS}/p/exec?command=ls", ""), get(f"{PODS}/p/log"), get(f"{PODS}/p/proxy/")),
    probe("pods exec missing", get(f"{PODS}/none/log"), post(f"{PODS}/none/exec", "")),
    probe("service proxy", quietly(post(SVCS, service())), get(f"{SVCS}/none/proxy/")),
    probe("review access", post(ACCESS, {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}})),
    probe("review access non-resource", post(ACCESS, {"spec": {"nonResourceAttributes": {"verb": "get", "path": "/x"}}})),
    probe("review access empty", post(ACCESS, {"spec": {}}), post(ACCESS, {})),
    probe("review access both", post(ACCESS, {"spec": {"resourceAttributes": {"verb": "get"}, "nonResourceAttributes": {"verb": "get", "path": "/x"}}})),
    probe("review get", get(ACCESS), get(f"{ACCESS}/x")),
    probe("review subject", post("/apis/authorization.k8s.io/v1/subjectaccessreviews", {"spec": {"user": "nobody", "resourceAttributes": {"verb": "get", "resource": "pods"}}})),
    probe("review subject without user", post("/apis/authorization.k8s.io/v1/subjectaccessreviews", {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}})),
    probe("review local", post("/apis/authorization.k8s.io/v1/namespaces/<ns>/localsubjectaccessreviews", {"metadata": {"namespace": "<ns>"}, "spec": {"user": "nobody", "resourceAttributes": {"namespace": "<ns>", "verb": "get", "resource": "pods"}}})),
    probe("review rules", post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", {"spec": {"namespace": "default"}}, quiet=True)),
    probe("review self", post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, quiet=True), post("/apis/authentication.k8s.io/v1/selfsubjectreviews", "{junk")),
    probe("review token", post("/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": "wrong"}})),
    probe("review token empty", post("/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {}})),
    probe("unknown query", ONE, get(f"{CMS}/one?odd=1&export=true")),
    probe("path with spaces", get(f"{CMS}/%20")),
    probe("path percent junk", get(f"{CMS}/%25")),
    probe("namespace of path bad", get(f"{NS}/A_b/configmaps"), post(f"{NS}/A_b/configmaps", cm())),
    probe("user agent", post(CMS, cm("ua"), headers={"User-Agent": "my-tool/v1 (linux) x"}), post(CMS, cm("ub"), headers={"User-Agent": ""})),
    probe("impersonation", Step("GET", CMS, headers={"Impersonate-User": "nobody"})),
    probe("impersonation of review", Step("GET", f"{NS}/default", headers={"Impersonate-User": "nobody"})),
    probe("if none match", ONE, Step("GET", f"{CMS}/one", headers={"If-None-Match": "x"})),
    probe("scale of deployment", quietly(post(DEPLOYS, deployment("d"))), get(f"{DEPLOYS}/d/scale"), patch(f"{DEPLOYS}/d/scale", {"spec": {"replicas": 4}}, STRATEGIC), patch(f"{DEPLOYS}/d/scale", {"spec": {"replicas": -1}})),
    probe("scale put", quietly(post(DEPLOYS, deployment("d"))), Step("PUT", f"{DEPLOYS}/d/scale", {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "d", "namespace": "<ns>"}, "spec": {"replicas": 2}})),
    probe("scale put misnamed", quietly(post(DEPLOYS, deployment("d"))), Step("PUT", f"{DEPLOYS}/d/scale", {"metadata": {"name": "e"}, "spec": {"replicas": 2}})),
    probe("scale put stale", quietly(post(DEPLOYS, deployment("d"))), Step("PUT", f"{DEPLOYS}/d/scale", {"metadata": {"name": "d", "namespace": "<ns>", "resourceVersion": "1"}, "spec": {"replicas": 2}})),
    probe("scale of custom", WIDGET, get(f"{WIDGETS}/one/scale"), patch(f"{WIDGETS}/one/scale", {"spec": {"replicas": 4}}), get(f"{WIDGETS}/one"), patch(f"{WIDGETS}/one/scale", {"spec": {"replicas": -4}})),
    probe("scale of missing", get(f"{WIDGETS}/none/scale"), patch(f"{DEPLOYS}/none/scale", {"spec": {"replicas": 4}})),
    probe("scale delete", quietly(post(DEPLOYS, deployment("d"))), Step("DELETE", f"{DEPLOYS}/d/scale")),
    probe("scale wrong kind", WIDGET, Step("PUT", f"{WIDGETS}/one/scale", {"apiVersion": "v1", "kind": "Odd", "metadata": {"name": "one"}})),
)  # fmt: skip
