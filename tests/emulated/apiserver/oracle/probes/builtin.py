# ruff: noqa: E501 -- one probe a line
"""Built-in kinds that pivots and their tools use: defaults, validation, what is fixed."""

from tests.emulated.apiserver.oracle.asking import STRATEGIC, get, patch, post, probe, put, quietly
from tests.emulated.apiserver.oracle.probes.reading import TABLE
from tests.emulated.apiserver.oracle.things import (
    CMS,
    DEPLOYS,
    IN,
    NS,
    PODS,
    SECRETS,
    SVCS,
    cm,
    configmap,
    deployment,
    pod,
    service,
    with_meta,
)

LEASES = "/apis/coordination.k8s.io/v1/namespaces/<ns>/leases"
EVENTS, NEW_EVENTS = f"{IN}/events", "/apis/events.k8s.io/v1/namespaces/<ns>/events"
NODES, ACCOUNTS = "/api/v1/nodes", f"{IN}/serviceaccounts"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
HOOKS = "/apis/admissionregistration.k8s.io/v1"
INVOLVED = {"apiVersion": "v1", "kind": "ConfigMap", "namespace": "<ns>", "name": "c"}


def secret(name: str, body):
    return probe(name, post(SECRETS, {"metadata": {"name": "s"}} | body))


def deployed(name: str, /, **spec):
    body = deployment("d")
    return probe(name, post(DEPLOYS, body | {"spec": body["spec"] | spec}))


def event(name: str = "e.1", **more):
    return {
        "metadata": {"name": name, "namespace": "<ns>"},
        "involvedObject": INVOLVED,
        "reason": "Odd",
        "message": "m",
        "type": "Normal",
    } | more


def templated(**spec):
    return {"metadata": {"labels": {"app": "d"}}, "spec": {"containers": [{"name": "a", "image": "i"}]} | spec}


