"""What the server fills into a Service, and what it refuses in one."""

from hashlib import blake2b

from harness.emulated.apiserver.errors import Json, invalid_value, required, unsupported

TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]
RANGE = "10.96"


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
    found = []
    if spec["type"] not in TYPES:
        found.append(unsupported("spec.type", spec["type"], TYPES))
    elif not ports and spec["type"] != "ExternalName" and spec.get("clusterIP") != "None":
        found.append(required("spec.ports"))
    for index, port in enumerate(ports):
        found += _port_causes(port, f"spec.ports[{index}]", several=len(ports) > 1)
    if live and spec["type"] == live["spec"]["type"] and spec.get("clusterIP") not in (None, live["spec"].get("clusterIP")):
        found.append(invalid_value("spec.clusterIPs[0]", [spec["clusterIP"]], "may not change once set"))
    if live:
        kept = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
        spec |= {key: live["spec"][key] for key in kept if key in live["spec"] and key not in spec}
    return found


def _port_causes(port: Json, path: str, *, several: bool) -> list[Json]:
    found = [required(f"{path}.name")] if several and not port.get("name") else []
    for key in ("port", "targetPort"):
        if isinstance(port[key], int) and not 0 < port[key] < 65536:
            found.append(invalid_value(f"{path}.{key}", port[key], "must be between 1 and 65535, inclusive"))
    return found


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
