"""While the host's server runs, its node in Ironic gets another interface, or a step of work. Twin: what Ironic notes for itself."""

from harness.catalogue.planting import changes, nodes
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.trial import rules

RULE = rules.IRONIC_GRAMMAR
FORMS = {
    "deploy_interface": changes.put("deploy_interface", value="ramdisk"),
    "boot_interface": changes.put("boot_interface", value="pxe"),
    "clean_step": changes.put("clean_step", value={"step": "erase_devices"}),
}
HARMLESS = {
    "reservation": changes.put("reservation", value="conductor-1"),
    "conductor": changes.put("conductor", value="conductor-2"),
    "properties": changes.put("properties", "capabilities", value="boot_mode:uefi"),
}
MOMENTS = ("late",)
VARIANTS = tuple(FORMS)
TWINS = tuple(HARMLESS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    nodes.rewrite(draft, FORMS[draft.variant])
    return not_passes("ironic_keeps_nodes", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    nodes.rewrite(draft, HARMLESS[draft.variant])
