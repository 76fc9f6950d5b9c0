"""No secret gets into the log, whichever way it comes by."""

import json

import aiohttp
import pytest
from aiohttp import web

from bmc.recorder.masking import BODY_CHARACTERS, masked_body, masked_query
from tests.bmc.recorder.recording import RESET, SYSTEM, answering, client, in_thread, recorded, requests_of, standing
from tests.bmc.serving import CREDENTIALS, served

SECRET = "hunter2-is-secret"


@pytest.mark.parametrize(
    "body",
    [
        {"Password": SECRET},
        {"Oem": {"Vendor": [{"NewPassword": {"value": SECRET}}]}},
        {"Token": SECRET},
        {"Image": f"https://user:{SECRET}@images/boot.iso"},
        {"Image": f"https://images/boot.iso?token={SECRET}&x=1"},
        {"HttpHeaders": [{"X-Anything": SECRET}]},
        {"SNMP": {"AuthenticationKey": SECRET, "TrapCommunity": SECRET}},
        {"Sessions": [{"Cookie": SECRET}]},
        *({name: SECRET} for name in ("UserPwd", "AdminPin", "Pin", "PSK", "OTP", "Pass", "SessionID")),
        {"AdminPin": [SECRET]},
        *({"Image": f"https://images/boot.iso?{name}={SECRET}&x=1"} for name in ("sig", "X-Amz-Signature", "auth")),
        {"error": {"message": f"the image //user:{SECRET}@nas/boot.iso cannot be had"}},
        {"error": {"message": f"the image https://user:{SECRET}@nas/boot.iso?x=1 and https://a/?sig={SECRET} cannot be had"}},
    ],
)
def test_a_secret_in_a_body_is_masked_and_the_rest_stays(body):
    shown = masked_body(json.dumps({**body, "ResetType": "On"}).encode())

    assert SECRET not in shown
    assert json.loads(shown)["ResetType"] == "On"


def test_a_long_body_keeps_its_small_members():
    shown = masked_body(json.dumps({"Padding": ["x" * 900] * 100, "Boot": {"BootSourceOverrideTarget": "Pxe"}}).encode())

    assert len(shown) <= BODY_CHARACTERS
    assert json.loads(shown) == {"Boot": {"BootSourceOverrideTarget": "Pxe"}}


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000, SECRET.encode(), b"user=a&password=" + SECRET.encode()])
def test_what_is_no_json_is_not_shown_at_all(data):
    assert masked_body(data) == ""


def test_a_secret_in_a_query_is_masked():
    assert masked_query(f"$expand=*&token={SECRET}") == "$expand=*&token=***"


async def test_no_secret_of_a_whole_conversation_is_in_the_log(tmp_path):
    async with recorded(tmp_path / "log.jsonl") as running:

        def work():
            root = client(running, auth=None, username=CREDENTIALS.username, password=CREDENTIALS.password)
            root.get_system(SYSTEM)
            token = root._conn._session.headers["X-Auth-Token"]
            root._auth.close()
            client(running).get_system(SYSTEM)
            return token

        token = await in_thread(work)
        told = str(await requests_of(running))
        log = running.log.read_text()

    for secret in (CREDENTIALS.password, token, aiohttp.encode_basic_auth(CREDENTIALS.username, CREDENTIALS.password)[6:]):
        assert secret not in log
        assert secret not in told
    assert CREDENTIALS.username in log


async def test_a_bmc_that_repeats_a_secret_is_masked_too(tmp_path):
    async def handler(request):
        message = f"The value '{SECRET}' for Password is too weak; token {request.headers['X-Auth-Token']}"
        headers = {"Location": f"/accounts/1?p={SECRET}", "X-Auth-Token": "new-token", "Set-Cookie": "sid=cookie-secret"}
        return web.json_response({"error": {"message": message, "SessionToken": "new-token"}}, status=400, headers=headers)

    async with served(answering(handler)) as port, standing(f"http://127.0.0.1:{port}", tmp_path / "log.jsonl") as running:
        headers = {"X-Auth-Token": "old-token", "Cookie": "sid=old-cookie", "Authorization": "Bearer bearer-secret"}
        async with aiohttp.ClientSession(headers=headers) as session:
            url = f"{running.base}/redfish/v1/AccountService/Accounts/1?key={SECRET}"
            async with session.patch(url, json={"Password": SECRET}) as answer:
                assert SECRET in await answer.text()

    log = (tmp_path / "log.jsonl").read_text()
    for secret in (SECRET, "old-token", "new-token", "old-cookie", "cookie-secret", "bearer-secret"):
        assert secret not in log
    assert "is too weak" in log


async def test_a_password_that_is_also_a_word_hides_no_evidence(tmp_path):
    async def handler(request):
        return web.json_response({})

    async with served(answering(handler)) as port, standing(f"http://127.0.0.1:{port}", tmp_path / "log.jsonl") as running:
        login = {"Authorization": aiohttp.encode_basic_auth("admin", "ForceRestart")}
        async with aiohttp.ClientSession(headers=login) as session:
            await session.post(f"{running.base}{RESET}", json={"ResetType": "ForceRestart"})

        asked = running.asked()[0]
        assert (asked.path, asked.body) == (RESET, '{"ResetType":"ForceRestart"}')
