import hashlib

import aiohttp
import pytest

from harness.emulated.lab.images import ImageServer
from harness.emulated.plan.network import EmulatedNetwork


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
