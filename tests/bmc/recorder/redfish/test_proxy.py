"""What passes through the recorder passes unchanged, and is written down."""

import asyncio
import gzip
import io
import os
import threading

import aiohttp
import pytest
import sushy
from aiohttp import web
from yarl import URL

from bmc.model import Tls
from bmc.recorder.log.records import RequestSentRecord
from bmc.recorder.settings import Trust
from bmc.redfish.observe import RedfishObserver
from tests.bmc.certificates import self_signed
from tests.bmc.recorder.recording import LOGIN, RESET, SYSTEM, answering, client, in_thread, recorded, standing
from tests.bmc.serving import CREDENTIALS, UUID, deaf, emulated, raw, served
from tests.waiting import until


@pytest.fixture
async def running(tmp_path):
    async with recorded(tmp_path / "log.jsonl") as it:
        yield it


async def test_sushy_works_through_the_recorder_as_without(running):
    def work():
        system = client(running, auth=None, username=CREDENTIALS.username, password=CREDENTIALS.password).get_system()
        system.set_system_boot_options(target=sushy.BootSource.CD, enabled=sushy.BootSourceOverrideEnabled.ONCE)
        system.reset_system(sushy.ResetType.FORCE_RESTART)
        system.root._auth.close()
        return system.identity

    assert await in_thread(work) == UUID
    machine = running.bmc.machine
    assert (machine.reset_count, machine.power) == (1, "On")
    own = [(each.method, each.path, each.status) for each in machine.requests]
    seen = [(each.method, each.path, running.ended(each).status) for each in running.asked()]
    assert seen == own


async def test_a_request_is_on_the_disk_before_the_bmc_gets_it(tmp_path):
    log = tmp_path / "log.jsonl"
    written = []

    async def handler(request):
        written.append(log.read_text())
        return web.json_response({}, status=200)

    async with (
        served(answering(handler)) as port,
        standing(f"http://127.0.0.1:{port}", log) as running,
        aiohttp.ClientSession() as session,
    ):
        await session.post(f"{running.base}{RESET}", json={"ResetType": "On"})

    assert '"what":"request"' in written[0]
    assert '"what":"sent"' in written[0]
    assert '"what":"answer"' not in written[0]


async def test_headers_query_and_encoding_reach_the_bmc_as_they_were_sent(tmp_path):
    got = []

    async def handler(request):
        got.append((request.raw_path, request.headers.get("If-Match"), await request.read(), dict(request.headers)))
        headers = {"ETag": 'W/"1"', "Location": f"{base}/redfish/v1/Tasks/1?a=b", "X-Vendor": "yes", "Retry-After": "7"}
        return web.Response(status=202, headers=headers)

    async with served(answering(handler)) as port:
        base = f"http://127.0.0.1:{port}"
        async with standing(base, tmp_path / "log.jsonl") as running, aiohttp.ClientSession() as session:
            headers = {"If-Match": 'W/"0"', "Connection": "keep-alive, X-Hop", "Accept": "text/plain"}
            url = URL(f"{running.base}/a%2Fb%20c?$expand=%2A&x=1", encoded=True)
            async with session.patch(url, data=b"{}", headers=headers) as answer:
                assert (answer.status, answer.headers["ETag"], answer.headers["X-Vendor"]) == (202, 'W/"1"', "yes")
                assert answer.headers["Retry-After"] == "7"
                assert answer.headers["Location"] == "/redfish/v1/Tasks/1?a=b"

    path, if_match, body, headers = got[0]
    assert (path, if_match, body) == ("/a%2Fb%20c?$expand=%2A&x=1", 'W/"0"', b"{}")
    assert headers["Accept"] == "text/plain"
    assert headers["Host"] == base.removeprefix("http://")


async def test_one_connection_serves_many_requests(running):
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1), headers=LOGIN) as session:
        for _ in range(5):
            async with session.get(f"{running.base}{SYSTEM}") as answer:
                assert answer.status == 200
                assert answer.headers.get("Connection", "keep-alive") == "keep-alive"
        assert len(running.listener._server.connections) == 1


async def test_a_head_request_keeps_its_length_and_a_compressed_answer_its_encoding(tmp_path):
    packed = gzip.compress(b'{"a": 1}')

    async def handler(request):
        return web.Response(body=packed, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})

    async with (
        served(answering(handler)) as port,
        standing(f"http://127.0.0.1:{port}", tmp_path / "log.jsonl") as running,
        aiohttp.ClientSession(auto_decompress=False) as session,
    ):
        async with session.head(f"{running.base}/x") as answer:
            assert answer.headers["Content-Length"] == str(len(packed))
        async with session.get(f"{running.base}/x") as answer:
            assert await answer.read() == packed
            assert answer.headers["Content-Encoding"] == "gzip"


