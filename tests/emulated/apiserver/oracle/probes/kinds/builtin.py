"""Built-in kinds that pivots and their tools use: defaults, validation, what is fixed."""

from tests.emulated.apiserver.oracle.asking import PARTIALS, STRATEGIC, TABLE, delete, get, patch, post, probe, put, quietly
from tests.emulated.apiserver.oracle.clients import CLIENT_GO, CONTROLLER_RUNTIME, KUBECTL
from tests.emulated.apiserver.oracle.paths import CMS, EVENTS, IN, LEASES, NEW_EVENTS, NODES, SECRETS
from tests.emulated.apiserver.oracle.things import cm, configmap

ACCOUNTS = f"{IN}/serviceaccounts"
HOOKS = "/apis/admissionregistration.k8s.io/v1"
INVOLVED = {"apiVersion": "v1", "kind": "ConfigMap", "namespace": "<ns>", "name": "c"}


def secret(name: str, client: str, body):
    return probe(name, client, post(SECRETS, {"metadata": {"name": "s"}} | body))


def event(name: str = "e.1", **more):
    return {
        "metadata": {"name": name, "namespace": "<ns>"},
        "involvedObject": INVOLVED,
        "reason": "Odd",
        "message": "m",
        "type": "Normal",
    } | more


PROBES = (
    secret("secret text over data", KUBECTL, {"stringData": {"a": "x"}, "data": {"a": "eQ=="}}),
    secret("secret no base64", KUBECTL, {"data": {"a": "%"}}),
    secret("secret bad key", KUBECTL, {"data": {"a b": "eQ=="}}),
    secret("secret number", KUBECTL, {"stringData": {"a": 1}}),
    secret("secret null value", KUBECTL, {"data": {"a": None}}),
    secret("secret too large", KUBECTL, {"stringData": {"a": "x" * 1048577}}),
    probe(
        "secret type changed",
        KUBECTL,
        quietly(post(SECRETS, {"metadata": {"name": "s"}})),
        patch(f"{SECRETS}/s", {"type": "other"}),
    ),
    probe(
        "secret type removed",
        KUBECTL,
        quietly(post(SECRETS, {"metadata": {"name": "s"}, "type": "x/y"})),
        put(f"{SECRETS}/s", {"metadata": {"name": "s"}}),
    ),
    probe(
        "secret immutable",
        KUBECTL,
        post(SECRETS, {"metadata": {"name": "s"}, "immutable": True, "data": {"a": "eQ=="}}),
        patch(f"{SECRETS}/s", {"data": {"a": "eA=="}}),
        patch(f"{SECRETS}/s", {"immutable": False}),
        patch(f"{SECRETS}/s", {"metadata": {"labels": {"a": "b"}}}),
    ),
    probe(
        "secret by type",
        KUBECTL,
        quietly(post(SECRETS, {"metadata": {"name": "s"}, "type": "cluster.x-k8s.io/secret"})),
        get(f"{SECRETS}?fieldSelector=type=cluster.x-k8s.io/secret"),
        get(SECRETS, TABLE),
    ),
    probe(
        "secret patched text",
        KUBECTL,
        quietly(post(SECRETS, {"metadata": {"name": "s"}, "data": {"a": "eQ=="}})),
        patch(f"{SECRETS}/s", {"stringData": {"b": "x"}}),
        patch(f"{SECRETS}/s", {"stringData": {"c": "x"}}, STRATEGIC),
    ),
    probe(
        "configmap immutable",
        KUBECTL,
        post(CMS, configmap("c", a="1") | {"immutable": True}),
        patch(f"{CMS}/c", {"data": {"a": "2"}}),
        patch(f"{CMS}/c", {"immutable": None}),
        patch(f"{CMS}/c", {"binaryData": {"x": "eQ=="}}),
    ),
    probe("configmap binary", KUBECTL, post(CMS, cm(binaryData={"a": "eQ=="}))),
    probe(
        "service account",
        KUBECTL,
        post(ACCOUNTS, {"metadata": {"name": "a"}, "secrets": [{"name": "s"}], "automountServiceAccountToken": False}),
        get(ACCOUNTS, TABLE),
    ),
    probe("node", CONTROLLER_RUNTIME, post(NODES, {"metadata": {"name": "gen-node"}, "spec": {"providerID": "metal3://x"}})),
    probe(
        "node with status",
        CONTROLLER_RUNTIME,
        post(NODES, {"metadata": {"name": "gen-node2"}, "status": {"phase": "Running", "nodeInfo": {"bootID": "b"}}}),
    ),
    probe(
        "node status",
        CONTROLLER_RUNTIME,
        quietly(post(NODES, {"metadata": {"name": "gen-node3"}})),
        patch(
            f"{NODES}/gen-node3/status",
            {
                "status": {
                    "conditions": [{"type": "Ready", "status": "True"}],
                    "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}],
                    "capacity": {"cpu": "4"},
                }
            },
            STRATEGIC,
        ),
        get(f"{NODES}/gen-node3", TABLE),
    ),
    probe(
        "node provider changed",
        CONTROLLER_RUNTIME,
        quietly(post(NODES, {"metadata": {"name": "gen-node4"}, "spec": {"providerID": "a"}})),
        patch(f"{NODES}/gen-node4", {"spec": {"providerID": "b"}}),
    ),
    probe(
        "node taints",
        KUBECTL,
        quietly(post(NODES, {"metadata": {"name": "gen-node5"}})),
        patch(
            f"{NODES}/gen-node5", {"spec": {"unschedulable": True, "taints": [{"key": "a", "effect": "NoSchedule"}]}}, STRATEGIC
        ),
        get(f"{NODES}/gen-node5", TABLE),
    ),
    probe("event", CLIENT_GO, post(EVENTS, event())),
    probe("event table", KUBECTL, quietly(post(EVENTS, event())), get(EVENTS, TABLE)),
    probe("event upper case", CLIENT_GO, post(EVENTS, event("Upper.Case"))),
    probe("event bare", CLIENT_GO, post(EVENTS, {"metadata": {"name": "e"}})),
    probe("event other namespace", CLIENT_GO, post(EVENTS, event(involvedObject=INVOLVED | {"namespace": "other"}))),
    probe("event of cluster object", CLIENT_GO, post(EVENTS, event(involvedObject={"kind": "Node", "name": "n"}))),
    probe("event with time", CLIENT_GO, post(EVENTS, event(eventTime="2026-01-01T00:00:00.000000Z"))),
    probe("event odd type", CLIENT_GO, post(EVENTS, event(type="Odd"))),
    probe(
        "event full",
        CLIENT_GO,
        post(
            EVENTS,
            event(
                source={"component": "x"}, firstTimestamp="2026-01-01T00:00:00Z", lastTimestamp="2026-01-01T00:00:00Z", count=3
            ),
        ),
        get("/apis/events.k8s.io/v1/namespaces/<ns>/events/e.1"),
        patch(f"{EVENTS}/e.1", {"count": 4}, STRATEGIC),
    ),
    probe(
        "event new",
        CLIENT_GO,
        post(
            NEW_EVENTS,
            {
                "metadata": {"name": "n"},
                "eventTime": "2026-01-01T00:00:00.000000Z",
                "reportingController": "a.b/c",
                "reportingInstance": "i",
                "action": "Do",
                "reason": "R",
                "regarding": INVOLVED,
                "note": "x",
                "type": "Normal",
            },
        ),
        get(f"{EVENTS}/n"),
    ),
    probe(
        "event by object",
        CLIENT_GO,
        quietly(post(EVENTS, event())),
        get(f"{EVENTS}?fieldSelector=involvedObject.name=c,reason=Odd"),
        get(f"{EVENTS}?fieldSelector=involvedObject.name=x"),
        get(f"{NEW_EVENTS}?fieldSelector=regarding.name=c"),
    ),
    probe(
        "lease",
        CLIENT_GO,
        post(
            LEASES,
            {
                "metadata": {"name": "l"},
                "spec": {
                    "holderIdentity": "x",
                    "leaseDurationSeconds": 15,
                    "acquireTime": "2026-01-01T00:00:00.000000Z",
                    "renewTime": "2026-01-01T00:00:00.123456Z",
                    "leaseTransitions": 1,
                },
            },
        ),
        get(LEASES, TABLE),
    ),
    probe(
        "lease bad",
        KUBECTL,
        post(LEASES, {"metadata": {"name": "l"}, "spec": {"leaseDurationSeconds": 0}}),
        post(LEASES, {"metadata": {"name": "l"}, "spec": {"renewTime": "2026-01-01T00:00:00Z"}}),
    ),
    probe(
        "webhook configuration",
        CONTROLLER_RUNTIME,
        post(
            f"{HOOKS}/validatingwebhookconfigurations",
            {
                "metadata": {"name": "gen-hook"},
                "webhooks": [
                    {
                        "name": "a.b.c",
                        "clientConfig": {"url": "https://127.0.0.1:1/x"},
                        "sideEffects": "None",
                        "admissionReviewVersions": ["v1"],
                        "rules": [
                            {"apiGroups": ["none.test"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["x"]}
                        ],
                    }
                ],
            },
        ),
    ),
    probe(
        "lease as client-go writes it",
        CLIENT_GO,
        post(
            f"{LEASES}",
            {
                "metadata": {"name": "l"},
                "spec": {
                    "holderIdentity": "a_1",
                    "leaseDurationSeconds": 15,
                    "acquireTime": "2026-01-01T00:00:00.000000Z",
                    "renewTime": "2026-01-01T00:00:00.000000Z",
                    "leaseTransitions": 0,
                },
            },
        ),
        patch(f"{LEASES}/l", {"spec": {"holderIdentity": "b", "leaseTransitions": 1}}),
        get(LEASES, TABLE),
        post(LEASES, {"metadata": {"name": "m"}, "spec": {"renewTime": "2026-01-01T00:00:00Z"}}),
        post(LEASES, {"metadata": {"name": "n"}, "spec": {"renewTime": "x"}}),
        post(LEASES, {"metadata": {"name": "n"}, "spec": {"leaseDurationSeconds": 0}}),
    ),
    probe(
        "event counted and collected",
        CLIENT_GO,
        post(
            f"{IN}/events",
            {
                "metadata": {"name": "e"},
                "involvedObject": {"kind": "Pod", "name": "p", "namespace": "<ns>"},
                "reason": "R",
                "message": "m",
                "type": "Warning",
                "count": 1,
                "firstTimestamp": "2026-01-01T00:00:00Z",
                "lastTimestamp": "2026-01-01T00:00:00Z",
                "source": {"component": "c"},
            },
        ),
        patch(f"{IN}/events/e", {"count": 2, "lastTimestamp": "2026-01-02T00:00:00Z"}),
        get("/apis/events.k8s.io/v1/namespaces/<ns>/events/e"),
        get(f"{IN}/events?fieldSelector=involvedObject.name%3Dp,type%3DWarning", PARTIALS),
        delete(f"{IN}/events"),
    ),
    probe(
        "node, further",
        CONTROLLER_RUNTIME,
        post(
            "/api/v1/nodes",
            {"metadata": {"name": "<ns>"}, "spec": {"podCIDR": "10.0.0.0/24", "taints": [{"key": "a", "effect": "NoSchedule"}]}},
        ),
        patch("/api/v1/nodes/<ns>", {"spec": {"unschedulable": True}}),
        patch(
            "/api/v1/nodes/<ns>/status",
            {
                "status": {
                    "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
                    "nodeInfo": {"kubeletVersion": "v1.36.3"},
                    "addresses": [{"type": "InternalIP", "address": "1.2.3.4"}],
                    "capacity": {"cpu": "4", "memory": "1048576Ki"},
                }
            },
            STRATEGIC,
        ),
        get("/api/v1/nodes/<ns>", TABLE),
        patch("/api/v1/nodes/<ns>", {"spec": {"podCIDR": "10.1.0.0/24"}}),
        delete("/api/v1/nodes/<ns>"),
    ),
    probe(
        "node in a table",
        KUBECTL,
        post(
            "/api/v1/nodes",
            {
                "metadata": {"name": "<ns>", "labels": {"node-role.kubernetes.io/worker": "", "kubernetes.io/role": "x"}},
                "spec": {"unschedulable": True},
            },
        ),
        get("/api/v1/nodes/<ns>", TABLE),
        delete("/api/v1/nodes/<ns>"),
    ),
)
