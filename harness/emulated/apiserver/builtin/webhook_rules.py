"""What the server fills into configurations of webhooks, and what it refuses in them."""

from collections.abc import Iterator

from harness.emulated.apiserver.kinds.errors import Json, invalid_value, required, unsupported


def webhook_causes(body: Json, _: Json | None) -> list[Json]:
    """Default a configuration of webhooks, and what is wrong with it."""
    for hook in body.get("webhooks") or ():
        for key, value in (("failurePolicy", "Fail"), ("matchPolicy", "Equivalent"), ("timeoutSeconds", 10)):
            hook.setdefault(key, value)
        hook.setdefault("namespaceSelector", {})
        hook.setdefault("objectSelector", {})
        for rule in hook.get("rules") or ():
            rule.setdefault("scope", "*")
    return [each for at, hook in enumerate(body.get("webhooks") or ()) for each in _webhook_causes(hook, f"webhooks[{at}]")]


def _webhook_causes(hook: Json, path: str) -> Iterator[Json]:
    name, effects, client = hook.get("name") or "", hook.get("sideEffects"), hook.get("clientConfig") or {}
    if name.count(".") < 2:
        yield invalid_value(f"{path}.name", name, "should be a domain with at least three segments separated by dots")
    if not effects:
        yield required(f"{path}.sideEffects", "must specify one of None, NoneOnDryRun")
    elif effects not in {"None", "NoneOnDryRun"}:
        yield unsupported(f"{path}.sideEffects", effects, ["None", "NoneOnDryRun"])
    if bool(client.get("url")) == bool(client.get("service")):
        yield required(f"{path}.clientConfig", "exactly one of url or service is required")
    if not hook.get("admissionReviewVersions"):
        yield required(f"{path}.admissionReviewVersions", "must specify one of v1, v1beta1")
