"""The families of images that hosts run: what their files are called, and what a Node says of itself that booted one."""

from typing import NamedTuple

from harness.emulated.plan.plan import NEXT_VERSION, VERSION


class ImageFamily(NamedTuple):
    """One family; `file` is called as upstream's node images of this Kubernetes are."""

    file: str
    os_image: str
    kernel: str
    kubernetes: str


def _families(version: str, lab: str) -> dict[str, ImageFamily]:
    ubuntu, centos = (f"{system}_NODE_IMAGE_K8S_{version}-raw.img" for system in ("UBUNTU_24.04", "CENTOS_10"))
    return {
        "lab": ImageFamily(lab, "Lab OS", "6.12.0", version),
        "ubuntu": ImageFamily(ubuntu, "Ubuntu 24.04.3 LTS", "6.8.0-85-generic", version),
        "centos": ImageFamily(centos, "CentOS Stream 10 (Coughlan)", "6.12.0-130.el10.x86_64", version),
    }


FAMILIES = _families(VERSION, "lab-os.raw")
NEXT_FAMILIES = _families(NEXT_VERSION, f"lab-os-{NEXT_VERSION}.raw")
"""The same with the Kubernetes that a Cluster is upgraded to."""


def family_of(url: str) -> ImageFamily:
    """The family of the image at this URL; the lab's own where it is none of these."""
    name = url.rpartition("/")[2]
    known = (*FAMILIES.values(), *NEXT_FAMILIES.values())
    return next((family for family in known if family.file == name), FAMILIES["lab"])
