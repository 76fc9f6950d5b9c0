"""`/healthz`, `/livez` and `/readyz`: always healthy, listing the same check names as a real server."""

from aiohttp import web

_COMMON = ("ping", "log")
_HOOKS = (
    *("start-apiserver-admission-initializer", "generic-apiserver-start-informers", "priority-and-fairness-config-consumer"),
    *("priority-and-fairness-filter", "storage-object-count-tracker-hook", "start-apiextensions-informers"),
    *("start-apiextensions-controllers", "crd-informer-synced", "start-system-namespaces-controller"),
    *("peer-endpoint-reconciler-controller", "start-cluster-authentication-info-controller"),
    *("start-kube-apiserver-identity-lease-controller", "start-kube-apiserver-identity-lease-garbage-collector"),
    *("storage-readiness", "start-legacy-token-tracking-controller", "start-service-ip-repair-controllers"),
    *("rbac/bootstrap-roles", "scheduling/bootstrap-system-priority-classes", "priority-and-fairness-config-producer"),
    *("bootstrap-controller", "start-kubernetes-service-cidr-controller", "start-kube-aggregator-informers"),
    *("apiservice-status-local-available-controller", "apiservice-status-remote-available-controller"),
    *("apiservice-registration-controller", "apiservice-discovery-controller", "kube-apiserver-autoregistration"),
)
_LAST = ("apiservice-openapi-controller", "apiservice-openapiv3-controller")
_STARTED = (
    *(f"poststarthook/{each}" for each in _HOOKS),
    "autoregister-completion",
    *(f"poststarthook/{each}" for each in _LAST),
)
_ALIVE = (*_COMMON, "loopback-serving-certificate", "etcd", *_STARTED)
CHECKS = {
    "healthz": _ALIVE,
    "livez": _ALIVE,
    "readyz": (*_COMMON, "etcd", "etcd-readiness", "informer-sync", *_STARTED, "shutdown"),
}
PATHS = tuple(f"/{name}{check and f'/{check}'}" for name, checks in CHECKS.items() for check in ("", *checks))


def answer(request: web.Request, path: str) -> web.Response | None:
    """The answer of a path of health; None for any other."""
    if path not in PATHS:
        return None
    name, _, check = path.strip("/").partition("/")
    told = web.Response(text="ok")
    if not check and "verbose" in request.query:
        left = set(request.query.getall("exclude", ()))
        lines = (f"[+]{each} {'excluded: ' if each in left else ''}ok\n" for each in CHECKS[name])
        told.text = f"{''.join(lines)}{name} check passed\n"
    told.headers["X-Content-Type-Options"] = "nosniff"
    return told
