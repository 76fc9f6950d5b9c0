import base64
import gzip
import random

import pytest

from harness.emulated.servers.disk import written

META = {"local-hostname": "node-1", "name": "m-1", "providerid": "metal3/node-1/m-1", "uuid": "u-1"}


def disk(configdrive, seed=1):
    return written("http://image", configdrive, "fallback", random.Random(seed))


def test_the_config_drive_tells_name_provider_and_labels():
    made = disk({"meta_data": META, "user_data": "#cloud-config\n# control plane\n"})
    assert (made.node_name, made.provider_id) == ("node-1", "metal3://metal3/node-1/m-1")
    assert made.labels == {"metal3.io/uuid": "u-1", "node-role.kubernetes.io/control-plane": ""}


@pytest.mark.parametrize("provider", ["metal3/node-1/m-1", "metal3://metal3/node-1/m-1"])
def test_a_provider_id_has_its_scheme_once(provider):
    assert disk({"meta_data": META | {"providerid": provider}}).provider_id == "metal3://metal3/node-1/m-1"


@pytest.mark.parametrize("configdrive", [None, "H4sIAAAA", {}, {"meta_data": "none"}])
def test_without_a_readable_config_drive_the_server_keeps_its_name(configdrive):
    made = disk(configdrive)
    assert (made.node_name, made.provider_id, made.labels) == ("fallback", "", {})


def test_every_writing_has_a_machine_id_of_its_own():
    dice = random.Random(1)
    first, second = (written("http://image", None, "n", dice) for _ in range(2))
    assert first.machine_id != second.machine_id
    assert len(first.machine_id) == 32


def test_a_real_ironics_config_drive_is_an_iso_and_tells_the_same():
    files = [
        b'{"links": []}',
        b'{"uuid": "u", "local-hostname": "n", "providerid": "metal3/n/m"}',
        b"#cloud-config\n# control plane\n",
    ]
    image = bytes(2048) + b"".join(file.ljust(2048, b"\0") for file in files)
    disk = written("i", base64.b64encode(gzip.compress(image)).decode(), "other", random.Random(1))

    assert (disk.node_name, disk.provider_id) == ("n", "metal3://metal3/n/m")
    assert disk.labels == {"metal3.io/uuid": "u", "node-role.kubernetes.io/control-plane": ""}
