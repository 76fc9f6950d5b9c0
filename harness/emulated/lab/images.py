"""The image server: what hosts are imaged with, and its checksum."""

import hashlib

from aiohttp import web

from harness.emulated.plan.images import FAMILIES, NEXT_FAMILIES
from harness.emulated.plan.network import SHUTDOWN_SECONDS, EmulatedNetwork

SIZE_BYTES = 65536


class ImageServer:
    """Serves an image, `/images/lab-os.raw` or its family's, the one of the next Kubernetes, and `….sha256sum` of both; GET and HEAD.

    `fetched` counts whole images.
    """

    def __init__(self, network: EmulatedNetwork, address: str, family: str = "lab") -> None:
        self._network = network
        self._address = address
        self._runner: web.AppRunner | None = None
        self._name = FAMILIES[family].file
        self.content = f"metal3 {family} image\n".encode().ljust(SIZE_BYTES, b"\0")
        self.checksum = hashlib.sha256(self.content).hexdigest()
        self._next = NEXT_FAMILIES[family].file
        self.next_content = f"metal3 {family} image of the next Kubernetes\n".encode().ljust(SIZE_BYTES, b"\0")
        self.next_checksum = hashlib.sha256(self.next_content).hexdigest()
        self.url = self.next_url = ""
        self.fetched = 0

    @property
    def checksum_url(self) -> str:
        """Where the checksum is served."""
        return f"{self.url}.sha256sum"

    async def start(self, port: int = 0) -> str:
        """Serve; the image's URL."""
        application = web.Application(middlewares=[self._network.middleware(self._address)])
        path = f"/images/{self._name}"
        for name in (self._name, self._next):
            application.add_routes([web.get(f"/images/{name}", self._image), web.get(f"/images/{name}.sha256sum", self._sum)])
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._address, port).start()
        self.url = f"http://{self._address}:{self._runner.addresses[0][1]}{path}"
        self.next_url = f"{self.url.rpartition('/')[0]}/{self._next}"
        return self.url

    async def stop(self) -> None:
        """End."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _image(self, request: web.Request) -> web.Response:
        self.fetched += request.method == "GET"
        content = self.next_content if request.path.endswith(self._next) else self.content
        return web.Response(body=content, content_type="application/octet-stream")

    async def _sum(self, request: web.Request) -> web.Response:
        is_next = request.path == f"/images/{self._next}.sha256sum"
        checksum, name = (self.next_checksum, self._next) if is_next else (self.checksum, self._name)
        return web.Response(text=f"{checksum}  {name}\n")