async def test_long_bodies_and_answers_pass_as_they_come(tmp_path):
    image = b"x" * 3_000_000
    got = []

    async def handler(request):
        data = bytearray()
        async for piece in request.content.iter_any():
            data += piece
        got.append((bytes(data), request.headers.get("Content-Length")))
        return web.Response(body=image)

    async with served(answering(handler)) as port, standing(f"http://127.0.0.1:{port}", tmp_path / "log.jsonl") as running:
        async with aiohttp.ClientSession() as session, session.post(f"{running.base}/update", data=io.BytesIO(image)) as answer:
            assert await answer.read() == image

        assert got == [(image, str(len(image)))]
        assert len((tmp_path / "log.jsonl").read_bytes().rstrip(b"\0")) < 10_000


async def test_events_come_through_one_by_one(tmp_path):
    go_on = asyncio.Event()

    async def handler(request):
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: 1\n\n")
        await go_on.wait()
        await response.write(b"data: 2\n\n")
        return response

    async with (
        served(answering(handler)) as port,
        standing(f"http://127.0.0.1:{port}", tmp_path / "log.jsonl") as running,
        aiohttp.ClientSession() as session,
        session.get(f"{running.base}/sse") as answer,
    ):
        assert await answer.content.readuntil(b"\n\n") == b"data: 1\n\n"
        go_on.set()
        assert await answer.content.readuntil(b"\n\n") == b"data: 2\n\n"


async def test_a_bmc_that_dies_in_mid_answer_does_so_for_the_asker_too(tmp_path):
    half = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"PowerState": '
    async with raw(half) as port, standing(f"http://127.0.0.1:{port}", tmp_path / "log.jsonl") as running:
        async with aiohttp.ClientSession() as session:
            answer = await session.get(f"{running.base}{SYSTEM}")
            assert answer.status == 200
            with pytest.raises(aiohttp.ClientPayloadError):
                await answer.read()

        end = running.ended(running.asked()[0])
        assert (end.outcome, end.status) == ("broken", 200)


async def test_a_bmc_that_dies_before_it_answers_leaves_an_unknown_outcome(tmp_path):
    async with raw(b"") as port, standing(f"http://127.0.0.1:{port}", tmp_path / "log.jsonl") as running:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await session.post(f"{running.base}{RESET}", json={"ResetType": "On"})

        end = running.ended(running.asked()[0])
        assert (end.outcome, end.status, end.told) == ("unknown", 0, "nothing")
        entries = list(running.listener.proxy.record)
        assert [(each.path, each.status) for each in entries] == [(RESET, 0)]


async def test_what_never_reached_the_bmc_is_not_in_its_record(tmp_path):
    with deaf() as port:
        async with standing(f"http://127.0.0.1:{port}", tmp_path / "log.jsonl") as running, aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await session.post(f"{running.base}{RESET}", json={"ResetType": "On"})

            assert running.ended(running.asked()[0]).outcome == "not sent"
            assert not any(isinstance(line, RequestSentRecord) for line in running.lines)
            assert list(running.listener.proxy.record) == []
            assert "ClientConnectorError" in running.listener.proxy.trouble


async def test_a_log_that_cannot_be_written_stops_everything(running):
    async with aiohttp.ClientSession(headers=LOGIN) as session:
        log = running.recorder.log
        kept, log._descriptor = log._descriptor, os.open("/dev/full", os.O_WRONLY)
        try:
            async with session.post(f"{running.base}{RESET}", json={"ResetType": "ForceRestart"}) as answer:
                assert answer.status == 503
        finally:
            os.close(log._descriptor)
            log._descriptor = kept
        assert running.bmc.machine.reset_count == 0
        async with session.get(f"{running.base}{SYSTEM}") as answer:
            assert answer.status == 200


@pytest.mark.parametrize("trusted", ["pin", "ca", "insecure"])
async def test_https_on_both_sides(tmp_path, trusted):
    tls, certificate, pin = self_signed(tmp_path)
    trust = {"pin": Trust(pin=pin), "ca": Trust(ca=str(certificate)), "insecure": Trust(insecure="a test")}[trusted]
    async with emulated(tls=tls) as bmc:
        files = {"certificate": str(certificate), "key": str(tmp_path / "bmc.key")}
        async with (
            standing(bmc.base, tmp_path / "log.jsonl", trust=trust, **files) as running,
            RedfishObserver(running.address, CREDENTIALS, tls=Tls(pin=pin)) as observer,
        ):
            assert (await observer.read()).power == "On"


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path):
    tls, _, _ = self_signed(tmp_path)
    async with emulated(tls=tls) as bmc, standing(bmc.base, tmp_path / "log.jsonl") as running:
        async with aiohttp.ClientSession(headers=LOGIN) as session:
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await session.post(f"{running.base}{RESET}", json={"ResetType": "On"})

        assert len(bmc.machine.requests) == 0
        assert running.ended(running.asked()[0]).outcome == "not sent"
        assert "CERTIFICATE_VERIFY_FAILED" in running.ended(running.asked()[0]).says


