"""What the server fills in and refuses for the kinds that tell who may do what."""

from harness.emulated.apiserver.kinds.errors import Json, invalid_value, required, unsupported
from harness.emulated.apiserver.kinds.naming_rules import subdomain_problems

RBAC = "rbac.authorization.k8s.io"


def role_causes(body: Json, _: Json | None) -> list[Json]:
    """What is wrong with a Role: a namespace has no paths of the server."""
    why = "namespaced rules cannot apply to non-resource URLs"
    return [
        invalid_value(f"rules[{at}].nonResourceURLs", each["nonResourceURLs"], why)
        for at, each in enumerate(body.get("rules") or ())
        if each.get("nonResourceURLs") and body["kind"] == "Role"
    ]


def binding_causes(body: Json, live: Json | None) -> list[Json]:
    """Default a RoleBinding or ClusterRoleBinding, and what is wrong with it."""
    role, wide = body["roleRef"], body["kind"] == "ClusterRoleBinding"
    role["apiGroup"] = role.get("apiGroup") or RBAC
    found = [unsupported("roleRef.kind", "Role", ["ClusterRole"])] if wide and role.get("kind") == "Role" else []
    for at, subject in enumerate(body.get("subjects") or ()):
        if subject["kind"] in {"User", "Group"}:
            subject["apiGroup"] = subject.get("apiGroup") or RBAC
        found += _subject_causes(subject, f"subjects[{at}]", wide=wide)
    if live and live["roleRef"] != role:
        shown = {name: role.get(key, "") for name, key in (("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name"))}
        found.append(invalid_value("roleRef", shown, "cannot change roleRef"))
    return found


def _subject_causes(subject: Json, path: str, *, wide: bool) -> list[Json]:
    if subject["kind"] != "ServiceAccount":
        odd = subject["kind"] in {"User", "Group"} and subject["apiGroup"] != RBAC
        return [unsupported(f"{path}.apiGroup", subject["apiGroup"], [RBAC])] if odd else []
    found = [
        invalid_value(f"{path}.name", subject["name"], why) for why in subdomain_problems(subject["name"]) if subject["name"]
    ]
    return [*found, required(f"{path}.namespace")] if wide and not subject.get("namespace") else found
