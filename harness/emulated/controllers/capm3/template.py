"""Metal3DataTemplate: gives every claim an index and a Metal3Data, and keeps the list of indexes."""

from harness.emulated.controllers.informer import Informer, NamespacedName
from harness.emulated.controllers.objects import (
    add_finalizer,
    cluster_of,
    drop_finalizers,
    is_deleted,
    is_paused,
    patch_status,
    status_copy,
)
from harness.emulated.controllers.runtime import ControllerManager
from harness.emulated.kube.client import AlreadyExistsError, Client, Json, NotFoundError
from harness.emulated.kube.resources import CLUSTERS, METAL3_DATA, METAL3_DATA_CLAIMS, METAL3_DATA_TEMPLATES
from harness.emulated.kube.times import timestamp

REQUEUE_SECONDS = 30.0
FINALIZER = "metal3datatemplate.infrastructure.cluster.x-k8s.io"
CLAIM_FINALIZER = "metal3dataclaim.infrastructure.cluster.x-k8s.io"
LOST_INDEX = "index of the claim was not found in the template's status"


class Metal3DataTemplateReconciler:
    """The reconciler of Metal3DataTemplates and their claims."""

    def __init__(self, manager: ControllerManager) -> None:
        self._client: Client = manager.client
        self._clusters: Informer = manager.informer(CLUSTERS)
        self._ours: Informer = manager.informer(METAL3_DATA_TEMPLATES)
        self._claims: Informer = manager.informer(METAL3_DATA_CLAIMS)
        self._data: Informer = manager.informer(METAL3_DATA)
        queue = manager.controller(METAL3_DATA_TEMPLATES, self.reconcile, watch_status=False)
        manager.maps(METAL3_DATA_CLAIMS, queue, _template_of)

    async def reconcile(self, key: NamespacedName) -> float | None:
        """One template, which goes after its last claim. Claims of a paused Cluster wait, unless they are being deleted."""
        ours = self._ours.get(key)
        if ours is None:
            return None
        claims = [claim for claim in self._claims.items(key[0]) if _template_of(claim) == [key]]
        if is_deleted(ours) and not claims:
            await drop_finalizers(self._client, METAL3_DATA_TEMPLATES, ours, FINALIZER)
            return None
        ours = ours if is_deleted(ours) else await add_finalizer(self._client, self._ours, ours, FINALIZER)
        indexes = self._indexes(ours)
        waiting = False
        for claim in claims:
            if is_deleted(claim):
                await self._end_claim(claim, indexes)
            elif self._waits(ours, claim):
                waiting = True
            else:
                await self._serve_claim(ours, claim, indexes)
        await self._write_status(ours, indexes, visible=not waiting)
        return REQUEUE_SECONDS if waiting else None

    def _indexes(self, ours: Json) -> dict[str, int]:
        """Claim name to index, from the Metal3Data there are."""
        meta = ours["metadata"]
        mine = [each for each in self._data.items(meta["namespace"]) if each["spec"]["template"]["name"] == meta["name"]]
        return {each["spec"]["claim"]["name"]: each["spec"]["index"] for each in mine if not is_deleted(each)}

    def _waits(self, ours: Json, claim: Json) -> bool:
        cluster = cluster_of(self._clusters, claim, ours["spec"].get("clusterName", ""))
        return cluster is None or is_paused(cluster)

    async def _serve_claim(self, ours: Json, claim: Json, indexes: dict[str, int]) -> None:
        name, meta = claim["metadata"]["name"], claim["metadata"]
        if name not in indexes:
            indexes[name] = next(index for index in range(len(indexes) + 1) if index not in indexes.values())
            await self._make_data(ours, claim, indexes[name])
        claim = await add_finalizer(self._client, self._claims, claim, CLAIM_FINALIZER)
        rendered = {"name": f"{ours['metadata']['name']}-{indexes[name]}", "namespace": meta["namespace"]}
        status = {key: value for key, value in status_copy(claim).items() if key != "errorMessage"}
        await patch_status(self._client, self._claims, claim, {**status, "renderedData": rendered})

    async def _make_data(self, ours: Json, claim: Json, index: int) -> None:
        meta = claim["metadata"]
        controller = {**METAL3_DATA_CLAIMS.reference(claim), "controller": True}
        shown = ("apiVersion", "kind", "name", "uid")
        owners = [ref for ref in meta.get("ownerReferences", []) if ref["kind"] == "Metal3Machine"]
        names = {"claim": meta["name"], "template": ours["metadata"]["name"]}
        references = {field: {"name": name, "namespace": meta["namespace"]} for field, name in names.items()}
        made = {
            "apiVersion": METAL3_DATA.api_version,
            "kind": METAL3_DATA.kind,
            "metadata": {
                "name": f"{ours['metadata']['name']}-{index}",
                "namespace": meta["namespace"],
                "labels": meta.get("labels", {}),
                "finalizers": [CLAIM_FINALIZER],
                "ownerReferences": [controller, *({key: ref[key] for key in shown} for ref in owners)],
            },
            "spec": {"index": index, **references},
        }
        try:
            self._data.learn(await self._client.create(METAL3_DATA, made))
        except AlreadyExistsError:
            return

    async def _end_claim(self, claim: Json, indexes: dict[str, int]) -> None:
        """Delete its Metal3Data, then drop the finalizer; a claim whose data is already gone gets an error message first."""
        name, namespace = claim["metadata"]["name"], claim["metadata"]["namespace"]
        data = next((each for each in self._data.items(namespace) if each["spec"]["claim"]["name"] == name), None)
        indexes.pop(name, None)
        try:
            if data is None:
                await patch_status(self._client, self._claims, claim, {"errorMessage": LOST_INDEX})
            elif CLAIM_FINALIZER in data["metadata"].get("finalizers", []):
                self._data.learn(await drop_finalizers(self._client, METAL3_DATA, data, CLAIM_FINALIZER))
                await self._client.delete(METAL3_DATA, data["metadata"]["name"], namespace)
            latest = self._claims.get((namespace, name)) or claim
            await drop_finalizers(self._client, METAL3_DATA_CLAIMS, latest, CLAIM_FINALIZER)
        except NotFoundError:
            return

    async def _write_status(self, ours: Json, indexes: dict[str, int], *, visible: bool) -> None:
        """Each reconcile updates `lastUpdated`. An index is listed once its claim is served and removed with its Metal3Data."""
        listed = [{"index": index, "name": name} for name, index in sorted(indexes.items(), key=lambda each: each[1])]
        status: Json = {"lastUpdated": timestamp()}
        if listed and (visible or ours.get("status", {}).get("indexes")):
            status["indexes"] = listed
        try:
            await patch_status(self._client, self._ours, ours, status)
        except NotFoundError:
            return


def _template_of(claim: Json) -> list[NamespacedName]:
    template = claim["spec"]["template"]
    return [(template.get("namespace") or claim["metadata"]["namespace"], template["name"])]
