"""No form in which programs write a secret passes, and what is none stays."""

import lzma
import time
from pathlib import Path

import msgspec
import pytest

from bmc.masking.text import masked

SECRET = "hunter2-XyZ"
FORMS = [
    f'{{"password":"{SECRET}"}}',
    f'"token": "{SECRET}", "kind": "x"',
    f'{{\\"password\\":\\"{SECRET}\\"}}',
    f"IRONIC_PASSWORD={SECRET}",
    f"redfish_password={SECRET} address=x",
    f"secret={SECRET}",
    f"client_secret: {SECRET}",
    f'clientSecret="{SECRET}"',
    f"AWS_SECRET_ACCESS_KEY={SECRET}",
    f"aws_secret_access_key = {SECRET}",
    f"access_token={SECRET}",
    f"GET /x?access_token={SECRET}&a=b",
    f"Authorization: Bearer {SECRET}",
    f"Authorization: Basic {SECRET}==",
    f"headers=map[Authorization:[Bearer {SECRET}]]",
    f"authorization={SECRET}",
    f"bearer {SECRET}",
    f"https://user:{SECRET}@host/x",
    f"https://{SECRET}@host/x",
    f"redfish://admin:{SECRET}@10.0.0.1/redfish/v1",
    f"https://host/x?X-Amz-Signature={SECRET}",
    f"https://host/x?a=1&sig={SECRET}&b=2",
    f"passwd: '{SECRET}'",
    f"--password {SECRET}"[:10] + f"={SECRET}",
    f"api_key={SECRET}",
    f"apiKey: {SECRET}",
    f"x-api-key: {SECRET}",
    f"client-key-data: {SECRET}",
    f"session_id={SECRET}",
    f"SessionID: {SECRET}",
    f"Set-Cookie: {SECRET}",
    f"snmp community={SECRET}",
    f"passphrase={SECRET}",
    f"pwd={SECRET};x=1",
    f"userPassword => {SECRET}",
    f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----",
    f"-----BEGIN PRIVATE KEY-----\\n{SECRET}",
    f"eyJhbGciOiJSUzI1NiJ9.{SECRET}.c2ln",
]
HARMLESS = [
    'Creating Secret="host0-bmc-password" Namespace="metal3"',
    'Deleting Secret="pivot-kubeconfig" Namespace="metal3"',
    "credentialsName: node-0-bmc-secret",
    "Performing move...",
    "Secret node-0-bmc-secret differs between the clusters",
    'Get "https://10.0.0.1:6443/api/v1/namespaces/metal3/secrets?limit=500": dial tcp: connection refused',
    "sha256:0f343b0931126a20f133d67c2b018a3b and key=value",
    "the BMC refused the password",
]


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_masked_in_whatever_form(form):
    assert SECRET not in masked(form)
    assert "***" in masked(form)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text):
    assert masked(text) == text


def test_nothing_of_a_recorded_mover_is_masked():
    recordings = sorted((Path(__file__).parents[1] / "recordings").glob("*/mover.jsonl.xz"))
    assert recordings
    for path in recordings:
        rows = lzma.decompress(path.read_bytes()).splitlines()
        lines = [msgspec.json.decode(row).get("line") for row in rows]
        assert [line for line in lines if line and masked(line) != line] == []


@pytest.mark.parametrize(
    "unit", ["x", "password", "a_", "://", "eyJ", '"', '\\"', "secret=", "Bearer ", "-----BEGIN PRIVATE KEY"]
)
def test_long_lines_take_no_square_of_time(unit):
    text = unit * (200_000 // len(unit))
    began = time.process_time()
    masked(text)
    # The square of it would take minutes.
    assert time.process_time() - began < 5
