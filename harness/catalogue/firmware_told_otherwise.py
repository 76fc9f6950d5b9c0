"""The host's firmware, or one of its BIOS settings, is shown otherwise than before, though no flashing was seen.

Twin: its status is read anew, a read-only setting follows the day, or a user asks for settings that hold from its next life on.
"""

from collections.abc import Callable

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails, unknown
from harness.catalogue.trial import rules
from harness.journal.facts import Body

RULE = rules.EVERY_VERSION
MOMENTS = ("late",)
COMPONENTS, SETTINGS = "HostFirmwareComponents", "HostFirmwareSettings"
SETTING = "ProcTurboMode"


def with_component(**members: str) -> changes.BodyChange:
    """The change of what each component shows."""

    def change(body: Body) -> None:
        for component in body.get("status", {}).get("components") or []:
            component.update(members)

    return change


def with_setting(value: str, *, name: str = SETTING) -> changes.BodyChange:
    """The change of one BIOS setting, once its settings are shown."""

    def change(body: Body) -> None:
        if "settings" in (body.get("status") or {}):
            body["status"]["settings"][name] = value

    return change


def show_setting(draft: Draft, name: str = SETTING) -> None:
    """Both operators show this setting of the host."""
    for side in (draft.run.origin, draft.run.destination):
        objects.rewrite(
            draft, find.host_copy(draft, side)._replace(kind=SETTINGS), with_setting("Enabled", name=name), since=-1.0
        )


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    copy = find.host_copy(draft)
    on_arrival = draft.variant.endswith("on arrival")
    since = -1.0 if on_arrival else draft.time
    if draft.variant.startswith("setting"):
        show_setting(draft)
        objects.rewrite(draft, copy._replace(kind=SETTINGS), with_setting("Disabled"), since=since)
    else:
        members = {"lastVersionFlashed": "1.00"} if draft.variant == "flashed again" else {"currentVersion": "9.99"}
        until = draft.brief() if draft.variant == "for a moment" else float("inf")
        objects.rewrite(draft, copy._replace(kind=COMPONENTS), with_component(**members), since=since, until=until)
    says = unknown if on_arrival else fails
    return says("firmware_unchanged", hosts=[draft.host.name])


def read_anew(draft: Draft) -> None:
    """Its operator reads both again, and finds the same, in other words and at another time."""
    copy = find.host_copy(draft)
    now = changes.put("status", "lastUpdated", value=changes.clock(draft, draft.time))
    objects.rewrite(draft, copy._replace(kind=COMPONENTS), changes.both(now, with_component(initialVersion="0.9")))
    objects.rewrite(draft, copy._replace(kind=SETTINGS), changes.both(now, changes.put("metadata", "generation", value=3)))


def read_only(draft: Draft) -> None:
    """A setting that nobody can set is another one every day."""
    name = "SystemDate"
    show_setting(draft, name)
    key = find.host_copy(draft)._replace(kind=SETTINGS)
    schema = draft.run.world.objects[key][-1].get("status", "schema", "name")
    objects.rewrite(
        draft,
        key._replace(kind="FirmwareSchema", name=str(schema)),
        changes.put("spec", "schema", name, value={"attribute_type": "String", "read_only": True}),
        since=-1.0,
    )
    objects.rewrite(draft, key, with_setting("2026-12-02", name=name))


def asked_for(draft: Draft) -> None:
    """A user asks for a setting; an operator obeys when the host is prepared for its next life."""
    key = find.host_copy(draft)._replace(kind=SETTINGS)
    objects.write(draft, key, changes.put("spec", "settings", SETTING, value="Disabled"), objects.USER)


FORMS: dict[str, Callable[[Draft], None]] = {"read anew": read_anew, "read-only": read_only, "asked for": asked_for}
VARIANTS = ("version", "for a moment", "version on arrival", "flashed again", "setting", "setting on arrival")
TWINS = tuple(FORMS)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    FORMS[draft.variant](draft)
