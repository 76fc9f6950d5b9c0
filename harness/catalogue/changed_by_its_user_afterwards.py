"""After all arrived, a user or a controller goes on with his work: he scales, labels, rotates a password, a kubeconfig is renewed.

None of it harms a server, so it is a note, and never a failure.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, passes
from harness.catalogue.planting.objects import CAPI, CAPM3, USER, Writer
from harness.catalogue.trial import rules
from harness.journal.facts import ObjectSeen
from harness.world.world import ObjectKey

RULE = rules.TWO_QUESTIONS
FORMS: dict[str, tuple[str, tuple[str, ...], object, Writer]] = {
    "scaled": ("MachineDeployment", ("spec", "replicas"), 3, USER),
    "cleaning": ("BareMetalHost", ("spec", "automatedCleaningMode"), "disabled", USER),
    "labelled": ("BareMetalHost", ("metadata", "labels", "team"), "blue", USER),
    "labelled by a controller": ("Machine", ("metadata", "labels", "topology.kubernetes.io/zone"), "a", CAPI),
    "password rotated": ("Secret", ("dataDigest", "password"), "0123", USER),
    "defaulted": ("MachineDeployment", ("spec", "machineNaming"), {}, CAPI),
    "empty list": ("Metal3MachineTemplate", ("spec", "template", "spec", "extra"), [], CAPM3),
}
MOMENTS = ("late",)
VARIANTS = tuple(FORMS)


def validate(draft: Draft, key: ObjectKey) -> None:
    """The Baremetal Operator tries the Secret's new version, and it is good."""
    fact = objects.versions(draft, key)[-1].fact
    version = fact.resource_version if isinstance(fact, ObjectSeen) else ""
    names = ("triedCredentials", "goodCredentials")
    change = changes.both(*(changes.alter("status", name, "credentialsVersion", value=version) for name in names))
    objects.rewrite(draft, find.host_copy(draft), change, since=draft.after(1))


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    kind, path, value, by = FORMS[draft.variant]
    key = find.own(draft, kind)
    objects.write(draft, key, changes.put(*path, value=value), by)
    if draft.variant == "password rotated":
        validate(draft, key)
    return passes()