async def test_an_asker_that_goes_away_does_not_stop_what_it_asked_for(tmp_path):
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def handler(request):
        arrived.set()
        await go_on.wait()
        return web.json_response({})

    async with served(answering(handler)) as port, standing(f"http://127.0.0.1:{port}", tmp_path / "log.jsonl") as running:
        session = aiohttp.ClientSession()
        task = asyncio.create_task(session.post(f"{running.base}{RESET}", json={"ResetType": "On"}))
        await arrived.wait()
        task.cancel()
        await session.close()
        go_on.set()
        await until(lambda: any(getattr(it, "outcome", "") for it in running.lines), "the end of the request")
        (asked,) = running.asked()
        assert running.ended(asked).outcome == "answered"


async def test_what_cannot_be_brought_to_the_disk_is_not_sent_and_nothing_more_is(running):
    log = running.recorder.log
    kept, log._descriptor = log._descriptor, os.open("/dev/null", os.O_RDWR)  # takes the line, and cannot be synchronised
    try:
        async with aiohttp.ClientSession(headers=LOGIN) as session:
            for _ in range(2):
                async with session.post(f"{running.base}{RESET}", json={"ResetType": "ForceRestart"}) as answer:
                    assert answer.status == 503
            async with session.get(f"{running.base}{SYSTEM}") as answer:
                assert answer.status == 503
    finally:
        os.close(log._descriptor)
        log._descriptor = kept

    assert running.bmc.machine.reset_count == 0


class Disk:
    """A disk whose syncs wait until they are let go on; `syncs` counts those that have begun."""

    def __init__(self) -> None:
        self.syncs = 0
        self.go_on = threading.Event()

    def __call__(self, descriptor: int) -> None:
        self.syncs += 1
        assert self.go_on.wait(10)
        os.fdatasync(descriptor)


async def test_nothing_is_sent_while_the_disk_has_not_got_it(tmp_path):
    """A read passes meanwhile, so the recorder goes on; only the write waits."""
    disk = Disk()
    async with recorded(tmp_path / "log.jsonl", sync=disk) as running, aiohttp.ClientSession(headers=LOGIN) as session:
        order = {"ResetType": "ForceRestart"}
        task = asyncio.create_task(session.post(f"{running.base}{RESET}", json=order))
        await until(lambda: disk.syncs, "the recorder bringing the request to the disk")
        async with session.get(f"{running.base}{SYSTEM}") as answer:
            assert answer.status == 200
        assert (running.bmc.machine.reset_count, len(running.asked(RESET))) == (0, 1)
        disk.go_on.set()
        assert (await task).status == 204
        assert running.bmc.machine.reset_count == 1


async def test_many_writes_wait_for_one_writing_to_the_disk(tmp_path):
    """Those that came while the disk was busy with the first are all brought there by the next sync."""
    disk, order = Disk(), {"ResetType": "ForceRestart"}
    async with recorded(tmp_path / "log.jsonl", sync=disk) as running, aiohttp.ClientSession(headers=LOGIN) as session:
        tasks = [asyncio.create_task(session.post(f"{running.base}{RESET}", json=order)) for _ in range(20)]
        await until(lambda: len(running.asked(RESET)) == 20, "every request in the log")
        assert disk.syncs == 1
        disk.go_on.set()
        assert {(await task).status for task in tasks} == {204}
        assert running.bmc.machine.reset_count == 20
    assert disk.syncs <= 3


async def test_the_log_ends_where_its_last_line_does(tmp_path):
    log = tmp_path / "log.jsonl"
    async with recorded(log) as running, aiohttp.ClientSession(headers=LOGIN) as session:
        await session.get(f"{running.base}{SYSTEM}")
        assert len(running.lines) >= 3, "readable while it is written"

    assert log.read_bytes().endswith(b'"}\n')


async def test_what_changes_something_is_never_sent_twice(tmp_path):
    """A BMC that closes each connection at its second request: a client that keeps connections would send a DELETE again."""
    seen = []

    async def talk(reader, writer):
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        more = await reader.read(1)
        seen.extend([more] if more else [])
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    to = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, standing(to, tmp_path / "log.jsonl") as running, aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.delete(f"{running.base}/redfish/v1/Tasks/1") as answer:
                assert answer.status == 204

    assert len(seen) == 2
