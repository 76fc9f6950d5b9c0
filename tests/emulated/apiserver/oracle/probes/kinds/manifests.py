"""Manifests of every day, as a team's repository has them: what is made of them, and what becomes of their slips."""

from tests.emulated.apiserver.oracle.asking import (
    APPLY,
    JSON_PATCH,
    STRATEGIC,
    TABLE,
    Step,
    get,
    patch,
    post,
    probe,
    put,
    quietly,
)
from tests.emulated.apiserver.oracle.clients import KUBECTL
from tests.emulated.apiserver.oracle.paths import DEPLOYS
from tests.emulated.apiserver.oracle.things import deployment, workload

WEB = {
    "name": "web",
    "image": "nginx:1.25",
    "ports": [{"containerPort": 80, "name": "http"}],
    "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "0.5", "memory": "0.5Gi"}},
    "livenessProbe": {"httpGet": {"path": "/", "port": "http"}, "initialDelaySeconds": 3},
    "readinessProbe": {"tcpSocket": {"port": 80}},
    "envFrom": [{"configMapRef": {"name": "c"}}],
    "volumeMounts": [{"name": "data", "mountPath": "/data"}, {"name": "conf", "mountPath": "/etc/x", "readOnly": True}],
}
VOLUMES = [
    {"name": "data", "emptyDir": {"sizeLimit": "1Gi"}},
    {"name": "conf", "configMap": {"name": "c", "items": [{"key": "a", "path": "b"}]}},
]
LABELS = {"app.kubernetes.io/name": "web"}


def made(labels=None, **spec):
    return {"metadata": {"labels": labels or LABELS}, "spec": {"containers": [WEB], "volumes": VOLUMES} | spec}


def web(**spec):
    return workload("Deployment", "apps/v1", "web", selector={"matchLabels": LABELS}, template=made(), **spec)


PROBES = (
    probe(
        "deployment of a team",
        KUBECTL,
        post(DEPLOYS, web(replicas=3)),
        get(DEPLOYS, TABLE),
        get(f"{DEPLOYS}/web/scale"),
        patch(f"{DEPLOYS}/web/scale", {"spec": {"replicas": 5}}),
        patch(
            f"{DEPLOYS}/web",
            {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:1.26"}]}}}},
            STRATEGIC,
        ),
        patch(f"{DEPLOYS}/web", {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "s:1"}]}}}}, STRATEGIC),
    ),
    probe(
        "deployment restarted",
        KUBECTL,
        quietly(post(DEPLOYS, web())),
        patch(
            f"{DEPLOYS}/web?fieldManager=kubectl-rollout",
            {"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"}}}}},
            STRATEGIC,
        ),
        patch(
            f"{DEPLOYS}/web?fieldManager=kubectl-set",
            {
                "spec": {
                    "template": {
                        "spec": {
                            "$setElementOrder/containers": [{"name": "web"}],
                            "containers": [{"name": "web", "env": [{"name": "A", "value": "1"}]}],
                        }
                    }
                }
            },
            STRATEGIC,
        ),
        patch(f"{DEPLOYS}/web", {"metadata": {"annotations": {"kubernetes.io/change-cause": "x"}}}, STRATEGIC),
        patch(f"{DEPLOYS}/web", {"spec": {"paused": True}}),
    ),
    probe(
        "kustomized apply",
        KUBECTL,
        patch(f"{DEPLOYS}/web?fieldManager=flux&force=true", web(replicas=1), APPLY),
        patch(
            f"{DEPLOYS}/web?fieldManager=hpa",
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 3}},
            APPLY,
        ),
        patch(
            f"{DEPLOYS}/web?fieldManager=hpa&force=true",
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 3}},
            APPLY,
        ),
        patch(f"{DEPLOYS}/web?fieldManager=flux", web(), APPLY),
        patch(f"{DEPLOYS}/web?fieldManager=flux&dryRun=All", web(replicas=2), APPLY),
        patch(
            f"{DEPLOYS}/web?fieldManager=side",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "web"},
                "spec": {
                    "template": {
                        "spec": {
                            "containers": [
                                {"name": "web", "ports": [{"containerPort": 81}], "env": [{"name": "A", "value": "b"}]}
                            ]
                        }
                    }
                },
            },
            APPLY,
        ),
        patch(
            f"{DEPLOYS}/web?fieldManager=side",
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}},
            APPLY,
        ),
    ),
    probe(
        "json patches of every day",
        KUBECTL,
        quietly(post(DEPLOYS, web(replicas=1))),
        patch(
            f"{DEPLOYS}/web",
            [{"op": "test", "path": "/spec/replicas", "value": 2}, {"op": "replace", "path": "/spec/replicas", "value": 3}],
            JSON_PATCH,
        ),
        patch(
            f"{DEPLOYS}/web",
            [{"op": "add", "path": "/spec/template/spec/containers/-", "value": {"name": "b", "image": "j"}}],
            JSON_PATCH,
        ),
        patch(f"{DEPLOYS}/web", [{"op": "remove", "path": "/spec/template/spec/containers/5"}], JSON_PATCH),
        patch(f"{DEPLOYS}/web", [{"op": "add", "path": "/metadata/labels/a~1b", "value": "c"}], JSON_PATCH),
        patch(f"{DEPLOYS}/web", [{"op": "add", "path": "/metadata/labels", "value": {"a/b": "c"}}], JSON_PATCH),
        patch(f"{DEPLOYS}/web", [{"op": "replace", "path": "/spec/selector/matchLabels", "value": {"x": "y"}}], JSON_PATCH),
    ),
    probe(
        "puts of every day",
        KUBECTL,
        quietly(post(DEPLOYS, web(replicas=1), saves={"rv": "metadata.resourceVersion"})),
        put(f"{DEPLOYS}/web", web(replicas=2)),
        put(f"{DEPLOYS}/web", web(replicas=2) | {"metadata": {"name": "web", "resourceVersion": "<rv>"}}),
        put(f"{DEPLOYS}/web", web(replicas=3) | {"metadata": {"name": "web", "uid": "x"}}),
        put(f"{DEPLOYS}/web", web(replicas=2)),
        put(f"{DEPLOYS}/none", web() | {"metadata": {"name": "none"}}),
        put(f"{DEPLOYS}/web/status", web() | {"status": {"replicas": 1}}),
        put(f"{DEPLOYS}/web/scale", {"metadata": {"name": "web"}, "spec": {"replicas": 7}}),
        put(f"{DEPLOYS}/web", deployment("web"), quiet=True),
        Step("PUT", f"{DEPLOYS}/web", {"spec": {}}),
    ),
    probe(
        "strategic patches with directives",
        KUBECTL,
        quietly(post(DEPLOYS, web())),
        patch(
            f"{DEPLOYS}/web", {"spec": {"template": {"spec": {"containers": [{"name": "web", "$patch": "delete"}]}}}}, STRATEGIC
        ),
        patch(
            f"{DEPLOYS}/web",
            {"spec": {"template": {"spec": {"volumes": [{"name": "data", "emptyDir": None, "hostPath": {"path": "/x"}}]}}}},
            STRATEGIC,
        ),
        patch(f"{DEPLOYS}/web", {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}, STRATEGIC),
        patch(f"{DEPLOYS}/web", {"spec": {"template": {"metadata": {"labels": {"$patch": "replace", "a": "b"}}}}}, STRATEGIC),
        patch(
            f"{DEPLOYS}/web",
            {
                "spec": {
                    "template": {"spec": {"containers": [{"name": "web", "ports": [{"containerPort": 80, "$patch": "delete"}]}]}}
                }
            },
            STRATEGIC,
        ),
    ),
)
