"""CustomResourceDefinitions: their life, their refusals, what they make of versions and schemas."""

from tests.emulated.apiserver.oracle.asking import TABLE, Step, delete, get, patch, post, probe, put, quietly
from tests.emulated.apiserver.oracle.clients import CONTROLLER_RUNTIME, KUBECTL
from tests.emulated.apiserver.oracle.paths import CRDS
from tests.emulated.apiserver.oracle.probes.kinds.custom_kinds import (
    GROUP,
    TEXT,
    aged,
    changing,
    evolving,
    leaving,
    lone,
    moving,
    plain,
    rival,
    taken,
    version,
    wrong,
)
from tests.emulated.apiserver.oracle.probes.kinds.custom_kinds import schema as schema_of
from tests.emulated.apiserver.oracle.things import crd, with_meta

OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
ESTABLISHED = {"status.conditions.1.type": "Established", "status.conditions.1.status": "True"}


def refused(name: str, client: str, body):
    return probe(f"definition {name}", client, post(CRDS, body))


def versions(*names: str, **more):
    return [
        {"name": name, "served": True, "storage": index == 0, "schema": {"openAPIV3Schema": OPEN}} | more
        for index, name in enumerate(names)
    ]


def lives(plural: str, *steps, body=None):
    """A definition made and established, and then what is done with it."""
    return (
        quietly(post(CRDS, body or crd(plural, plural.title(), OPEN))),
        get(f"{CRDS}/{plural}.probe.test", until=ESTABLISHED, quiet=True),
        get(f"/apis/probe.test/v1/{plural}", until={"code": 200}, quiet=True),
        *steps,
    )


BASE = crd("bads", "Bad", OPEN)

