"""The families of images that hosts run: what their files are called, and what a Node says of itself that booted one."""

from typing import NamedTuple

from harness.emulated.plan.plan import VERSION


class ImageFamily(NamedTuple):
    """One family; `file` is called as upstream's node images of this Kubernetes are."""

    file: str
    os_image: str
    kernel: str


FAMILIES: dict[str, ImageFamily] = {
    "lab": ImageFamily("lab-os.raw", "Lab OS", "6.12.0"),
    "ubuntu": ImageFamily(f"UBUNTU_24.04_NODE_IMAGE_K8S_{VERSION}-raw.img", "Ubuntu 24.04.3 LTS", "6.8.0-85-generic"),
    "centos": ImageFamily(f"CENTOS_10_NODE_IMAGE_K8S_{VERSION}-raw.img", "CentOS Stream 10 (Coughlan)", "6.12.0-130.el10.x86_64"),
}


def family_of(url: str) -> ImageFamily:
    """The family of the image at this URL; the lab's own where it is none of these."""
    name = url.rpartition("/")[2]
    return next((family for family in FAMILIES.values() if family.file == name), FAMILIES["lab"])
