"""Secrets a host names: its BMC credentials, which BMO claims for the host, and what goes on its config drive."""

import copy

import yaml

from harness.emulated.controllers.bmo.registration import secret_data
from harness.emulated.controllers.informer import Informer
from harness.emulated.kube.client import Client, Json, NotFoundError
from harness.emulated.kube.resources import HOSTS, SECRETS

FINALIZER = "baremetalhost.metal3.io/secret"
LABEL = {"environment.metal3.io": "baremetal"}


class Secrets:
    """Reads, claims and releases the secrets of hosts."""

    def __init__(self, client: Client, informer: Informer) -> None:
        self._client = client
        self._informer = informer

    def credentials(self, host: Json) -> Json | None:
        """The BMC secret as last seen, or None; a host without a BMC has none."""
        bmc = host["spec"].get("bmc")
        return self._informer.get((host["metadata"]["namespace"], bmc["credentialsName"])) if bmc else None

    async def claim(self, host: Json, secret: Json) -> Json:
        """See that the secret bears BMO's label and finalizer, and the host as an owner; the secret as it is then."""
        wanted = copy.deepcopy(secret)
        meta = wanted["metadata"]
        meta["labels"] = {**meta.get("labels", {}), **LABEL}
        meta["finalizers"] = sorted({*meta.get("finalizers", []), FINALIZER})
        owners = meta.setdefault("ownerReferences", [])
        if all(owner["uid"] != host["metadata"]["uid"] for owner in owners):
            owners.append(HOSTS.reference(host))
        if not owners or wanted == secret:
            return secret
        return self._informer.learn(await self._client.put(SECRETS, wanted))

    async def release(self, host: Json) -> None:
        """Take the finalizer off, so that the secret can go with its host."""
        secret = self.credentials(host)
        if secret is None or FINALIZER not in secret["metadata"].get("finalizers", []):
            return
        wanted = copy.deepcopy(secret)
        wanted["metadata"]["finalizers"].remove(FINALIZER)
        self._informer.learn(await self._client.put(SECRETS, wanted))

    async def config_drive(self, host: Json) -> Json:
        """What Ironic is to write beside the image; a secret that is named but not there is left out, all others are labelled."""
        spec, meta = host["spec"], host["metadata"]
        drive: Json = {
            "meta_data": {
                "uuid": meta["uid"],
                "metal3-namespace": meta["namespace"],
                "metal3-name": meta["name"],
                "local-hostname": meta["name"],
                "name": meta["name"],
            }
        }
        if content := await self._content(spec.get("userData"), "value"):
            drive["user_data"] = content
        if content := await self._content(spec.get("networkData"), "networkData"):
            drive["network_data"] = yaml.safe_load(content)
        if content := await self._content(spec.get("metaData"), "metaData"):
            drive["meta_data"].update(yaml.safe_load(content))
        return drive

    async def _content(self, reference: Json | None, key: str) -> str:
        if not reference:
            return ""
        try:
            secret = await self._client.get(SECRETS, reference["name"], reference["namespace"])
        except NotFoundError:
            return ""
        if not LABEL.items() <= secret["metadata"].get("labels", {}).items():
            secret["metadata"]["labels"] = {**secret["metadata"].get("labels", {}), **LABEL}
            secret = self._informer.learn(await self._client.put(SECRETS, secret))
        return secret_data(secret).get(key, "")
