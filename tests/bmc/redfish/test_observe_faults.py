"""A BMC that answers badly, or not: a named state within the deadline, never a raw exception."""

import asyncio
import time
from contextlib import suppress
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web

from bmc.address import parse_address
from bmc.errors import BmcError
from bmc.model import Credentials, Tls
from bmc.redfish import act
from bmc.redfish.connection import RedfishConnection
from bmc.redfish.events import follow
from bmc.redfish.observe import RedfishObserver
from bmc.redfish.personality import PERSONALITIES
from bmc.refusals import TrialLimits
from tests.bmc.certificates import self_signed
from tests.bmc.serving import CREDENTIALS, deaf, emulated, raw, served

pytestmark = pytest.mark.dated

DEADLINE_SECONDS = 0.4
PATIENCE_SECONDS = 5.0
JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"


async def failure_of(address, credentials=CREDENTIALS, **more):
    began = time.monotonic()
    async with RedfishObserver(address, credentials, deadline_seconds=DEADLINE_SECONDS, **more) as observer:
        with pytest.raises(BmcError) as caught:
            await observer.read()
    assert time.monotonic() - began < PATIENCE_SECONDS
    assert CREDENTIALS.password not in caught.value.says
    return caught.value.kind, caught.value.blame


def at(port, scheme="http"):
    return f"redfish+{scheme}://127.0.0.1:{port}/redfish/v1/Systems/1"


