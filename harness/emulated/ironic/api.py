"""The part of the Ironic API that BMO, agents and observers use: paths, microversions, authentication, error bodies."""

import base64
import binascii
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from harness.emulated.ironic.agent_link import AgentLink
from harness.emulated.ironic.conductor import Conductor
from harness.emulated.ironic.nodes import INTERFACES, BaremetalNode, Body, Database, IronicFaultError

VERSION_HEADER = "X-OpenStack-Ironic-API-Version"
NEWEST_VERSION = (1, 115)
OLDEST_VERSION = (1, 1)
DEFAULT_FIELDS = ["uuid", "name", "instance_uuid", "maintenance", "power_state", "provision_state", "links"]
STATE_FIELDS = [
    "power_state",
    "target_power_state",
    "provision_state",
    "target_provision_state",
    "provision_updated_at",
    "last_error",
]
FILTERS = ("provision_state", "fault", "driver", "instance_uuid", "owner", "resource_class")
PUBLIC_PATHS = ("/v1/lookup", "/v1/heartbeat/", "/v1/continue_inspection", "/redfish/", "/pxelinux.cfg/")
LIST_LIMIT = 1000


class Api:
    """The paths; `credentials` are user and password, None for an Ironic that lets everybody in."""

    def __init__(self, database: Database, conductor: Conductor, agents: AgentLink, credentials: tuple[str, str] | None) -> None:
        self._database = database
        self._conductor = conductor
        self._agents = agents
        self._credentials = credentials

    def application(self, *outer: Middleware) -> web.Application:
        """The application; `outer` middlewares come before its own."""
        application = web.Application(middlewares=[*outer, self._middleware()], client_max_size=64 << 20)
        application.add_routes(self._routes())
        return application

    def _routes(self) -> list[web.RouteDef]:
        one = "/v1/nodes/{ident}"
        return [
            web.get("/", self._root),
            web.get("/v1", self._version_one),
            web.get("/v1/", self._version_one),
            web.get("/v1/drivers", self._drivers),
            web.get("/v1/nodes", self._list_nodes),
            web.get("/v1/nodes/detail", self._list_nodes),
            web.post("/v1/nodes", self._create_node),
            web.get(one, self._show_node),
            web.patch(one, self._patch_node),
            web.delete(one, self._delete_node),
            web.get(f"{one}/states", self._show_states),
            web.put(f"{one}/states/provision", self._provision),
            web.put(f"{one}/states/power", self._power),
            web.get(f"{one}/validate", self._validate),
            web.get(f"{one}/bios", self._bios),
            web.get(f"{one}/firmware", self._firmware),
            web.get(f"{one}/inventory", self._inventory),
            web.get(f"{one}/ports", self._node_ports),
            web.put(f"{one}/maintenance", self._maintain),
            web.delete(f"{one}/maintenance", self._maintain),
            web.get("/v1/ports", self._list_ports),
            web.post("/v1/ports", self._create_port),
            web.get("/v1/lookup", self._lookup),
            web.post("/v1/heartbeat/{ident}", self._heartbeat),
            web.post("/v1/continue_inspection", self._continue_inspection),
            web.get("/redfish/boot-{ident}.iso", self._image),
            web.get("/pxelinux.cfg/{mac}", self._netboot),
        ]

    # --- what holds for every request ------------------------------------------------------------------------------------

    def _middleware(self) -> Middleware:
        @web.middleware
        async def serve(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                self._check_credentials(request)
                version = _version(request)
                answer = await handler(request)
            except IronicFaultError as refusal:
                answer, version = _fault(refusal.status, str(refusal)), OLDEST_VERSION
            except web.HTTPException as error:
                answer, version = _fault(error.status, error.text or error.reason), OLDEST_VERSION
            answer.headers["X-OpenStack-Ironic-API-Minimum-Version"] = _text(OLDEST_VERSION)
            answer.headers["X-OpenStack-Ironic-API-Maximum-Version"] = _text(NEWEST_VERSION)
            answer.headers[VERSION_HEADER] = _text(version)
            return answer

        return serve

    def _check_credentials(self, request: web.Request) -> None:
        public = request.path in ("/", "/v1", "/v1/") or request.path.startswith(PUBLIC_PATHS)
        if self._credentials and not public and _basic(request) != self._credentials:
            raise IronicFaultError(401, "Authorization required")

    # --- versions, drivers -----------------------------------------------------------------------------------------------

    async def _root(self, _: web.Request) -> web.Response:
        return _json({"name": "OpenStack Ironic API", "default_version": _about(), "versions": [_about()]})

    async def _version_one(self, _: web.Request) -> web.Response:
        return _json({"id": "v1", "version": _about(), "nodes": [], "ports": [], "drivers": []})

    async def _drivers(self, _: web.Request) -> web.Response:
        hosts = [self._conductor.name]
        return _json({"drivers": [{"name": name, "type": "dynamic", "hosts": hosts, "links": []} for name in INTERFACES]})

    # --- nodes -----------------------------------------------------------------------------------------------------------

    def _node(self, request: web.Request) -> BaremetalNode:
        return self._database.find(request.match_info["ident"])

    async def _list_nodes(self, request: web.Request) -> web.Response:
        detail = request.path.endswith("/detail") or request.query.get("detail", "").lower() == "true"
        fields = None if detail else _fields(request) or DEFAULT_FIELDS
        nodes = [node for node in self._database if _matches(node, request)]
        start = 0
        if "marker" in request.query:
            start = 1 + next((at for at, node in enumerate(nodes) if node.uuid == request.query["marker"]), len(nodes))
        limit = min(int(request.query.get("limit", LIST_LIMIT)), LIST_LIMIT)
        page = nodes[start : start + limit]
        body: Body = {"nodes": [node.shown(fields) for node in page]}
        if start + limit < len(nodes):
            body["next"] = str(request.url.update_query(marker=page[-1].uuid))
        return _json(body)

    async def _create_node(self, request: web.Request) -> web.Response:
        return _json(self._database.create(await _object(request)).shown(), 201)

    async def _show_node(self, request: web.Request) -> web.Response:
        return _json(self._node(request).shown(_fields(request)))

    async def _patch_node(self, request: web.Request) -> web.Response:
        node, operations = self._node(request), await _content(request)
        if not isinstance(operations, list):
            raise IronicFaultError(400, "A JSON patch is a list of operations.")
        node.patch(operations)
        return _json(node.shown())

    async def _delete_node(self, request: web.Request) -> web.Response:
        node = self._node(request)
        node.check_free()
        self._database.delete(node)
        self._conductor.forget(node)
        return web.Response(status=204)

    async def _show_states(self, request: web.Request) -> web.Response:
        return _json(self._node(request).shown(STATE_FIELDS))

    async def _provision(self, request: web.Request) -> web.Response:
        body = await _object(request)
        self._conductor.provision(self._node(request), str(body.get("target")), body.get("configdrive"))
        return web.Response(status=202)

    async def _power(self, request: web.Request) -> web.Response:
        body = await _object(request)
        self._conductor.power(self._node(request), str(body.get("target")), body.get("timeout"))
        return web.Response(status=202)

    async def _maintain(self, request: web.Request) -> web.Response:
        node, wanted = self._node(request), request.method == "PUT"
        reason = (await _object(request)).get("reason") if wanted and request.can_read_body else None
        node.body.update(maintenance=wanted, maintenance_reason=reason, fault=None)
        return web.Response(status=202)

    async def _validate(self, request: web.Request) -> web.Response:
        self._node(request)
        names = ("bios", "boot", "console", "deploy", "firmware", "inspect", "management", "network", "power", "raid")
        return _json({name: {"result": True} for name in names})

    async def _bios(self, request: web.Request) -> web.Response:
        return _json({"bios": self._node(request).bios})

    async def _firmware(self, request: web.Request) -> web.Response:
        return _json({"firmware": self._node(request).firmware})

    async def _inventory(self, request: web.Request) -> web.Response:
        node = self._node(request)
        if node.inventory is None:
            raise IronicFaultError(404, f"Inventory for node {node.uuid} could not be found.")
        return _json({"inventory": node.inventory, "plugin_data": {}})

    # --- ports -----------------------------------------------------------------------------------------------------------

    async def _list_ports(self, request: web.Request) -> web.Response:
        ports = list(self._database.ports.values())
        if "address" in request.query:
            ports = self._database.ports_with([request.query["address"]])
        if "node" in request.query or "node_uuid" in request.query:
            owner = self._database.find(request.query.get("node") or request.query["node_uuid"])
            ports = [port for port in ports if port["node_uuid"] == owner.uuid]
        return _json({"ports": ports})

    async def _node_ports(self, request: web.Request) -> web.Response:
        return _json({"ports": self._database.ports_of(self._node(request))})

    async def _create_port(self, request: web.Request) -> web.Response:
        return _json(self._database.add_port(await _object(request)), 201)

    # --- agents ----------------------------------------------------------------------------------------------------------

    async def _lookup(self, request: web.Request) -> web.Response:
        addresses = request.query.get("addresses", "").split(",")
        return _json(self._agents.lookup(addresses, request.query.get("node_uuid", "")))

    async def _heartbeat(self, request: web.Request) -> web.Response:
        self._agents.heartbeat(request.match_info["ident"], await _object(request))
        return web.Response(status=202)

    async def _continue_inspection(self, request: web.Request) -> web.Response:
        return _json({"uuid": self._agents.inspected(await _object(request)).uuid}, 202)

    async def _image(self, request: web.Request) -> web.Response:
        return web.Response(text=self._agents.image(request.match_info["ident"]))

    async def _netboot(self, request: web.Request) -> web.Response:
        return web.Response(text=self._agents.netboot(request.match_info["mac"].replace("-", ":")))


def _about() -> Body:
    versions = {"min_version": _text(OLDEST_VERSION), "version": _text(NEWEST_VERSION)}
    return {"id": "v1", "status": "CURRENT", **versions, "links": []}


def _text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _version(request: web.Request) -> tuple[int, int]:
    """The microversion that is spoken; IronicFaultError (406) for one that this Ironic does not know."""
    wanted = request.headers.get(VERSION_HEADER)
    if wanted is None:
        return OLDEST_VERSION
    if wanted == "latest":
        return NEWEST_VERSION
    try:
        major, minor = (int(part) for part in wanted.split("."))
    except ValueError as error:
        raise IronicFaultError(400, f"Invalid value for {VERSION_HEADER} header") from error
    if not OLDEST_VERSION <= (major, minor) <= NEWEST_VERSION:
        raise IronicFaultError(406, f"Version {wanted} was requested but the minor version is not supported by this service.")
    return major, minor


def _basic(request: web.Request) -> tuple[str, str] | None:
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password


def _fields(request: web.Request) -> list[str] | None:
    named = [name for value in request.query.getall("fields", []) for name in value.split(",")]
    return named or None


def _matches(node: BaremetalNode, request: web.Request) -> bool:
    return all(str(node.body[name]) == request.query[name] for name in FILTERS if name in request.query)


async def _content(request: web.Request) -> Any:
    try:
        return msgspec.json.decode(await request.read())
    except msgspec.DecodeError as error:
        raise IronicFaultError(400, "The request body is not JSON.") from error


async def _object(request: web.Request) -> Body:
    content = await _content(request)
    if not isinstance(content, dict):
        raise IronicFaultError(400, "The request body is not a JSON object.")
    return content


def _json(content: object, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(content), content_type="application/json", status=status)


def _fault(status: int, text: str) -> web.Response:
    """An error as Ironic writes it: JSON within JSON."""
    fault = {"faultcode": "Client" if status < 500 else "Server", "faultstring": text, "debuginfo": None}
    answer = _json({"error_message": msgspec.json.encode(fault).decode()}, status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="Baremetal API"'
    return answer
