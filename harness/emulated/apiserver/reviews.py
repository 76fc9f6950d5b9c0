"""Reviews: everything is allowed, and whoever bears the token is the administrator."""

from aiohttp import web

from harness.emulated.apiserver import metadata
from harness.emulated.apiserver.errors import method_not_allowed
from harness.emulated.apiserver.kinds import Json, Resource
from harness.emulated.apiserver.negotiation import json_answer, read_body

USER: Json = {"username": "emulated-admin", "groups": ["system:masters", "system:authenticated"]}
_STATUS: dict[str, Json] = {
    "SelfSubjectAccessReview": {"allowed": True},
    "SubjectAccessReview": {"allowed": True},
    "SelfSubjectReview": {"userInfo": USER},
    "TokenReview": {"authenticated": True, "user": USER},
}


async def answer(request: web.Request, resource: Resource) -> web.Response:
    """The review with its status: 201."""
    if request.method != "POST":
        raise method_not_allowed()
    body = metadata.check_type(resource, await read_body(request))
    return json_answer(body | {"status": _STATUS[resource.kind]}, 201)