PROBES = (
    secret("secret text over data", {"stringData": {"a": "x"}, "data": {"a": "eQ=="}}),
    secret("secret no base64", {"data": {"a": "%"}}),
    secret("secret bad key", {"data": {"a b": "eQ=="}}),
    secret("secret tls incomplete", {"type": "kubernetes.io/tls", "data": {}}),
    secret("secret docker json bad", {"type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": "x"}}),
    secret("secret docker json missing", {"type": "kubernetes.io/dockerconfigjson"}),
    secret("secret basic auth bare", {"type": "kubernetes.io/basic-auth"}),
    secret("secret ssh bare", {"type": "kubernetes.io/ssh-auth"}),
    secret("secret account bare", {"type": "kubernetes.io/service-account-token"}),
    secret("secret number", {"stringData": {"a": 1}}),
    secret("secret null value", {"data": {"a": None}}),
    secret("secret too large", {"stringData": {"a": "x" * 1048577}}),
    probe("secret type changed", quietly(post(SECRETS, {"metadata": {"name": "s"}})), patch(f"{SECRETS}/s", {"type": "other"})),
    probe("secret type removed", quietly(post(SECRETS, {"metadata": {"name": "s"}, "type": "x/y"})), put(f"{SECRETS}/s", {"metadata": {"name": "s"}})),
    probe("secret immutable", post(SECRETS, {"metadata": {"name": "s"}, "immutable": True, "data": {"a": "eQ=="}}), patch(f"{SECRETS}/s", {"data": {"a": "eA=="}}),
          patch(f"{SECRETS}/s", {"immutable": False}), patch(f"{SECRETS}/s", {"metadata": {"labels": {"a": "b"}}})),
    probe("secret by type", quietly(post(SECRETS, {"metadata": {"name": "s"}, "type": "cluster.x-k8s.io/secret"})), get(f"{SECRETS}?fieldSelector=type=cluster.x-k8s.io/secret"), get(SECRETS, TABLE)),
    probe("secret patched text", quietly(post(SECRETS, {"metadata": {"name": "s"}, "data": {"a": "eQ=="}})), patch(f"{SECRETS}/s", {"stringData": {"b": "x"}}), patch(f"{SECRETS}/s", {"stringData": {"c": "x"}}, STRATEGIC)),
    probe("configmap immutable", post(CMS, configmap("c", a="1") | {"immutable": True}), patch(f"{CMS}/c", {"data": {"a": "2"}}), patch(f"{CMS}/c", {"immutable": None}), patch(f"{CMS}/c", {"binaryData": {"x": "eQ=="}})),
    probe("configmap binary", post(CMS, cm(binaryData={"a": "eQ=="}))),
    probe("service account", post(ACCOUNTS, {"metadata": {"name": "a"}, "secrets": [{"name": "s"}], "automountServiceAccountToken": False}), get(ACCOUNTS, TABLE)),
    probe("service account token", quietly(post(ACCOUNTS, {"metadata": {"name": "a"}})), post(f"{ACCOUNTS}/a/token", {"spec": {"expirationSeconds": 600}}, quiet=True), post(f"{ACCOUNTS}/none/token", {"spec": {}})),
    probe("service", post(SVCS, service(clusterIP="None"))),
    probe("service cluster ip", post(SVCS, service(clusterIP="10.99.0.77")), patch(f"{SVCS}/s", {"spec": {"clusterIP": "10.99.0.78"}})),
    probe("service without ports", post(SVCS, {"metadata": {"name": "s"}, "spec": {}})),
    probe("service bad port", post(SVCS, service(clusterIP="None", ports=[{"port": 0}, {"port": 70000}]))),
    probe("service bad type", post(SVCS, service(clusterIP="None", type="Odd"))),
    probe("service bad name", post(SVCS, service("1s", clusterIP="None"))),
    probe("service external", post(SVCS, service(type="ExternalName", externalName="a.b", ports=None))),
    probe("deployment", post(DEPLOYS, deployment("d")), get(f"{DEPLOYS}/d"), get(DEPLOYS, TABLE)),
    deployed("deployment selector missing", selector=None),
    deployed("deployment selector wrong", selector={"matchLabels": {"app": "other"}}),
    deployed("deployment selector empty", selector={}),
    deployed("deployment replicas negative", replicas=-1),
    deployed("deployment replicas text", replicas="x"),
    deployed("deployment no containers", template={"metadata": {"labels": {"app": "d"}}, "spec": {"containers": []}}),
    deployed("deployment no template", template=None),
    deployed("deployment container bare", template=templated(containers=[{}])),
    deployed("deployment containers twice", template=templated(containers=[{"name": "a", "image": "i"}, {"name": "a", "image": "i"}])),
    deployed("deployment container bad name", template=templated(containers=[{"name": "A_b", "image": "i"}])),
    deployed("deployment bad port", template=templated(containers=[{"name": "a", "image": "i", "ports": [{"containerPort": 0}]}])),
    deployed("deployment never restarts", template=templated(restartPolicy="Never")),
    deployed("deployment recreate", strategy={"type": "Recreate"}),
    deployed("deployment recreate with rolling", strategy={"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}),
    deployed("deployment rolling parts", strategy={"rollingUpdate": {"maxSurge": 1}}),
    deployed("deployment latest image", template=templated(containers=[{"name": "a", "image": "i:latest"}, {"name": "b", "image": "i:1"}])),
    deployed("deployment rich", template=templated(
        serviceAccountName="x", hostNetwork=True, nodeSelector={"a": "b"}, tolerations=[{"operator": "Exists"}],
        initContainers=[{"name": "z", "image": "z", "command": ["c"]}],
        volumes=[{"name": "v", "secret": {"secretName": "s"}}, {"name": "w", "configMap": {"name": "c"}}, {"name": "x", "hostPath": {"path": "/x"}}, {"name": "y", "emptyDir": {}}],
        containers=[{"name": "a", "image": "i", "env": [{"name": "E", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}], "resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"}},
                     "volumeMounts": [{"name": "v", "mountPath": "/v"}], "livenessProbe": {"httpGet": {"path": "/", "port": 80}}, "ports": [{"containerPort": 80, "name": "web"}]}])),
    deployed("deployment volume mount unknown", template=templated(containers=[{"name": "a", "image": "i", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}])),
    probe("deployment selector changed", quietly(post(DEPLOYS, deployment("d"))), patch(f"{DEPLOYS}/d", {"spec": {"selector": {"matchLabels": {"app": "e"}}, "template": {"metadata": {"labels": {"app": "e"}}}}})),
    probe("deployment generation", quietly(post(DEPLOYS, deployment("d"))), patch(f"{DEPLOYS}/d", {"spec": {"replicas": 0}}), patch(f"{DEPLOYS}/d", {"metadata": {"labels": {"a": "b"}}}),
          patch(f"{DEPLOYS}/d/status", {"status": {"replicas": 1, "observedGeneration": 2, "conditions": [{"type": "Available", "status": "True"}]}}), get(DEPLOYS, TABLE)),
    probe("pod", post(PODS, pod()), patch(f"{PODS}/p", {"spec": {"containers": [{"name": "a", "image": "j"}]}}, STRATEGIC), patch(f"{PODS}/p", {"spec": {"nodeName": "n"}})),
    probe("pod bare", post(PODS, {"metadata": {"name": "p"}, "spec": {}}), post(PODS, {"metadata": {"name": "p"}})),
    probe("pod status", quietly(post(PODS, pod())), patch(f"{PODS}/p/status", {"status": {"phase": "Running", "podIP": "10.0.0.1", "conditions": [{"type": "Ready", "status": "True"}]}}), get(PODS, TABLE)),
    probe("node", post(NODES, {"metadata": {"name": "gen-node"}, "spec": {"providerID": "metal3://x"}})),
    probe("node with status", post(NODES, {"metadata": {"name": "gen-node2"}, "status": {"phase": "Running", "nodeInfo": {"bootID": "b"}}})),
    probe("node status", quietly(post(NODES, {"metadata": {"name": "gen-node3"}})),
          patch(f"{NODES}/gen-node3/status", {"status": {"conditions": [{"type": "Ready", "status": "True"}], "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}], "capacity": {"cpu": "4"}}}, STRATEGIC),
          get(f"{NODES}/gen-node3", TABLE)),
    probe("node provider changed", quietly(post(NODES, {"metadata": {"name": "gen-node4"}, "spec": {"providerID": "a"}})), patch(f"{NODES}/gen-node4", {"spec": {"providerID": "b"}})),
    probe("node taints", quietly(post(NODES, {"metadata": {"name": "gen-node5"}})), patch(f"{NODES}/gen-node5", {"spec": {"unschedulable": True, "taints": [{"key": "a", "effect": "NoSchedule"}]}}, STRATEGIC), get(f"{NODES}/gen-node5", TABLE)),
    probe("node taint bad", post(NODES, {"metadata": {"name": "gen-node6"}, "spec": {"taints": [{"key": "a", "effect": "Odd"}]}})),
    probe("event", post(EVENTS, event())),
    probe("event table", quietly(post(EVENTS, event())), get(EVENTS, TABLE)),
    probe("event upper case", post(EVENTS, event("Upper.Case"))),
    probe("event generated upper case", post(EVENTS, event() | {"metadata": {"generateName": "Upper-"}}, quiet=True), post(EVENTS, event() | {"metadata": {"generateName": "UPPER gen-"}})),
    probe("event odd name", post(EVENTS, event("a b")), post(EVENTS, event("a/b")), post(EVENTS, event("a%b"))),
    probe("event bare", post(EVENTS, {"metadata": {"name": "e"}})),
    probe("event other namespace", post(EVENTS, event(involvedObject=INVOLVED | {"namespace": "other"}))),
    probe("event of cluster object", post(EVENTS, event(involvedObject={"kind": "Node", "name": "n"}))),
    probe("event with time", post(EVENTS, event(eventTime="2026-01-01T00:00:00.000000Z"))),
    probe("event odd type", post(EVENTS, event(type="Odd"))),
    probe("event full", post(EVENTS, event(source={"component": "x"}, firstTimestamp="2026-01-01T00:00:00Z", lastTimestamp="2026-01-01T00:00:00Z", count=3)), get("/apis/events.k8s.io/v1/namespaces/<ns>/events/e.1"), patch(f"{EVENTS}/e.1", {"count": 4}, STRATEGIC)),
    probe("event new", post(NEW_EVENTS, {"metadata": {"name": "n"}, "eventTime": "2026-01-01T00:00:00.000000Z", "reportingController": "a.b/c", "reportingInstance": "i", "action": "Do", "reason": "R", "regarding": INVOLVED, "note": "x", "type": "Normal"}), get(f"{EVENTS}/n")),
    probe("event new bare", post(NEW_EVENTS, {"metadata": {"name": "n"}})),
    probe("event new upper case", post(NEW_EVENTS, {"metadata": {"name": "N"}})),
    probe("event by object", quietly(post(EVENTS, event())), get(f"{EVENTS}?fieldSelector=involvedObject.name=c,reason=Odd"), get(f"{EVENTS}?fieldSelector=involvedObject.name=x"), get(f"{NEW_EVENTS}?fieldSelector=regarding.name=c")),
    probe("lease", post(LEASES, {"metadata": {"name": "l"}, "spec": {"holderIdentity": "x", "leaseDurationSeconds": 15, "acquireTime": "2026-01-01T00:00:00.000000Z", "renewTime": "2026-01-01T00:00:00.123456Z", "leaseTransitions": 1}}), get(LEASES, TABLE)),
    probe("lease bad", post(LEASES, {"metadata": {"name": "l"}, "spec": {"leaseDurationSeconds": 0}}), post(LEASES, {"metadata": {"name": "l"}, "spec": {"renewTime": "2026-01-01T00:00:00Z"}})),
    probe("role", post(f"{RBAC}/namespaces/<ns>/roles", {"metadata": {"name": "r"}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}), get(f"{RBAC}/namespaces/<ns>/roles", TABLE)),
    probe("role bad", post(f"{RBAC}/namespaces/<ns>/roles", {"metadata": {"name": "r"}, "rules": [{"apiGroups": [""], "resources": ["pods"]}]}), post(f"{RBAC}/namespaces/<ns>/roles", {"metadata": {"name": "r:system"}})),
    probe("role binding", post(f"{RBAC}/namespaces/<ns>/rolebindings", {"metadata": {"name": "r"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"}, "subjects": [{"kind": "ServiceAccount", "name": "a", "namespace": "x"}, {"kind": "User", "name": "u"}]}),
          patch(f"{RBAC}/namespaces/<ns>/rolebindings/r", {"roleRef": {"name": "other"}})),
    probe("cluster role", post(f"{RBAC}/clusterroles", {"metadata": {"name": "gen:probe"}, "rules": []})),
    probe("cluster role binding", post(f"{RBAC}/clusterrolebindings", {"metadata": {"name": "gen:probe"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "gen:probe"}})),
    probe("webhook configuration", post(f"{HOOKS}/validatingwebhookconfigurations", {"metadata": {"name": "gen-hook"}, "webhooks": [{"name": "a.b.c", "clientConfig": {"url": "https://127.0.0.1:1/x"}, "sideEffects": "None", "admissionReviewVersions": ["v1"],
          "rules": [{"apiGroups": ["none.test"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["x"]}]}]})),
    probe("webhook configuration bad", post(f"{HOOKS}/validatingwebhookconfigurations", {"metadata": {"name": "gen-hook2"}, "webhooks": [{"name": "a"}]})),
    probe("persistent volume claim", post(f"{IN}/persistentvolumeclaims", {"metadata": {"name": "p"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}})),
    probe("config map of kube-system", get(f"{NS}/kube-system/configmaps?limit=1&labelSelector=none")),
    probe("job", post("/apis/batch/v1/namespaces/<ns>/jobs", {"metadata": {"name": "j"}, "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "i"}]}}}}, quiet=True), get("/apis/batch/v1/namespaces/<ns>/jobs/none")),
    probe("stateful set", post("/apis/apps/v1/namespaces/<ns>/statefulsets", {"metadata": {"name": "s"}, "spec": {"serviceName": "s", "selector": {"matchLabels": {"app": "d"}}, "template": templated()}})),
    probe("daemon set", post("/apis/apps/v1/namespaces/<ns>/daemonsets", {"metadata": {"name": "s"}, "spec": {"selector": {"matchLabels": {"app": "d"}}, "template": templated()}})),
    probe("replica set", post("/apis/apps/v1/namespaces/<ns>/replicasets", {"metadata": {"name": "s"}, "spec": {"selector": {"matchLabels": {"app": "d"}}, "template": templated()}})),
    probe("endpoints", post(f"{IN}/endpoints", with_meta(cm("e"), name="e") | {"kind": "Endpoints", "subsets": [{"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 80}]}]}) ),
)  # fmt: skip
