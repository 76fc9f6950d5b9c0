"""A fake of what an API server writes to its audit log: events of `audit.k8s.io/v1`, at level Metadata."""

import json
from typing import Any

MOMENT = "2026-11-30T12:00:01"


def event(verb: str = "patch", name: str = "node-1", *, user: str = "anna", stage: str = "ResponseComplete", **more: Any) -> dict:
    """One event; `reference` alters what it is about."""
    reference = {
        "resource": "baremetalhosts",
        "namespace": "metal3",
        "name": name,
        "apiGroup": "metal3.io",
        "apiVersion": "v1alpha1",
    }
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": "b8a2",
        "stage": stage,
        "requestURI": f"/apis/metal3.io/v1alpha1/namespaces/metal3/baremetalhosts/{name}?fieldManager=kubectl-patch",
        "verb": verb,
        "user": {"username": user, "groups": ["system:authenticated"]},
        "sourceIPs": ["127.0.0.1"],
        "userAgent": "kubectl/v1.36.3 (linux/amd64)",
        "objectRef": reference | more.pop("reference", {}),
        "responseStatus": {"metadata": {}, "code": 200},
        "requestReceivedTimestamp": f"{MOMENT}.100000Z",
        "stageTimestamp": f"{MOMENT}.200000Z",
        "annotations": {"authorization.k8s.io/decision": "allow"},
        **more,
    }


def line(*args: Any, **more: Any) -> bytes:
    return json.dumps(event(*args, **more)).encode() + b"\n"
