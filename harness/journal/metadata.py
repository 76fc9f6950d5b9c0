"""An object's metadata as checks may read it, whatever a recording holds."""

from typing import Any

from harness.journal.facts import Body

NOTHING = type(None)
SHAPES: dict[str, tuple[type, ...]] = {
    "labels": (dict, NOTHING),
    "annotations": (dict, NOTHING),
    "ownerReferences": (list, NOTHING),
    "finalizers": (list, NOTHING),
    "uid": (str,),
    "name": (str,),
}
"""The types of what checks read of an object's metadata. Tuples, for unions are slow to ask, and every version is asked."""
CHECKED = tuple(SHAPES)


def well_formed(metadata: Any, before: Body) -> Body:
    """An object's metadata without members of another type than they must have; no API server shows such ones.

    `before`: the well-formed metadata of the version before it, most of whose members it has still.
    """
    if not isinstance(metadata, dict):
        return {}
    if all(name in before and metadata.get(name) is before[name] for name in CHECKED if name in metadata):
        return metadata
    wrong = [name for name, kind in SHAPES.items() if name in metadata and not isinstance(metadata[name], kind)]
    kept = {name: it for name, it in metadata.items() if name not in wrong} if wrong else metadata
    owners, annotations = kept.get("ownerReferences") or [], kept.get("annotations") or {}
    if not all(isinstance(one, dict) and isinstance(one.get("uid"), (str, NOTHING)) for one in owners):
        kept = kept | {"ownerReferences": [one for one in owners if isinstance(one, dict) and isinstance(one.get("uid"), str)]}
    if not all(isinstance(it, str) for it in annotations.values()):
        kept = kept | {"annotations": {name: it for name, it in annotations.items() if isinstance(it, str)}}
    return kept