@pytest.mark.parametrize(
    ("answer", "kind", "blame"),
    [
        (None, "timeout", "bmc"),
        (b"", "dropped", "network"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "content", "bmc"),
        (b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n", "status", "bmc"),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "busy", "bmc"),
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "auth", "us"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "forbidden", "us"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://198.51.100.1/\r\nContent-Length: 0\r\n\r\n", "content", "bmc"),
        (b"HTTP/1.1 302 Found\r\nLocation: /redfish/v1/Systems/1\r\nContent-Length: 0\r\n\r\n", "status", "bmc"),
        (JSON + b"Content-Length: 100\r\n\r\n" + b'{"PowerState": "On"', "dropped", "network"),
        (JSON + b'\r\n{"PowerState": "On"', "content", "bmc"),
        (JSON + b"\r\n<html>Welcome</html>", "content", "bmc"),
        (JSON + b"\r\n\xff\xfe\x00", "content", "bmc"),
        (JSON + b"\r\n[1, 2]", "content", "bmc"),
        (JSON + b"\r\n", "content", "bmc"),
        (JSON + b"\r\n" + b"[" * 100_000, "content", "bmc"),
        (JSON + b"Content-Length: 5\r\n\r\n", "dropped", "network"),
    ],
)
async def test_a_bad_answer_is_named(answer, kind, blame):
    async with raw(answer) as port:
        assert await failure_of(at(port)) == (kind, blame)


async def test_nobody_there_is_the_networks():
    with deaf() as port:
        assert await failure_of(at(port)) == ("unreachable", "network")


async def test_a_wrong_password_is_ours():
    async with emulated() as bmc:
        assert await failure_of(bmc.address, Credentials("admin", "wrong")) == ("auth", "us")
        assert await failure_of(bmc.address, None) == ("auth", "us")


async def test_a_wrong_password_is_tried_three_times_in_this_process_and_never_again():
    """By all who ask together: sights, events, probes."""
    async with emulated() as bmc:
        wrong = Credentials("admin", "still wrong")
        for _ in range(3):
            watching = [RedfishObserver(bmc.address, wrong, deadline_seconds=PATIENCE_SECONDS) for _ in range(5)]
            found = await asyncio.gather(*(each.read() for each in watching), return_exceptions=True)
            assert {(each.kind, each.blame) for each in found} == {("auth", "us")}
            with suppress(TimeoutError):
                await asyncio.wait_for(follow(bmc.address, wrong, print), 0.05)
            await asyncio.gather(*(each.close() for each in watching))
        assert "locked out" in found[-1].says
        assert [each.status for each in bmc.machine.requests].count(401) == 3

        async with RedfishObserver(bmc.address, CREDENTIALS) as observer:
            assert (await observer.read()).power == "On"


async def test_the_root_that_everybody_may_see_accepts_no_password():
    refused = []

    async def answer(request):
        if request.path.rstrip("/") == "/redfish/v1":
            return web.json_response({})
        refused.append(request.path)
        return web.json_response({}, status=401)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with (
        served(app) as port,
        RedfishConnection(parse_address(at(port)), CREDENTIALS, tls=Tls(), deadline_seconds=5.0) as line,
    ):
        for _ in range(5):
            with pytest.raises(BmcError):
                await line.get("/redfish/v1/Systems/1")
            with suppress(BmcError):
                await line.get("/redfish/v1/")
    assert len(refused) == 3


async def test_a_success_forgets_the_refusals_before_it():
    later = Credentials("admin", "changed")
    async with emulated() as bmc, RedfishObserver(bmc.address, later) as observer:
        for _ in range(3):
            for _ in range(2):
                with pytest.raises(BmcError):
                    await observer.read()
            bmc.passwords["admin"] = "changed"
            assert (await observer.read()).power == "On"
            bmc.passwords["admin"] = "something else"


def rested(bmc) -> RedfishObserver:
    """Another observer with the same credentials, to whom the time of rest is over: refusals are counted for the whole process."""
    return RedfishObserver(bmc.address, CREDENTIALS, trial_limits=TrialLimits(rest_seconds=0.0))


async def test_credentials_that_were_accepted_before_are_shown_once_more_after_a_rest():
    async with emulated() as bmc, RedfishObserver(bmc.address, CREDENTIALS) as observer:
        await observer.read()
        shown = bmc.passwords.pop("admin")
        for _ in range(5):
            with pytest.raises(BmcError):
                await observer.read()
        assert [each.status for each in bmc.machine.requests].count(401) == 3

        async with rested(bmc) as later:
            for _ in range(3):
                with pytest.raises(BmcError):
                    await later.read()
            assert [each.status for each in bmc.machine.requests].count(401) == 4

            bmc.passwords["admin"] = shown
            with pytest.raises(BmcError, match="locked out"):
                await later.read()


async def test_a_bmc_that_refused_everybody_for_a_while_is_read_again_after_a_rest():
    async with emulated() as bmc, RedfishObserver(bmc.address, CREDENTIALS) as observer:
        await observer.read()
        shown = bmc.passwords.pop("admin")
        for _ in range(3):
            with pytest.raises(BmcError):
                await observer.read()
        bmc.passwords["admin"] = shown
        with pytest.raises(BmcError, match="locked out"):
            await observer.read()

        async with rested(bmc) as later:
            assert (await later.read()).power == "On"


async def test_an_expired_certificate_is_refused_unless_it_is_pinned_or_waived(tmp_path):
    tls, certificate, pin = self_signed(tmp_path, days=-1)
    async with emulated(tls=tls) as bmc:
        async with RedfishObserver(bmc.address, CREDENTIALS, tls=Tls(ca=str(certificate))) as observer:
            with pytest.raises(BmcError) as caught:
                await observer.read()
            assert (caught.value.kind, caught.value.blame) == ("tls", "us")
            assert "expired" in caught.value.says
        for trust in (Tls(pin=pin), Tls(insecure=True)):
            async with RedfishObserver(bmc.address, CREDENTIALS, tls=trust) as observer:
                assert (await observer.read()).power == "On"


async def test_a_bmc_that_restarts_in_mid_read_is_named_and_read_again_afterwards():
    reads, restarting = [], []

    @web.middleware
    async def restarts(request, handler):
        reads.append(request.path)
        if len(reads) == 2:
            restarting.append(True)
        if restarting:
            request.transport.abort()
            return web.Response()
        return await handler(request)

    async with emulated(middlewares=[restarts]) as bmc, RedfishObserver(bmc.address, CREDENTIALS) as observer:
        reading = await observer.read()
        assert reading.power == "On"
        assert reading.unseen.keys() == {"media", "manager"}
        with pytest.raises(BmcError) as caught:
            await observer.read()
        assert (caught.value.kind, caught.value.blame) == ("dropped", "network")
        restarting.clear()
        assert (await observer.read()).power == "On"


async def test_a_half_open_connection_ends_with_the_deadline_and_touches_no_other_host():
    """The BMC's end is gone without a word; what we send goes nowhere."""
    async with raw(None) as port, emulated() as other:
        half = RedfishObserver(at(port), CREDENTIALS, deadline_seconds=1.0)
        async with RedfishObserver(other.address, CREDENTIALS) as observer:
            stuck = asyncio.create_task(half.read())
            for _ in range(5):
                assert (await observer.read()).power == "On"
            assert not stuck.done()
            with pytest.raises(BmcError) as caught:
                await stuck
        assert caught.value.kind == "timeout"
        await half.close()


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_a_bmc_with_eight_sessions_survives_ten_thousand_cycles():
    """Connect, read, close; now and then cancelled in mid-read; and once in a while an action, which sushy opens a session for."""
    async with emulated(personality=replace(PERSONALITIES["emulated"], session_limit=8)) as bmc:
        for cycle in range(10_000):
            observer = RedfishObserver(bmc.address, CREDENTIALS)
            if cycle % 10 == 9:
                task = asyncio.create_task(observer.read())
                for _ in range(cycle // 10 % 50):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait([task])
            else:
                assert (await observer.read()).power == "On"
            await observer.close()
            if cycle % 500 == 0:
                await act.reset(bmc.address, CREDENTIALS, "ForceRestart")
        assert bmc.machine.reset_count == 20
        basic = {"Authorization": aiohttp.encode_basic_auth(CREDENTIALS.username, CREDENTIALS.password)}
        async with (
            aiohttp.ClientSession(bmc.base, headers=basic) as session,
            session.get("/redfish/v1/SessionService/Sessions") as answer,
        ):
            assert (await answer.json())["Members"] == []


async def test_an_endless_answer_is_cut():
    sent = 0

    async def endless(request):
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while sent < 100 * 1024 * 1024:
            await response.write(b"x" * 65536)
            sent += 65536
        return response

    app = web.Application()
    app.router.add_get("/{path:.*}", endless)
    async with served(app) as port, RedfishObserver(at(port), CREDENTIALS) as observer:
        with pytest.raises(BmcError, match="longer than") as caught:
            await observer.read()

    assert caught.value.kind == "content"
    assert sent < 50 * 1024 * 1024


async def test_values_of_a_wrong_type_are_not_believed():
    wrong = (
        b'{"PowerState": 1, "Boot": [], "Links": {"ManagedBy": "x"}, "VirtualMedia": 3, "LastResetTime": {}, "BootProgress": "x"}'
    )
    async with raw(JSON + b"\r\n" + wrong) as port, RedfishObserver(at(port), CREDENTIALS) as observer:
        reading = await observer.read()

    assert (reading.power, reading.boot, reading.media, reading.signals) == (None, {}, {}, {})


async def test_the_observer_goes_on_after_a_failure():
    down = True

    @web.middleware
    async def moody(request, handler):
        if down:
            request.transport.abort()
        return await handler(request)

    async with emulated(middlewares=[moody]) as bmc, RedfishObserver(bmc.address, CREDENTIALS) as observer:
        with pytest.raises(BmcError):
            await observer.read()
        down = False
        assert (await observer.read()).power == "On"


async def test_a_reading_that_is_cancelled_leaves_the_observer_usable():
    silent = asyncio.Event()

    @web.middleware
    async def slow(request, handler):
        if not silent.is_set():
            await silent.wait()
        return await handler(request)

    async with emulated(middlewares=[slow]) as bmc, RedfishObserver(bmc.address, CREDENTIALS) as observer:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(observer.read(), 0.05)
        silent.set()
        assert (await observer.read()).power == "On"


@pytest.mark.parametrize("trust", ["default", "wrong pin", "other authority", "pin", "ca", "insecure"])
async def test_a_self_signed_certificate_is_refused_unless_it_is_named(tmp_path, trust):
    context, certificate_file, pin = self_signed(tmp_path)
    (tmp_path / "other").mkdir()
    _, other_file, other_pin = self_signed(tmp_path / "other")
    tls = {
        "default": Tls(),
        "wrong pin": Tls(pin=other_pin),
        "other authority": Tls(ca=str(other_file)),
        "pin": Tls(pin=pin),
        "ca": Tls(ca=str(certificate_file)),
        "insecure": Tls(insecure=True),
    }[trust]

    async with emulated(tls=context) as bmc:
        if trust in ("pin", "ca", "insecure"):
            async with RedfishObserver(bmc.address, CREDENTIALS, tls=tls) as observer:
                assert (await observer.read()).power == "On"
            assert await act.power_state(bmc.address, CREDENTIALS, tls=tls) == "On"
        else:
            assert (await failure_of(bmc.address, tls=tls))[0] == "tls"
            with pytest.raises(BmcError) as caught:
                await act.power_state(bmc.address, CREDENTIALS, tls=tls)
            assert caught.value.kind == "tls"
            assert len(bmc.machine.requests) == 0


@pytest.mark.parametrize("pin", ["sha256:12", "md5:" + "0" * 64, "x", "sha256:" + "g" * 64])
async def test_a_pin_written_wrong_is_our_mistake(pin):
    with pytest.raises(BmcError) as caught:
        RedfishObserver("redfish://10.0.0.1", CREDENTIALS, tls=Tls(pin=pin))

    assert (caught.value.kind, caught.value.blame) == ("address", "us")


async def test_a_missing_ca_file_is_our_mistake(tmp_path):
    with pytest.raises(BmcError) as caught:
        RedfishObserver("redfish://10.0.0.1", CREDENTIALS, tls=Tls(ca=str(tmp_path / "none.crt")))

    assert (caught.value.kind, caught.value.blame) == ("address", "us")
