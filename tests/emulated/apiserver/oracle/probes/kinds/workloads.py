"""Built-in objects as people write them: what is filled in, what is refused, what may not change."""

from tests.emulated.apiserver.oracle.asking import STRATEGIC, TABLE, get, patch, post, probe, quietly
from tests.emulated.apiserver.oracle.clients import KUBECTL
from tests.emulated.apiserver.oracle.paths import DEPLOYS, PODS
from tests.emulated.apiserver.oracle.things import deployment, pod


def deployed(name: str, client: str, /, **spec):
    body = deployment("d")
    return probe(name, client, post(DEPLOYS, body | {"spec": body["spec"] | spec}))


def templated(**spec):
    return {"metadata": {"labels": {"app": "d"}}, "spec": {"containers": [{"name": "a", "image": "i"}]} | spec}


PROBES = (
    probe(
        "pod filled in",
        KUBECTL,
        post(
            PODS,
            pod(
                "p",
                containers=[
                    {
                        "name": "a",
                        "image": "x/y:1",
                        "command": ["c"],
                        "env": [
                            {"name": "E", "value": "1"},
                            {"name": "F", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                        ],
                        "resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"}},
                        "ports": [{"containerPort": 80}],
                        "livenessProbe": {"httpGet": {"port": 80}},
                        "volumeMounts": [{"name": "v", "mountPath": "/v"}],
                    }
                ],
                volumes=[{"name": "v", "emptyDir": {}}, {"name": "w", "configMap": {"name": "c"}}],
            ),
        ),
        get(f"{PODS}/p/status"),
        get(PODS, TABLE),
    ),
    probe(
        "deployment changed",
        KUBECTL,
        quietly(post(DEPLOYS, deployment("d"))),
        patch(f"{DEPLOYS}/d", {"spec": {"selector": {"matchLabels": {"app": "x"}}}}),
        patch(f"{DEPLOYS}/d", {"spec": {"template": {"metadata": {"labels": {"app": "x"}}}}}),
        patch(f"{DEPLOYS}/d", {"spec": {"strategy": {"type": "Recreate"}}}),
        patch(f"{DEPLOYS}/d", {"spec": {"paused": True, "minReadySeconds": 5}}),
        get(DEPLOYS, TABLE),
    ),
    probe(
        "pod status in a table",
        KUBECTL,
        quietly(post(PODS, pod("p"))),
        patch(
            f"{PODS}/p/status",
            {
                "status": {
                    "phase": "Running",
                    "containerStatuses": [
                        {
                            "name": "a",
                            "ready": True,
                            "restartCount": 3,
                            "image": "i",
                            "imageID": "x",
                            "state": {"running": {"startedAt": "2020-01-01T00:00:00Z"}},
                        }
                    ],
                }
            },
            STRATEGIC,
        ),
        get(PODS, TABLE),
        patch(
            f"{PODS}/p/status",
            {
                "status": {
                    "containerStatuses": [
                        {
                            "name": "a",
                            "ready": False,
                            "restartCount": 3,
                            "image": "i",
                            "imageID": "x",
                            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                        }
                    ]
                }
            },
            STRATEGIC,
        ),
        get(PODS, TABLE),
        patch(f"{PODS}/p/status", {"status": {"reason": "Evicted", "phase": "Failed"}}),
        get(PODS, TABLE),
    ),
    probe("deployment", KUBECTL, post(DEPLOYS, deployment("d")), get(f"{DEPLOYS}/d"), get(DEPLOYS, TABLE)),
    deployed("deployment selector missing", KUBECTL, selector=None),
    deployed("deployment selector wrong", KUBECTL, selector={"matchLabels": {"app": "other"}}),
    deployed("deployment selector empty", KUBECTL, selector={}),
    deployed("deployment replicas negative", KUBECTL, replicas=-1),
    deployed("deployment replicas text", KUBECTL, replicas="x"),
    deployed("deployment no containers", KUBECTL, template={"metadata": {"labels": {"app": "d"}}, "spec": {"containers": []}}),
    deployed("deployment no template", KUBECTL, template=None),
    deployed("deployment container bare", KUBECTL, template=templated(containers=[{}])),
    deployed(
        "deployment containers twice",
        KUBECTL,
        template=templated(containers=[{"name": "a", "image": "i"}, {"name": "a", "image": "i"}]),
    ),
    deployed("deployment container bad name", KUBECTL, template=templated(containers=[{"name": "A_b", "image": "i"}])),
    deployed("deployment never restarts", KUBECTL, template=templated(restartPolicy="Never")),
    deployed("deployment recreate", KUBECTL, strategy={"type": "Recreate"}),
    deployed("deployment rolling parts", KUBECTL, strategy={"rollingUpdate": {"maxSurge": 1}}),
    deployed(
        "deployment latest image",
        KUBECTL,
        template=templated(containers=[{"name": "a", "image": "i:latest"}, {"name": "b", "image": "i:1"}]),
    ),
    deployed(
        "deployment rich",
        KUBECTL,
        template=templated(
            serviceAccountName="x",
            hostNetwork=True,
            nodeSelector={"a": "b"},
            tolerations=[{"operator": "Exists"}],
            initContainers=[{"name": "z", "image": "z", "command": ["c"]}],
            volumes=[
                {"name": "v", "secret": {"secretName": "s"}},
                {"name": "w", "configMap": {"name": "c"}},
                {"name": "x", "hostPath": {"path": "/x"}},
                {"name": "y", "emptyDir": {}},
            ],
            containers=[
                {
                    "name": "a",
                    "image": "i",
                    "env": [{"name": "E", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
                    "resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"}},
                    "volumeMounts": [{"name": "v", "mountPath": "/v"}],
                    "livenessProbe": {"httpGet": {"path": "/", "port": 80}},
                    "ports": [{"containerPort": 80, "name": "web"}],
                }
            ],
        ),
    ),
    probe(
        "deployment selector changed",
        KUBECTL,
        quietly(post(DEPLOYS, deployment("d"))),
        patch(
            f"{DEPLOYS}/d",
            {"spec": {"selector": {"matchLabels": {"app": "e"}}, "template": {"metadata": {"labels": {"app": "e"}}}}},
        ),
    ),
    probe(
        "deployment generation",
        KUBECTL,
        quietly(post(DEPLOYS, deployment("d"))),
        patch(f"{DEPLOYS}/d", {"spec": {"replicas": 0}}),
        patch(f"{DEPLOYS}/d", {"metadata": {"labels": {"a": "b"}}}),
        patch(
            f"{DEPLOYS}/d/status",
            {"status": {"replicas": 1, "observedGeneration": 2, "conditions": [{"type": "Available", "status": "True"}]}},
        ),
        get(DEPLOYS, TABLE),
    ),
    probe(
        "pod",
        KUBECTL,
        post(PODS, pod()),
        patch(f"{PODS}/p", {"spec": {"containers": [{"name": "a", "image": "j"}]}}, STRATEGIC),
        patch(f"{PODS}/p", {"spec": {"nodeName": "n"}}),
    ),
    probe("pod bare", KUBECTL, post(PODS, {"metadata": {"name": "p"}, "spec": {}}), post(PODS, {"metadata": {"name": "p"}})),
    probe(
        "pod status",
        KUBECTL,
        quietly(post(PODS, pod())),
        patch(
            f"{PODS}/p/status",
            {"status": {"phase": "Running", "podIP": "10.0.0.1", "conditions": [{"type": "Ready", "status": "True"}]}},
        ),
        get(PODS, TABLE),
    ),
)
