"""What no client of the ladder sends, and people do: it is refused as a Status, and never breaks the server."""

from typing import Any

import pytest

from harness.emulated.apiserver import ApiServer
from tests.emulated.apiserver.client import Client
from tests.emulated.apiserver.samples import APPLY, CONFIGMAPS, CRDS, MERGE, NS, STRATEGIC, WIDGETS, configmap

pytestmark = pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
JSON, YAML, PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"
JSON_PATCH = "application/json-patch+json"
ONE, NONE = f"{CONFIGMAPS}/one", f"{CONFIGMAPS}/none"
BODIES: tuple[tuple[Any, str, int], ...] = (
    (b"{junk", JSON, 400),
    (b'{"metadata": {"name": "cut"', JSON, 400),
    (b"\xef\xbb\xbf{}", JSON, 400),
    (b'{"metadata": {"name": "\\ud800"}}', JSON, 400),
    (b"[]", JSON, 400),
    (b'"text"', JSON, 400),
    (b'{"kind": 5}', JSON, 400),
    ({"kind": "Secret", "metadata": {"name": "x"}}, JSON, 400),
    ({"apiVersion": "v9", "metadata": {"name": "x"}}, JSON, 400),
    (b"a: [", YAML, 400),
    (b"k8s\x00junk", PROTOBUF, 400),
    (b"junk", PROTOBUF, 400),
    (b"{}", "text/csv", 415),
    ({"metadata": {"name": "x"}, "data": {"a": "x" * (3 << 20)}}, JSON, 413),
    ({"metadata": {"name": "x", "labels": {"a/b/c": "1", "/d": "2", "e" * 64: "3"}}}, JSON, 422),
)
QUERIES = (
    *("limit=x", "limit=1.5", "timeoutSeconds=x", "continue=junk", "continue=e30", "resourceVersion=junk"),
    *("labelSelector=a+b", "labelSelector=a+in+x", "labelSelector=-a-", "labelSelector=a>x", "labelSelector=a=-b-"),
    *("fieldSelector=junk", "fieldSelector=spec.x=y"),
)
OPTIONS = (
    *("resourceVersion=1&resourceVersionMatch=Odd", "sendInitialEvents=true"),
    *("watch=1&sendInitialEvents=true", "watch=1&resourceVersionMatch=Exact"),
)
PATCHES: tuple[tuple[Any, str, int], ...] = (
    (b"{junk", MERGE, 400),
    (b"[]", MERGE, 400),
    (b"null", MERGE, 400),
    ({}, JSON_PATCH, 400),
    ([{"op": "odd", "path": "/data"}], JSON_PATCH, 422),
    ([{"path": "/data"}], JSON_PATCH, 422),
    ([{"op": "add", "path": "data", "value": {}}], JSON_PATCH, 422),
    ([5], JSON_PATCH, 422),
    ({"data": {"$patch": "odd"}}, STRATEGIC, 500),
    ({"metadata": {"resourceVersion": "junk"}}, MERGE, 500),
    ({"kind": "Secret"}, MERGE, 422),
    (b"a: [", APPLY, 400),
    (b"[]", APPLY, 400),
    ({"apiVersion": "v1", "kind": "ConfigMap"}, "text/plain", 415),
)
APPLIES: tuple[tuple[str, Any, int], ...] = (
    (ONE, {"apiVersion": "v1", "kind": "ConfigMap"}, 422),
    (f"{ONE}?fieldManager=m", {"apiVersion": "v1", "kind": "Secret"}, 400),
    (f"{ONE}?fieldManager=m", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "two"}}, 400),
    (f"{NONE}?fieldManager=m", {"apiVersion": "v1", "kind": "ConfigMap"}, 400),
    (f"{NONE}?fieldManager=m", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "none", "uid": "x"}}, 409),
    (f"{ONE}?fieldManager=m", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one", "managedFields": [{}]}}, 400),
    (f"{ONE}?fieldManager={'m' * 129}", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}}, 422),
)
REQUESTS: tuple[tuple[str, str, Any, int], ...] = (
    ("DELETE", ONE, b"{junk", 400),
    ("DELETE", ONE, {"gracePeriodSeconds": "x"}, 400),
    ("DELETE", ONE, {"propagationPolicy": "Odd"}, 422),
    ("DELETE", f"{ONE}?gracePeriodSeconds=x", None, 400),
    ("POST", f"{CONFIGMAPS}?dryRun=Some", {"metadata": {"name": "x"}}, 422),
    ("POST", f"{CONFIGMAPS}?fieldValidation=Odd", {"metadata": {"name": "x"}}, 422),
    ("PATCH", f"{ONE}?force=true", {}, 415),
    ("GET", f"{ONE}?resourceVersion=99999999", None, 504),
    ("POST", f"{ONE}/status", {}, 404),
    ("GET", "/api/v1/nothings", None, 404),
    ("GET", "/apis/apps/v1/namespaces/room/deployments/x/y/z", None, 404),
    ("POST", "/api/v1/configmaps", {"metadata": {"name": "x"}}, 405),
    ("POST", ONE, {}, 405),
    ("POST", "/apis", {}, 405),
    ("GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", None, 405),
    ("POST", f"{NS}/room/bindings", {"metadata": {"name": "x"}}, 405),
    ("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", {"spec": {}}, 400),
    ("POST", CRDS, {"metadata": {"name": "x"}, "spec": {}}, 422),
    ("POST", WIDGETS, {"apiVersion": "probe.test/v1", "kind": "Gadget", "metadata": {"name": "x"}}, 422),
    ("POST", WIDGETS, {"apiVersion": "probe.test/v9", "kind": "Widget", "metadata": {"name": "x"}}, 400),
    ("POST", WIDGETS, {"metadata": {"name": "x"}}, 400),
)


