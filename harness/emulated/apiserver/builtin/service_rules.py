"""What the server fills into a Service, and what it refuses in one."""

from collections.abc import Iterator
from hashlib import blake2b

from harness.emulated.apiserver.builtin.network_rules import ADDRESS_SAYS, is_address
from harness.emulated.apiserver.kinds.errors import Json, cause, invalid_value, required, shown, unsupported
from harness.emulated.apiserver.kinds.naming_rules import label_causes, port_name_problems, subdomain_problems

TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]
PROTOCOLS = ["SCTP", "TCP", "UDP"]
RANGE = "10.96"
NODE_PORTS = range(30000, 32768)
_ADDRESSED = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")


def service_causes(body: Json, live: Json | None) -> list[Json]:
    """Default a Service, and what is wrong with it."""
    spec = body["spec"]
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    ports = spec.get("ports") or []
    for port in ports:
        port.setdefault("protocol", "TCP")
        port["targetPort"] = port.get("targetPort") or port["port"]
    if spec["type"] != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
    body["status"].setdefault("loadBalancer", {})
    _open_ports(body, spec, ports)
    found = _type_causes(spec)
    for index, port in enumerate(ports):
        found += _port_causes(port, f"spec.ports[{index}]", several=len(ports) > 1)
    found += _repeated(ports)
    if live and spec["type"] == live["spec"]["type"] and spec.get("clusterIP") not in (None, live["spec"].get("clusterIP")):
        found.append(invalid_value("spec.clusterIPs[0]", [spec["clusterIP"]], "may not change once set"))
    found += _outside_causes(spec)
    if spec.get("sessionAffinity") == "ClientIP":
        spec.setdefault("sessionAffinityConfig", {"clientIP": {"timeoutSeconds": 10800}})
    _keep_addresses(spec, (live or {}).get("spec"))
    return [*found, *_shape_causes(spec)]


def _open_ports(body: Json, spec: Json, ports: list[Json]) -> None:
    """What a Service that is reached from outside gets beside its address; one that is not any more loses it."""
    outside = spec["type"] in {"NodePort", "LoadBalancer"}
    if spec["type"] == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    if outside or spec.get("externalIPs"):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    for port in ports if outside and spec.get("allocateLoadBalancerNodePorts", True) else ():
        mark = f"{body['metadata'].get('namespace')}/{body['metadata'].get('name')}/{port['port']}/{port['protocol']}"
        number = int.from_bytes(blake2b(mark.encode(), digest_size=4).digest(), "big")
        port["nodePort"] = port.get("nodePort") or NODE_PORTS[number % len(NODE_PORTS)]


def _shape_causes(spec: Json) -> Iterator[Json]:
    yield from label_causes(spec.get("selector") or {}, "spec.selector")
    if (given := spec.get("clusterIP")) not in {None, "", "None"} and not is_address(given):
        yield invalid_value("spec.clusterIPs[0]", given, ADDRESS_SAYS)
    if spec["type"] == "ExternalName" and spec.get("externalName"):
        yield from (
            invalid_value("spec.externalName", spec["externalName"], why) for why in subdomain_problems(spec["externalName"])
        )
    for at, port in enumerate(spec.get("ports") or ()):
        if port.get("nodePort") and port["nodePort"] not in NODE_PORTS:
            why = f"provided port is not in the valid range. The range of valid ports is {NODE_PORTS[0]}-{NODE_PORTS[-1]}"
            yield invalid_value(f"spec.ports[{at}].nodePort", port["nodePort"], why)


def _type_causes(spec: Json) -> list[Json]:
    if spec["type"] not in TYPES:
        return [unsupported("spec.type", spec["type"], TYPES)]
    if spec["type"] == "ExternalName":
        return [] if spec.get("externalName") else [required("spec.externalName")]
    return [] if spec.get("ports") or spec.get("clusterIP") == "None" else [required("spec.ports")]


def _keep_addresses(spec: Json, live: Json | None) -> None:
    if live and spec["type"] == "ExternalName" and live["type"] != "ExternalName":
        for key in (*_ADDRESSED, "internalTrafficPolicy"):
            spec.pop(key, None)
    elif live:
        spec |= {key: live[key] for key in _ADDRESSED if key in live and key not in spec}


def _outside_causes(spec: Json) -> list[Json]:
    found = []
    for index, text in enumerate(spec.get("externalIPs") or ()):
        if not is_address(text):
            found.append(invalid_value(f"spec.externalIPs[{index}]", text, ADDRESS_SAYS))
    policy, reached = spec.get("externalTrafficPolicy"), spec["type"] in {"NodePort", "LoadBalancer"} or spec.get("externalIPs")
    if policy and not reached:
        found.append(invalid_value("spec.externalTrafficPolicy", policy, "may only be set for externally-accessible services"))
    return found


def _repeated(ports: list[Json]) -> list[Json]:
    marks = [(port["protocol"], port.get("port")) for port in ports]
    rest = {"TargetPort": 0, "NodePort": 0}
    return [
        cause("FieldValueDuplicate", f"spec.ports[{index}]", f"Duplicate value: {shown(twice | rest)}")
        for index, mark in enumerate(marks)
        if mark in marks[:index]
        for twice in [{"Name": "", "Protocol": mark[0], "AppProtocol": None, "Port": mark[1]}]
    ]


def _port_causes(port: Json, path: str, *, several: bool) -> list[Json]:
    found = [required(f"{path}.name")] if several and not port.get("name") else []
    found += _number_causes(port, "port", path)
    if port["protocol"] not in PROTOCOLS:
        found.append(unsupported(f"{path}.protocol", port["protocol"], PROTOCOLS))
    return [*found, *_number_causes(port, "targetPort", path)]


def _number_causes(port: Json, key: str, path: str) -> list[Json]:
    if isinstance(port[key], int) and not 0 < port[key] < 65536:
        return [invalid_value(f"{path}.{key}", port[key], "must be between 1 and 65535, inclusive")]
    return [
        invalid_value(f"{path}.{key}", port[key], each)
        for each in port_name_problems(str(port[key]))
        if isinstance(port[key], str)
    ]


def fill_service(body: Json) -> None:
    """Give a new Service its address."""
    spec = body["spec"]
    if spec.get("type") == "ExternalName":
        return
    headless = spec.get("clusterIP") == "None"
    digest = blake2b(f"{body['metadata']['namespace']}/{body['metadata'].get('name')}".encode(), digest_size=2).digest()
    spec.setdefault("clusterIP", f"{RANGE}.{digest[0]}.{digest[1]}")
    spec.setdefault("clusterIPs", [spec["clusterIP"]])
    dual = headless and not spec.get("selector")
    spec.setdefault("ipFamilies", ["IPv4", "IPv6"] if dual else ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "RequireDualStack" if dual else "SingleStack")
