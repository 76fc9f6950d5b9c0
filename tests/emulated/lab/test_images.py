import hashlib

import aiohttp
import pytest

from harness.emulated.lab.images import ImageServer
from harness.emulated.plan.images import FAMILIES, family_of
from harness.emulated.plan.network import EmulatedNetwork
from harness.emulated.plan.plan import NEXT_VERSION, VERSION


@pytest.fixture
async def images():
    images = ImageServer(EmulatedNetwork(), "127.77.4.1")
    await images.start()
    yield images
    await images.stop()


async def test_the_image_has_the_checksum_that_is_served_beside_it(images):
    async with aiohttp.ClientSession() as session:
        content = await (await session.get(images.url)).read()
        checksum = await (await session.get(images.checksum_url)).text()
    assert checksum.split()[0] == images.checksum == hashlib.sha256(content).hexdigest()


def test_each_family_has_a_file_of_its_own_by_which_a_server_knows_what_it_boots():
    servers = {name: ImageServer(EmulatedNetwork(), "127.77.4.1", name) for name in FAMILIES}

    assert len({each.checksum for each in servers.values()}) == len(FAMILIES)
    for family in FAMILIES.values():
        assert family_of(f"http://127.77.4.1:8000/images/{family.file}") is family
    assert family_of("http://images/of-the-users-own.qcow2") is FAMILIES["lab"]


async def test_the_image_of_the_next_kubernetes_is_served_beside_it_and_its_nodes_say_so(images):
    async with aiohttp.ClientSession() as session:
        content = await (await session.get(images.next_url)).read()
        checksum = await (await session.get(f"{images.next_url}.sha256sum")).text()
    assert checksum.split() == [hashlib.sha256(content).hexdigest(), images.next_url.rpartition("/")[2]]
    assert images.next_checksum == checksum.split()[0] != images.checksum
    assert (family_of(images.url).kubernetes, family_of(images.next_url).kubernetes) == (VERSION, NEXT_VERSION)


async def test_a_head_request_counts_as_no_fetch(images):
    async with aiohttp.ClientSession() as session:
        answer = await session.head(images.url)
        assert (answer.status, int(answer.headers["Content-Length"]) > 0) == (200, True)
    assert images.fetched == 0


async def test_a_cut_from_a_server_keeps_the_image_away():
    network = EmulatedNetwork()
    images = ImageServer(network, "127.77.4.1")
    await images.start()
    network.cut("c", "127.0.0.1", "127.77.4.1")
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(local_addr=("127.0.0.1", 0))) as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(images.url)
    await images.stop()