@pytest.fixture
async def refused(client: Client) -> Any:
    """Sends a request; its code and reason, which must be those of a Status."""
    await client.define_widgets()
    await client.ask("POST", CONFIGMAPS, configmap("one", a="1"))

    async def ask(method: str, path: str, body: Any = None, content_type: str = JSON) -> int:
        code, status = await client.answer(method, path, body, content_type)
        assert (status["kind"], status["status"], status["code"]) == ("Status", "Failure", code), status
        return code

    yield ask
    assert (await client.ask("GET", ONE))["data"] == {"a": "1"}


@pytest.mark.parametrize(("body", "content_type", "code"), BODIES)
async def test_a_body_that_is_no_object_of_its_kind_is_refused(refused: Any, body: Any, content_type: str, code: int) -> None:
    assert await refused("POST", CONFIGMAPS, body, content_type) == code


@pytest.mark.parametrize("query", QUERIES)
async def test_a_query_that_cannot_be_read_is_refused(refused: Any, query: str) -> None:
    assert await refused("GET", f"{CONFIGMAPS}?{query}") == 400


@pytest.mark.parametrize("query", OPTIONS)
async def test_options_that_do_not_fit_together_are_refused(refused: Any, query: str) -> None:
    assert await refused("GET", f"{CONFIGMAPS}?{query}") == 422


@pytest.mark.parametrize(("body", "content_type", "code"), PATCHES)
async def test_a_patch_that_cannot_be_applied_is_refused(refused: Any, body: Any, content_type: str, code: int) -> None:
    assert await refused("PATCH", f"{ONE}?fieldManager=m", body, content_type) == code


@pytest.mark.parametrize(("path", "body", "code"), APPLIES)
async def test_an_apply_of_something_else_is_refused(refused: Any, path: str, body: Any, code: int) -> None:
    assert await refused("PATCH", path, body, APPLY) == code


@pytest.mark.parametrize(("method", "path", "body", "code"), REQUESTS)
async def test_a_request_that_nothing_can_be_made_of_is_refused(
    refused: Any, method: str, path: str, body: Any, code: int
) -> None:
    assert await refused(method, path, body) == code


async def test_discovery_says_where_a_path_leads(server: ApiServer, client: Client) -> None:
    paths = (await client.ask("GET", "/"))["paths"]
    assert {"/apis/apps/v1", "/healthz", "/openapi/v3"} <= set(paths)
