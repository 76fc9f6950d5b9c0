"""Secrets planted wherever the field has put one: none is in a journal, a log or a document, in whatever form."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from bmc.masking.text import learn
from harness.journal.facts import BmcRequest, IronicNode, MoverSaid, ObjectSeen, SightLost, StepEnded
from harness.journal.journal import FILE_NAME, Journal, read
from harness.report import write_reports
from harness.run.importer import import_recordings
from harness.verdict.judge import judge_entries, write_verdict


def canary(number: int) -> str:
    """A secret like no other text: letters of both sizes, digits, and what URLs and JSON write otherwise."""
    return f'Cn{number:02d}/q+Z"{number * 7919:05d}yX'


def plain(number: int) -> str:
    """One that stands in texts whose forms end at quotes and slashes."""
    return f"Cn{number:02d}-qZ{number * 7919:05d}yX"


def forms(secret: str) -> set[bytes]:
    data = secret.encode()
    return {
        data,
        json.dumps(secret)[1:-1].encode(),
        json.dumps(json.dumps(secret)[1:-1])[1:-1].encode(),
        quote(secret, safe="").encode(),
        base64.b64encode(data).rstrip(b"="),
        data.hex().encode(),
    }


def found(directory: Path, secrets: list[str]) -> list[tuple[str, str]]:
    """Which secrets stand in which files."""
    files = [(path.name, path.read_bytes()) for path in sorted(directory.rglob("*")) if path.is_file()]
    return [(name, secret) for name, data in files for secret in secrets if any(form in data for form in forms(secret))]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SECRETS = [plain(number) for number in range(60)]
S = SECRETS
METADATA = {"name": "x", "namespace": "metal3", "uid": "u", "resourceVersion": "7"}
OBJECTS = [
    ("v1", "Secret", {"data": {"password": encoded(S[0])}, "stringData": {"username": S[1]}}),
    ("v1", "Secret", {"metadata": {"annotations": {"example.com/bmc-password": S[2]}}}),
    ("v1", "Secret", {"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": f'{{"data": "{S[3]}"}}'}}}),
    ("v1", "ConfigMap", {"data": {"user-data": f"chpasswd: root:{S[4]}"}}),
    ("metal3.io/v1alpha1", "BareMetalHost", {"spec": {"image": {"url": f"https://user:{S[5]}@images/x.qcow2"}}}),
    ("metal3.io/v1alpha1", "BareMetalHost", {"spec": {"image": {"url": f"https://images/x.qcow2?token={S[6]}&x=1"}}}),
    ("metal3.io/v1alpha1", "BareMetalHost", {"spec": {"image": {"url": f"https://s3/x?X-Amz-Signature={S[7]}"}}}),
    ("metal3.io/v1alpha1", "BareMetalHost", {"metadata": {"annotations": {"presigned": f"https://s3/x?a=b&sig={S[8]}"}}}),
    ("metal3.io/v1alpha1", "BareMetalHost", {"metadata": {"annotations": {"ops.example.com/token": S[9]}}}),
    ("metal3.io/v1alpha1", "BareMetalHost", {"status": {"errorMessage": f"login failed: password={S[10]}"}}),
    ("metal3.io/v1alpha1", "BareMetalHost", {"metadata": {"annotations": {"status": f'{{"apiKey":"{S[11]}","a":1}}'}}}),
    ("v1", "Event", {"message": f"Authorization: Bearer {S[12]}", "reason": "Failed"}),
    ("v1", "Event", {"message": f"cannot fetch //admin:{S[13]}@nas/boot.iso"}),
    ("infrastructure.cluster.x-k8s.io/v1beta1", "Metal3DataTemplate",
     {"spec": {"metaData": {"strings": [{"key": "root_password", "value": S[14]}]}}}),
    ("infrastructure.cluster.x-k8s.io/v1beta1", "Metal3Data", {"spec": {"rendered": {"session_id": S[15]}}}),
    ("apps/v1", "Deployment", {"spec": {"template": {"spec": {"containers": [
        {"name": "ironic", "image": "i", "env": [{"name": "IRONIC_PASSWORD", "value": S[16]}], "args": [f"--token={S[17]}"]}]}}}}),
    ("apps/v1", "Deployment", {"spec": {"template": {"metadata": {"annotations": {"vault/secret": S[18]}}}}}),
    ("v1", "Pod", {"spec": {"containers": [{"name": "a", "image": f"https://u:{S[19]}@registry/a", "command": [S[20]]}]}}),
    ("bootstrap.cluster.x-k8s.io/v1beta1", "KubeadmConfig", {"spec": {"files": [{"content": S[21]}], "users": [{"passwd": S[22]}]}}),
    ("controlplane.cluster.x-k8s.io/v1beta1", "KubeadmControlPlane", {"spec": {"kubeadmConfigSpec": {"files": [{"content": S[23]}]}}}),
    ("example.com/v1", "Unheard", {"spec": {"anything": S[24]}, "status": {"says": S[25]}}),
    ("example.com/v1", "Unheard", {"metadata": {"annotations": {"pin": S[26], "clientSecret": S[27]}}}),
]  # fmt: skip
REQUESTS = [
    {"UserName": "root", "Password": S[28]},
    {"Oem": {"AdminPin": S[29], "PSK": S[30]}},
    {"Image": f"https://u:{S[31]}@nas/a.iso", "UserPwd": S[32]},
]
NODE = {"redfish_password": S[33], "ipmi_password": S[34], "configdrive_token": S[35]}
LINES = [
    f'{{"password":"{S[36]}"}}',
    f"IRONIC_PASSWORD={S[37]} started",
    f"GET /x?access_token={S[38]}",
    f"client_secret: {S[39]}",
    f"headers=map[Authorization:[Bearer {S[40]}]]",
    f"eyJhbGciOiJSUzI1NiJ9.{S[41]}.c2ln",
    f"-----BEGIN PRIVATE KEY-----\\n{S[42]}",
    f"dial https://admin:{S[43]}@10.0.0.1/: refused",
]


def merged(left, right):
    """Nested dicts, joined."""
    both = {name: merged(left[name], right[name]) for name in left.keys() & right.keys()}
    return left | right | both


def watch_rows():
    for number, (api_version, kind, part) in enumerate(OBJECTS):
        whole = merged({"apiVersion": api_version, "kind": kind, "metadata": METADATA}, part)
        for change in ("LISTED", "MODIFIED", "DELETED"):
            row = {"at": 1000.0 + number, "cluster": "source", "type": change, "kind": kind, "ns": "metal3", "name": f"x{number}"}
            yield row | {"resourceVersion": "7", "object": whole}


def other_rows():
    yield "bmc.jsonl", [
        {"at": 1001.0, "t0": 1000.9, "host": "x", "src": "127.0.1.2", "client": "ironic-target", "method": "POST",
         "path": f"/redfish/v1/Systems/1?token={S[44]}", "body": json.dumps(body), "status": 400, "ms": 1.0}
        for body in REQUESTS
    ]  # fmt: skip
    yield "ironic.jsonl", [{"at": 1001.0, "ironic": "source", "node": {
        "uuid": "u", "name": "metal3~x", "provision_state": "active", "last_error": f"redfish_password={S[45]} is refused",
        "driver_info": NODE}}]  # fmt: skip
    yield (
        "mover.jsonl",
        [
            {"at": 1000.5, "from": "source", "to": "target", "what": "start", "command": f"clusterctl --token={S[46]}"},
            *({"at": 1001.0, "line": line, "what": "stderr"} for line in LINES),
            {"at": 1002.0, "rc": 0, "secs": 1.0, "what": "exit"},
        ],
    )
    yield "audit.jsonl", [{"at": 1001.0, "cluster": "source", "user": "x", "ua": f"tool/1 token={S[47]}", "verb": "patch",
                           "kind": "secrets", "ns": "metal3", "name": "x", "code": 200}]  # fmt: skip


def test_what_is_imported_is_shown_to_others_without_its_secrets(tmp_path):
    given = tmp_path / "given"
    given.mkdir()
    (given / "watch.jsonl").write_text("".join(json.dumps(row) + "\n" for row in watch_rows()))
    for name, rows in other_rows():
        (given / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert len({secret for _, secret in found(given, SECRETS)}) >= 46

    path, _ = import_recordings([given], tmp_path / "run")
    entries = list(read(path))
    write_verdict(path.parent, judge_entries(entries))
    write_reports(path.parent, None, entries)

    assert (path.parent / "report.html").is_file()
    assert found(path.parent, SECRETS) == []
    assert len(entries) >= 3 * len(OBJECTS) + len(REQUESTS) + len(LINES)


def test_a_secret_that_somebody_here_has_resolved_is_found_wherever_it_comes_back(tmp_path):
    secret = canary(70)
    learn(secret, "root")
    told = [secret, json.dumps(secret), quote(secret, safe=""), encoded(secret), encoded(f"root:{secret}"), secret.encode().hex()]
    journal = Journal(tmp_path)
    for text in told:
        journal.record(MoverSaid(mover=1, line=f"said {text} once"))
        journal.record(SightLost(sight="kube", says=f"said {text} once"))
        journal.record(StepEnded(step="x", word="move", how="failed", says=text))
        journal.record(BmcRequest(host="x", method="POST", path=f"/a/{text}", status=200, address="a", client="b", body=text))
        journal.record(IronicNode(ironic="source", uuid="u", name="x", node={"last_error": text}))
        journal.record(
            ObjectSeen(
                cluster="source",
                change="added",
                kind="BareMetalHost",
                name="x",
                uid="u",
                resource_version="7",
                object={"spec": {"a": [text]}},
            )
        )
    held = list(journal.entries)
    journal.close()

    assert found(tmp_path, [secret, f"root:{secret}"]) == []
    assert secret not in repr(held)
    assert [entry.fact for entry in read(tmp_path / FILE_NAME)] == [entry.fact for entry in held]


def test_a_secret_that_changes_is_seen_to_change_and_one_that_does_not_is_not(tmp_path):
    journal = Journal(tmp_path)
    urls = [f"https://a:{secret}@images/x" for secret in (S[0], S[0], S[1])]
    bodies = [{"spec": {"image": {"url": url}}} for url in urls]
    one, same, other = (
        journal.record(
            ObjectSeen(
                cluster=cluster, change="added", kind="BareMetalHost", name="x", uid="u", resource_version="7", object=body
            )
        ).fact.object
        for cluster, body in zip(("source", "target", "target"), bodies, strict=True)
    )
    journal.close()

    assert one == same != other


@pytest.mark.parametrize("word", ["password", "calvin", "node-0", "target"])
def test_a_mere_word_is_no_secret_that_can_be_looked_for(tmp_path, word):
    learn(word)
    journal = Journal(tmp_path)
    fact = journal.record(MoverSaid(mover=1, line=f"Creating {word} again")).fact
    journal.close()

    assert fact.line == f"Creating {word} again"
