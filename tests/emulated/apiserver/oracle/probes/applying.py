"""Server-side apply: what one request makes of an object, and what it refuses."""

from tests.emulated.apiserver.oracle.asking import APPLY, get, patch, probe, quietly
from tests.emulated.apiserver.oracle.clients import CONTROLLER_RUNTIME, KUBECTL
from tests.emulated.apiserver.oracle.paths import CM, DEPLOY, GADGETS, NS, WIDGET
from tests.emulated.apiserver.oracle.things import CUSTOM, MADE, cm, configmap, deployment, gadget, widget, with_meta


def applied(body, manager: str = "me", path: str = WIDGET, **more):
    return patch(f"{path}?fieldManager={manager}{'&force=true' if more.pop('force', False) else ''}", body, APPLY, **more)


PROBES = (
    probe(
        "apply creates",
        CONTROLLER_RUNTIME,
        applied(widget("one", size=1, tags=["x"])),
        applied(widget("one", size=1, tags=["x"])),
    ),
    probe(
        "apply nothing",
        CONTROLLER_RUNTIME,
        applied({"apiVersion": "probe.test/v1", "kind": "Widget", "metadata": {"name": "one"}}),
    ),
    probe("apply changes", CONTROLLER_RUNTIME, applied(widget("one", size=1, word="ab")), applied(widget("one", size=2))),
    probe(
        "apply conflict",
        CONTROLLER_RUNTIME,
        applied(widget("one", size=1)),
        applied(widget("one", size=2), "you"),
        applied(widget("one", size=2), "you", force=True),
    ),
    probe(
        "apply shared",
        CONTROLLER_RUNTIME,
        applied(widget("one", size=1)),
        applied(widget("one", size=1), "you"),
        applied(widget("one", size=1, word="ab"), "you"),
    ),
    probe("apply conflict with update", CONTROLLER_RUNTIME, CUSTOM, applied(widget("one", size=2, word="ab"))),
    probe(
        "apply two conflicts",
        CONTROLLER_RUNTIME,
        CUSTOM,
        applied(widget("one", size=2, colour="blue", ports=[{"port": 1, "name": "z"}])),
    ),
    probe(
        "apply list map",
        CONTROLLER_RUNTIME,
        applied(widget("one", size=1, ports=[{"port": 1}])),
        applied(widget("one", size=1, ports=[{"port": 2}]), "you"),
        applied(widget("one", size=1, ports=[])),
    ),
    probe(
        "apply set",
        CONTROLLER_RUNTIME,
        applied(widget("one", size=1, tags=["a"])),
        applied(widget("one", size=1, tags=["b"]), "you"),
        applied(widget("one", size=1)),
    ),
    probe(
        "apply atomic list",
        CONTROLLER_RUNTIME,
        applied(widget("one", size=1, plain=["a"])),
        applied(widget("one", size=1, plain=["b"]), "you"),
    ),
    probe(
        "apply whole",
        CONTROLLER_RUNTIME,
        applied(gadget("whole", whole={"a": "x"}), path=f"{GADGETS}/whole"),
        applied(gadget("whole", whole={"b": "x"}), "you", path=f"{GADGETS}/whole"),
    ),
    probe(
        "apply other version",
        CONTROLLER_RUNTIME,
        applied(widget("one", size=1)),
        applied(widget("one", size=2, version="v1beta1"), path=WIDGET.replace("/v1/", "/v1beta1/")),
    ),
    probe(
        "apply unknown field",
        KUBECTL,
        applied(widget("one", size=1, odd=1)),
        patch(f"{WIDGET}?fieldManager=me&fieldValidation=Strict", widget("one", size=1, odd=1), APPLY),
    ),
    probe("apply invalid", CONTROLLER_RUNTIME, applied(widget("one", size=99)), applied(widget("one", size="x"))),
    probe("apply duplicate keys", CONTROLLER_RUNTIME, applied(widget("one", size=1, ports=[{"port": 1}, {"port": 1}]))),
    probe("apply yaml", KUBECTL, applied("apiVersion: probe.test/v1\nkind: Widget\nmetadata:\n  name: one\nspec:\n  size: 4\n")),
    probe(
        "apply status",
        CONTROLLER_RUNTIME,
        CUSTOM,
        applied(
            {"apiVersion": "probe.test/v1", "kind": "Widget", "metadata": {"name": "one"}, "status": {"state": "well"}},
            path=f"{WIDGET}/status",
        ),
    ),
    probe(
        "apply status missing",
        CONTROLLER_RUNTIME,
        applied(
            {"apiVersion": "probe.test/v1", "kind": "Widget", "metadata": {"name": "one"}, "status": {"state": "well"}},
            path=f"{WIDGET}/status",
        ),
    ),
    probe("apply dry", KUBECTL, patch(f"{WIDGET}?fieldManager=me&dryRun=All", widget("one", size=1), APPLY), get(WIDGET)),
    probe(
        "apply in missing namespace",
        KUBECTL,
        applied(widget("one", size=1), path="/apis/probe.test/v1/namespaces/nowhere/widgets/one"),
    ),
    probe(
        "apply configmap",
        CONTROLLER_RUNTIME,
        applied(configmap("one", a="1"), path=CM),
        applied(configmap("one", b="1"), path=CM),
        applied(configmap("one", b="2"), "you", path=CM),
    ),
    probe(
        "apply over update",
        CONTROLLER_RUNTIME,
        MADE,
        applied(configmap("one", a="1"), path=CM),
        applied(cm("one"), path=CM),
        patch(CM, {"data": {"a": "7"}}),
        applied(configmap("one", a="8"), path=CM),
    ),
    probe("apply configmap unknown", KUBECTL, applied(configmap("one", a="1") | {"odd": 1}, path=CM)),
    probe(
        "apply deployment",
        CONTROLLER_RUNTIME,
        applied(deployment("one"), path=DEPLOY),
        applied(deployment("one"), "you", path=DEPLOY),
    ),
    probe(
        "apply deployment replicas",
        KUBECTL,
        applied(deployment("one"), path=DEPLOY),
        quietly(patch(f"{DEPLOY}/scale", {"spec": {"replicas": 3}})),
        get(DEPLOY),
        applied(
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "one"}, "spec": {"replicas": 2}},
            "you",
            path=DEPLOY,
        ),
    ),
    probe(
        "apply labels",
        CONTROLLER_RUNTIME,
        applied(with_meta(configmap("one"), labels={"a": "1"}), path=CM),
        applied(with_meta(configmap("one"), labels={"b": "1"}), path=CM),
    ),
    probe(
        "apply owners",
        CONTROLLER_RUNTIME,
        applied(
            with_meta(
                cm("one"), ownerReferences=[{"apiVersion": "v1", "kind": "X", "name": "n", "uid": "u"}], finalizers=["a.b/c"]
            ),
            path=CM,
        ),
    ),
    probe(
        "apply removes the last finalizer",
        CONTROLLER_RUNTIME,
        applied(with_meta(cm("one"), finalizers=["a.b/c"]), path=CM, quiet=True),
        applied(cm("one"), path=CM),
    ),
    probe(
        "apply namespace",
        KUBECTL,
        patch(
            f"{NS}/gen-apply?fieldManager=me", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "gen-apply"}}, APPLY
        ),
    ),
    probe(
        "update after apply",
        CONTROLLER_RUNTIME,
        applied(widget("one", size=1)),
        patch(WIDGET, {"spec": {"size": 2}}),
        applied(widget("one", size=1)),
        applied(widget("one", size=1), force=True),
    ),
)