PROBES = (
    refused("misnamed", KUBECTL, with_meta(BASE, name="other.probe.test")),
    refused("without schema", KUBECTL, crd("bads", "Bad", OPEN, schema=None)),
    refused("scope bad", KUBECTL, crd("bads", "Bad", OPEN, scope="Odd")),
    refused("no storage", KUBECTL, crd("bads", "Bad", OPEN, storage=False)),
    refused("no versions", KUBECTL, crd("bads", "Bad", OPEN, versions=[])),
    refused("version bad name", KUBECTL, crd("bads", "Bad", OPEN, versions=versions("V_1"))),
    refused("kind bad", KUBECTL, crd("bads", "bad kind", OPEN)),
    refused("plural bad", KUBECTL, crd("Bads", "Bad", OPEN)),
    refused("short name bad", KUBECTL, crd("bads", "Bad", OPEN, names={"shortNames": ["B_"]})),
    refused("unknown field", KUBECTL, crd("bads", "Bad", OPEN, odd=1) | {"metadata": {"name": "bads.odd.test"}}),
    probe(
        "definition deprecated without words",
        CONTROLLER_RUNTIME,
        *lives(
            "agings",
            get("/apis/probe.test/v1/namespaces/default/agings"),
            quietly(delete(f"{CRDS}/agings.probe.test")),
            body=crd("agings", "Agings", OPEN, deprecated=True),
        ),
    ),
    probe(
        "definition not served",
        CONTROLLER_RUNTIME,
        *lives(
            "halfs",
            get("/apis/probe.test/v2/halfs"),
            quietly(delete(f"{CRDS}/halfs.probe.test")),
            body=crd("halfs", "Halfs", OPEN, versions=[versions("v1")[0], versions("x", "v2", served=False)[1]]),
        ),
    ),
    probe(
        "definition without status subresource",
        CONTROLLER_RUNTIME,
        *lives(
            "plains",
            post(
                "/apis/probe.test/v1/namespaces/default/plains",
                {"apiVersion": "probe.test/v1", "kind": "Plains", "metadata": {"name": "x"}, "status": {"a": 1}},
            ),
            patch("/apis/probe.test/v1/namespaces/default/plains/x", {"status": {"a": 2}}),
            patch("/apis/probe.test/v1/namespaces/default/plains/x/status", {"status": {"a": 3}}),
            quietly(delete(f"{CRDS}/plains.probe.test")),
        ),
    ),
    probe(
        "definition again",
        KUBECTL,
        *lives("agains", post(CRDS, crd("agains", "Agains", OPEN)), quietly(delete(f"{CRDS}/agains.probe.test"))),
    ),
    probe(
        "definition put without version",
        KUBECTL,
        *lives("puts", put(f"{CRDS}/puts.probe.test", crd("puts", "Puts", OPEN)), quietly(delete(f"{CRDS}/puts.probe.test"))),
    ),
    probe(
        "definition applied",
        KUBECTL,
        patch(f"{CRDS}/applys.probe.test?fieldManager=m", crd("applys", "Applys", OPEN), "application/apply-patch+yaml"),
        quietly(delete(f"{CRDS}/applys.probe.test")),
    ),
    probe(
        "definition from birth",
        KUBECTL,
        post(CRDS, lone.definition),
        Step("GET", f"{CRDS}/{lone.name}", until={"status.conditions.1.status": "True"}),
        quietly(get(lone.all, until={"code": 200})),
        get(lone.all),
        get(f"/apis/{GROUP}/v1", quiet=True),
        delete(f"{CRDS}/{lone.name}"),
        get(f"{CRDS}/{lone.name}", until={"code": 404}),
        get(lone.all, until={"code": 404}),
    ),
    probe(
        "definition of bad versions",
        KUBECTL,
        post(CRDS, wrong(version={"name": "V1"})),
        post(CRDS, wrong(version={"storage": False})),
    ),
    probe("definition dry, further", KUBECTL, post(f"{CRDS}?dryRun=All", wrong()), get(f"{CRDS}/bads.more.probe.test")),
    probe(
        "definition changed, further",
        CONTROLLER_RUNTIME,
        *changing.ready,
        patch(f"{CRDS}/{changing.name}", {"spec": {"names": {"kind": "Other"}}}),
        patch(f"{CRDS}/{changing.name}", {"spec": {"scope": "Cluster"}}),
        patch(f"{CRDS}/{changing.name}", {"spec": {"names": {"shortNames": ["chg"], "categories": ["all"]}}}),
        Step("GET", f"{CRDS}/{changing.name}", until={"status.acceptedNames.shortNames": ["chg"]}),
        patch(f"{CRDS}/{changing.name}", {"spec": {"group": "x.y"}}),
    ),
    probe(
        "definition gets another schema",
        CONTROLLER_RUNTIME,
        *evolving.ready,
        evolving.new("a", a="x", b="y"),
        put(f"{CRDS}/{evolving.name}", evolving.definition),
        quietly(get(f"{CRDS}/{evolving.name}", saves={"rv": "metadata.resourceVersion"})),
        quietly(
            patch(
                f"{CRDS}/{evolving.name}",
                [
                    {
                        "op": "add",
                        "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/c",
                        "value": {"type": "string", "default": "C"},
                    },
                    {"op": "remove", "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/b"},
                ],
                "application/json-patch+json",
            )
        ),
        Step("GET", f"{evolving.all}/a", until={"spec.c": "C"}),
        patch(f"{evolving.all}/a", {"spec": {"a": "z"}}),
    ),
    probe(
        "definition switches its storage",
        CONTROLLER_RUNTIME,
        *moving.ready,
        moving.new("a", a="x"),
        quietly(
            patch(
                f"{CRDS}/{moving.name}",
                [
                    {
                        "op": "add",
                        "path": "/spec/versions/-",
                        "value": version("v2", schema_of(a=TEXT, b=TEXT | {"default": "B"}), storage=True),
                    },
                    {"op": "replace", "path": "/spec/versions/0/storage", "value": False},
                ],
                "application/json-patch+json",
            )
        ),
        Step("GET", f"{moving.at('v2')}/a", until={"code": 200}),
        Step("GET", f"{CRDS}/{moving.name}", until={"status.storedVersions.1": "v2"}),
        patch(f"{moving.all}/a", {"spec": {"a": "y"}}),
        patch(f"{CRDS}/{moving.name}", [{"op": "remove", "path": "/spec/versions/0"}], "application/json-patch+json"),
        patch(f"{CRDS}/{moving.name}/status", {"status": {"storedVersions": ["v2"]}}, quiet=True),
        patch(f"{CRDS}/{moving.name}", [{"op": "remove", "path": "/spec/versions/0"}], "application/json-patch+json", quiet=True),
        get(moving.all, until={"code": 404}),
    ),
    probe(
        "definition of a name that is taken",
        KUBECTL,
        *taken.ready,
        quietly(post(CRDS, rival.definition)),
        Step("GET", f"{CRDS}/{rival.name}", until={"status.conditions.0.reason": "ListKindConflict"}),
        get(rival.all),
    ),
    probe(
        "definition deleted while instances are held",
        KUBECTL,
        *leaving.ready,
        post(leaving.all, leaving.body("a") | {"metadata": {"name": "a", "finalizers": ["a.b/c"]}}, quiet=True),
        delete(f"{CRDS}/{leaving.name}"),
        Step("GET", f"{leaving.all}/a", until={"metadata.deletionGracePeriodSeconds": 0}),
        leaving.new("b"),
        patch(f"{leaving.all}/a", {"metadata": {"finalizers": None}}, quiet=True),
        get(f"{CRDS}/{leaving.name}", until={"code": 404}),
    ),
    probe(
        "definition of a deprecated version",
        CONTROLLER_RUNTIME,
        *aged.ready,
        get(aged.at("v1beta1"), until={"code": 200}),
        post(aged.at("v1beta1"), aged.body("a", "v1beta1")),
        get(f"{aged.all}/a"),
        get("/apis/more.probe.test/v1beta1", quiet=True),
    ),
    probe(
        "definition seen",
        KUBECTL,
        *plain.ready,
        get(f"{CRDS}/{plain.name}"),
        get(f"{CRDS}/{plain.name}", TABLE),
        get(f"{CRDS}/none.probe.test"),
        delete(f"{CRDS}/none.probe.test"),
    ),
    probe(
        "definition with unknown fields",
        KUBECTL,
        post(f"{CRDS}?fieldValidation=Strict", wrong({"type": "object", "properties": {"a": {"type": "string", "odd": 1}}})),
    ),
)
