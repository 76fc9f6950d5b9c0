"""After all arrived, a user or a controller goes on with his work: he scales, labels, rotates a password, a kubeconfig is renewed.

None of it harms a server, so it is a note, and never a failure.
"""

from harness.catalogue.planting import find, objects, rules
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, passes
from harness.catalogue.planting.objects import CAPI, CAPM3, USER, Writer

RULE = rules.TWO_QUESTIONS
FORMS: dict[str, tuple[str, tuple[str, ...], object, Writer]] = {
    "scaled": ("MachineDeployment", ("spec", "replicas"), 3, USER),
    "labelled": ("BareMetalHost", ("metadata", "labels", "team"), "blue", USER),
    "labelled by a controller": ("Machine", ("metadata", "labels", "topology.kubernetes.io/zone"), "a", CAPI),
    "password rotated": ("Secret", ("dataDigest", "password"), "0123", USER),
    "defaulted": ("MachineDeployment", ("spec", "machineNaming"), {}, CAPI),
    "empty list": ("Metal3MachineTemplate", ("spec", "template", "spec", "extra"), [], CAPM3),
}
MOMENTS = ("late",)
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    kind, path, value, by = FORMS[draft.variant]
    objects.write(draft, find.own(draft, kind), objects.put(*path, value=value), by)
    return passes()
