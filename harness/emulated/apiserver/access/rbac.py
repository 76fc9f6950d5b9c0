"""RBAC: decides by the Roles and bindings in the store and by the few built-in ones."""

from collections.abc import Iterable, Iterator

from harness.emulated.apiserver.access.users import KNOWN, UNKNOWN, AccessRequest, User
from harness.emulated.apiserver.kinds.errors import Json
from harness.emulated.apiserver.store.store import Store

GROUP = "rbac.authorization.k8s.io"
_SEEN = ("/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/")
_OPEN = ("/healthz", "/livez", "/readyz", "/version", "/version/")
_AUTHORIZATION, _AUTHENTICATION = "authorization.k8s.io", "authentication.k8s.io"


def _paths(*paths: str) -> Json:
    return {"nonResourceURLs": [*paths], "verbs": ["get"]}


def _created(group: str, *plurals: str) -> Json:
    return {"apiGroups": [group], "resources": [*plurals], "verbs": ["create"]}


_INBORN: tuple[tuple[str, list[Json], tuple[str, ...]], ...] = (
    (
        "system:basic-user",
        [
            _created(_AUTHORIZATION, "selfsubjectaccessreviews", "selfsubjectrulesreviews"),
            _created(_AUTHENTICATION, "selfsubjectreviews"),
        ],
        (KNOWN,),
    ),
    ("system:discovery", [_paths(*_SEEN)], (KNOWN,)),
    ("system:public-info-viewer", [_paths(*_OPEN)], (KNOWN, UNKNOWN)),
)


_EVERYTHING: Json = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
_EVERYWHERE: Json = {"nonResourceURLs": ["*"], "verbs": ["*"]}


class Rbac:
    """Decides by what is in the store now."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def allowed(self, user: User, asked: AccessRequest) -> tuple[bool, str]:
        """Whether a user may do this, and by which binding."""
        if user.is_master:
            return True, ""
        for rules, why in self._given(user, asked.namespace):
            if any(_permits(rule, asked) for rule in rules):
                return True, f"RBAC: allowed by {why}"
        return False, ""

    def rules_of(self, user: User, namespace: str) -> list[Json]:
        """All rules that hold for a user in a namespace."""
        own = [_EVERYTHING, _EVERYWHERE] if user.is_master else []
        return [*own, *(rule for rules, _ in self._given(user, namespace) for rule in rules)]

    def _given(self, user: User, namespace: str) -> Iterator[tuple[Iterable[Json], str]]:
        """Rules that hold for a user in a namespace, and how they came to do so."""
        for name, rules, groups in _INBORN:
            if found := next((group for group in groups if group in user.groups), ""):
                yield rules, f'ClusterRoleBinding "{name}" of ClusterRole "{name}" to Group "{found}"'
        yield from self._bound(user, "clusterrolebindings", "")
        if namespace:
            yield from self._bound(user, "rolebindings", namespace)

    def _bound(self, user: User, plural: str, namespace: str) -> Iterator[tuple[Iterable[Json], str]]:
        for key, stored in sorted(self._store.table((GROUP, plural)).items()):
            if key[0] != namespace:
                continue
            body = stored.read()
            role, where = body["roleRef"], f"{key[1]}/{namespace}" if namespace else key[1]
            if subject := next((each for each in body.get("subjects") or () if _is(user, each, namespace)), None):
                of = f'{subject["kind"]} "{_named(subject, namespace)}"'
                yield self._rules(role, namespace), f'{body["kind"]} "{where}" of {role["kind"]} "{role["name"]}" to {of}'

    def _rules(self, role: Json, namespace: str) -> list[Json]:
        plural, place = ("roles", namespace) if role["kind"] == "Role" else ("clusterroles", "")
        stored = self._store.get((GROUP, plural), (place, role["name"]))
        return (stored.read().get("rules") or []) if stored else []


def _named(subject: Json, namespace: str) -> str:
    account = subject["kind"] == "ServiceAccount"
    return f"{subject['name']}/{subject.get('namespace') or namespace}" if account else str(subject["name"])


def _is(user: User, subject: Json, namespace: str) -> bool:
    if subject["kind"] == "Group":
        return subject["name"] in user.groups
    account = f"system:serviceaccount:{subject.get('namespace') or namespace}:{subject['name']}"
    return user.name == (account if subject["kind"] == "ServiceAccount" else subject["name"])


def _permits(rule: Json, asked: AccessRequest) -> bool:
    verbs = rule.get("verbs") or ()
    if "*" not in verbs and asked.verb not in verbs:
        return False
    if asked.path:
        return any(_covers(each, asked.path) for each in rule.get("nonResourceURLs") or ())
    groups, resources, names = (rule.get(key) or () for key in ("apiGroups", "resources", "resourceNames"))
    wanted = {"*", f"{asked.resource}/{asked.part}", f"*/{asked.part}"} if asked.part else {"*", asked.resource}
    return bool({"*", asked.group} & {*groups} and wanted & {*resources}) and (not names or asked.name in names)


def _covers(pattern: str, path: str) -> bool:
    return pattern in {"*", path} or (pattern.endswith("*") and path.startswith(pattern.rstrip("*")))
