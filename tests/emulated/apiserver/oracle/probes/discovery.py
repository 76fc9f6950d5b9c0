"""What there is, and how it is told: discovery, OpenAPI, version, health."""

from tests.emulated.apiserver.oracle.asking import Step, get, probe
from tests.emulated.apiserver.oracle.clients import CLIENT_GO, HARNESS, KOPF, KUBECTL
from tests.emulated.apiserver.oracle.paths import GADGETS

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
V2BETA = AGGREGATED.replace("v=v2", "v=v2beta1")

PROBES = (
    probe("api", KOPF, get("/api")),
    probe("apis group", KOPF, get("/apis/probe.test")),
    probe("apis group version", KOPF, get("/apis/probe.test/v1")),
    probe("apis apps", CLIENT_GO, get("/apis/apps")),
    probe("apis coordination", CLIENT_GO, get("/apis/coordination.k8s.io/v1")),
    probe("apis apiextensions", CLIENT_GO, get("/apis/apiextensions.k8s.io/v1")),
    probe("apis authorization", CLIENT_GO, get("/apis/authorization.k8s.io/v1")),
    probe("apis authentication", CLIENT_GO, get("/apis/authentication.k8s.io/v1")),
    probe("apis events", CLIENT_GO, get("/apis/events.k8s.io/v1")),
    probe("apis unknown group", CLIENT_GO, get("/apis/none.test")),
    probe("apis unknown version", CLIENT_GO, get("/apis/apps/v9")),
    probe("apis unknown resource", HARNESS, get("/apis/apps/v1/nothings")),
    probe("discovery beta falls back", KUBECTL, get("/apis/probe.test", V2BETA + "," + AGGREGATED + ",application/json")),
    probe("healthz", KUBECTL, get("/healthz")),
    probe("livez", KUBECTL, get("/livez")),
    probe("readyz", HARNESS, get("/readyz")),
    probe("list without token", HARNESS, Step("GET", "/api/v1/namespaces", token="")),
    probe("wrong token", HARNESS, Step("GET", "/api/v1/namespaces", token="wrong")),
    probe("scale of what has none", KUBECTL, get(f"{GADGETS}/x/scale")),
    probe("openapi v3 hash redirect", KUBECTL, get("/openapi/v3/apis/probe.test/v1?hash=OLD")),
    probe(
        "whole discovery",
        CLIENT_GO,
        get("/apis"),
        get("/api/v1"),
        get("/apis/apps/v1"),
        get("/apis/apiextensions.k8s.io/v1"),
        get("/apis/batch"),
        get("/apis/events.k8s.io/v1"),
    ),
    probe("whole discovery aggregated", KUBECTL, get("/apis", AGGREGATED), get("/api", AGGREGATED)),
    probe(
        "discovery not changed",
        KUBECTL,
        get("/apis", AGGREGATED, saves={"x": "kind"}),
        Step("GET", "/apis", headers={"Accept": AGGREGATED, "If-None-Match": '"x"'}),
    ),
    probe("openapi third", KUBECTL, get("/openapi/v3")),
    probe("openapi of probes", KUBECTL, get("/openapi/v3/apis/probe.test/v1")),
    probe(
        "openapi of built-in kinds",
        KUBECTL,
        get("/openapi/v3/apis/apps/v1"),
        get("/openapi/v3/apis/coordination.k8s.io/v1"),
        get("/openapi/v3/apis/rbac.authorization.k8s.io/v1"),
    ),
)
