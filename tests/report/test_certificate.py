"""The certificate: an in-toto statement that others can read and check without us, and without trusting us where it is signed."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1.statement import Statement

from harness.cli.main import main
from harness.journal.facts import StepBegan
from harness.journal.journal import FILE_NAME, Journal
from harness.report import write_reports
from harness.report.certificate.envelope import PASSPHRASE, Signer
from harness.report.write import SUPERSEDED
from harness.verdict.judge import write_verdict

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:google")

KEYS = {
    "ed25519": Ed25519PrivateKey.generate,
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
}


def private_pem(key, passphrase=None):
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def public_pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


MADE = {
    "public": lambda: public_pem(Ed25519PrivateKey.generate()),
    "private": lambda: private_pem(Ed25519PrivateKey.generate()),
    "passphrase": lambda: private_pem(Ed25519PrivateKey.generate(), b"open"),
    "public rsa": lambda: public_pem(rsa.generate_private_key(65537, 2048)),
    "private rsa": lambda: private_pem(rsa.generate_private_key(65537, 2048)),
    "private K-256": lambda: private_pem(ec.generate_private_key(ec.SECP256K1())),
}


def put(path, content):
    """A file of this content, or of a key of this kind; none for None."""
    if content is not None:
        path.write_bytes(MADE[content]() if isinstance(content, str) else content)


@pytest.fixture
def key():
    return Ed25519PrivateKey.generate()


@pytest.fixture
def run(entries, verdict, tmp_path):
    write_verdict(tmp_path / "run", verdict)
    return tmp_path / "run"


@pytest.fixture
def certified(run):
    write_reports(run)
    return run


@pytest.fixture
def signed(run, key):
    write_reports(run, Signer(key))
    return run


def certificate(run):
    return run / "certificate.json"


def document(run):
    return json.loads(certificate(run).read_text())


def predicate_of(run):
    return document(run)["predicate"]


def statement_in(run):
    return json.loads(base64.b64decode(document(run)["payload"]))


def told(capsys, *arguments):
    code = main(["verify", *map(str, arguments)])
    output = capsys.readouterr()
    return code, output.out + output.err


# --- what it states ---


@pytest.mark.parametrize("is_signed", [False, True])
def test_in_totos_own_reader_takes_the_statement_and_its_test_result(run, key, is_signed):
    write_reports(run, Signer(key) if is_signed else None)
    found = statement_in(run) if is_signed else document(run)
    statement = Statement.copy_from_pb(json_format.ParseDict(found, Statement([], "", {}).pb))
    statement.validate()
    result = json_format.ParseDict(found["predicate"], test_result_pb2.TestResult(), ignore_unknown_fields=True)

    assert (result.result, statement.pb.predicate_type) == ("FAILED", "https://in-toto.io/attestation/test-result/v0.1")
    assert [item.name for item in result.configuration] == ["scenario pivot", "lab embedded"]
    assert list(result.failed_tests) == ["bmc_untouched: node-1"]
    assert list(result.warned_tests) == ["bmc_untouched: node-0"]
    assert list(result.passed_tests) == ["move_completes: the whole run"]


@pytest.mark.parametrize(("word", "result"), [("pass", "PASSED"), ("unknown", "WARNED"), ("fail", "FAILED")])
def test_unknown_is_a_warning_and_never_a_pass(run, verdict, word, result):
    write_verdict(run, {**verdict, "verdict": word})
    write_reports(run)
    assert predicate_of(run)["result"] == result


def test_it_is_bound_to_the_journal_by_its_bytes_and_by_the_head_of_its_chain_and_to_the_verdict(certified):
    journal = (certified / FILE_NAME).read_bytes()
    (about_journal, about_verdict) = document(certified)["subject"]
    assert about_journal["digest"] == {
        "sha256": hashlib.sha256(journal).hexdigest(),
        "chainHead": hashlib.sha256(journal.splitlines()[-1]).hexdigest(),
    }
    assert about_verdict["digest"]["sha256"] == hashlib.sha256((certified / "verdict.json").read_bytes()).hexdigest()


def test_every_judgement_stands_there_and_the_worst_of_several_counts(run, verdict):
    whole = {"check": "move_completes", "host": None, "verdict": "fail", "says": "left behind", "evidence": []}
    verdict["checks"] += [whole, {**verdict["checks"][1], "verdict": "pass", "says": "again"}]
    verdict |= {"moves": [{"from": "source"}], "not_judged": [{"what": "node-9", "why": "ran nothing"}], "headline": "It is so."}
    write_verdict(run, verdict)
    write_reports(run)
    found = predicate_of(run)

    assert found["checks"] == verdict["checks"]
    assert found["hosts"]["node-1"]["checks"] == {"bmc_untouched": "fail"}
    assert found["failedTests"] == ["bmc_untouched: node-1", "move_completes: the whole run #2"]
    assert [found[key] for key in ("headline", "moves", "not_judged", "unclaimed")] == [
        verdict[key] for key in ("headline", "moves", "not_judged", "unclaimed")
    ]
    host = found["hosts"]["node-1"]
    assert (host["verdict"], host["first_seen"], host["last_seen"]) == ("fail", 0.1, 5.6)
    assert [(one["sight"], one["cluster"], one["complete"]) for one in host["watched"]] == [
        ("kube", "source", True),
        ("kube", "target", False),
        ("bmc_requests", "", True),
    ]


def test_no_secret_is_in_it(run, verdict):
    verdict["checks"][0]["says"] = "GET https://me:hunter2@10.0.0.1/ said token=hunter2"
    write_verdict(run, verdict)
    write_reports(run)
    assert "hunter2" not in certificate(run).read_text()


# --- its signature ---


@pytest.mark.parametrize("kind", ["ed25519", "P-256"])
def test_the_envelope_is_dsses_and_anybody_can_check_it_with_the_public_key_alone(run, kind):
    key = KEYS[kind]()
    write_reports(run, Signer(key))
    envelope = document(run)
    payload, kind_of_payload = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
    signed = b"DSSEv1 %d %s %d %s" % (len(kind_of_payload), kind_of_payload, len(payload), payload)
    signature = base64.b64decode(envelope["signatures"][0]["sig"])

    public = load_pem_public_key(public_pem(key))
    public.verify(signature, signed) if kind == "ed25519" else public.verify(signature, signed, ec.ECDSA(SHA256()))
    assert kind_of_payload == b"application/vnd.in-toto+json"


@pytest.mark.parametrize("kind", KEYS)
def test_a_certificate_that_was_signed_is_verified_with_the_public_key(run, kind, tmp_path, capsys):
    key = KEYS[kind]()
    (tmp_path / "sign.pub").write_bytes(public_pem(key))
    write_reports(run, Signer(key))
    code, says = told(capsys, certificate(run), "--key", tmp_path / "sign.pub")
    assert (code, "signed with" in says, "unsigned" in says) == (2, False, False)
    assert "says fail, and the version here" in says  # this hand-made verdict is not that of its journal


def test_a_signature_is_kept_while_it_stands_for_what_the_run_says(signed):
    before = certificate(signed).read_bytes()
    write_reports(signed)
    assert certificate(signed).read_bytes() == before
    assert not (signed / SUPERSEDED).exists()


def test_the_same_signed_again_stays_the_same_although_ecdsa_signs_it_otherwise_each_time(run):
    signer = Signer(KEYS["P-256"]())
    write_reports(run, signer)
    before = certificate(run).read_bytes()
    write_reports(run, signer)
    assert certificate(run).read_bytes() == before
    write_reports(run, Signer(KEYS["P-256"]()))
    assert (certificate(run).read_bytes() != before, (run / SUPERSEDED).read_bytes()) == (True, before)


def test_a_signed_certificate_that_says_something_else_now_is_put_aside_and_not_lost(signed, verdict, capsys):
    before = certificate(signed).read_bytes()
    write_verdict(signed, {**verdict, "verdict": "unknown"})
    main(["report", str(signed)])
    assert f"{signed / SUPERSEDED}: the signed certificate, which says something else" in capsys.readouterr().err
    assert (signed / SUPERSEDED).read_bytes() == before
    assert predicate_of(signed)["result"] == "WARNED"


# --- verifying it ---


@pytest.fixture
def judged(run, capsys):
    main(["judge", str(run)])
    capsys.readouterr()
    return run


def test_a_whole_certificate_is_told_with_what_it_says_and_that_nobody_signed(judged, capsys):
    code, says = told(capsys, certificate(judged))
    assert code == 0
    assert "whole, of" in says
    assert "judged again by this version: fail, too" in says or "judged again by this version: unknown, too" in says
    assert "unsigned" in says


def test_a_signed_one_is_verified_by_its_own_key_and_by_that_of_its_owner(judged, key, tmp_path, capsys):
    (tmp_path / "sign.pem").write_bytes(private_pem(key))
    (tmp_path / "sign.pub").write_bytes(public_pem(key))
    assert main(["report", str(judged), "--sign-key", str(tmp_path / "sign.pem")]) == 0
    assert "whose key that is only --key can tell" in told(capsys, certificate(judged))[1]
    code, says = told(capsys, certificate(judged), "--key", tmp_path / "sign.pub")
    assert (code, "signed with ed25519 key" in says, "only --key" in says) == (0, True, False)


def other_run(run, tmp_path):
    journal = Journal(tmp_path / "other")
    for number in range(40):
        journal.record(StepBegan(step=str(number), word="wait"))
    journal.close()
    return tmp_path / "other"


def rewritten(path, change):
    path.write_bytes(change(path.read_bytes()))


LINES = {
    "an entry is left out": lambda lines: [*lines[:5], *lines[6:]],
    "an entry stands there twice": lambda lines: [*lines[:5], *lines[4:]],
    "two entries changed places": lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]],
}


@pytest.mark.parametrize("change", LINES)
def test_a_journal_that_is_out_of_order_is_told_with_the_line(judged, change, capsys):
    rewritten(judged / FILE_NAME, lambda text: b"".join(LINES[change](text.splitlines(keepends=True))))
    code, says = told(capsys, certificate(judged))
    assert code == 2
    assert any(f"{FILE_NAME}:{line}: changed, or lines before it were" in says for line in (5, 6))


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        (FILE_NAME, lambda text: text[:-40], "its last line is torn, entry 25 of 26: it is cut, or still being written"),
        (FILE_NAME, lambda text: text + text.splitlines()[-1][:40], "goes on after entry 25, the last one that was certified"),
        (
            FILE_NAME,
            lambda text: b"\n".join(text.splitlines()[:20]) + b"\n",
            "cut, or of another run: it has 20 entries, and 26 were",
        ),
        ("verdict.json", lambda text: text.replace(b"unknown", b"pass", 1), "verdict.json: changed; `harness judge` of the run"),
        ("certificate.json", lambda text: text.replace(b"WARNED", b"PASSED"), "changed or cut, or no certificate of ours"),
        ("certificate.json", lambda text: text[:-1], "changed or cut, or no certificate of ours"),
        ("certificate.json", lambda _: b"", "changed or cut, or no certificate of ours"),
        ("certificate.json", lambda _: b"\xff" * 9, "changed or cut, or no certificate of ours"),
        ("certificate.json", lambda _: b'{"verdict": "\xea"}', "changed or cut, or no certificate of ours"),
        ("certificate.json", lambda _: b'{\n  "payload": 7}\n', "changed or cut, or no certificate of ours"),
        ("certificate.json", lambda text: text.replace(b"chainHead", b"chainhead"), "changed or cut, or no certificate of ours"),
    ],
)
def test_what_was_changed_is_told_with_the_cure(judged, file, change, says, capsys):
    rewritten(judged / file, change)
    code, found = told(capsys, certificate(judged))
    assert (code, says in found) == (2, True), found
    assert "; " in found


def with_digest(statement):
    head, _, tail = (json.dumps(statement | {"predicate": statement["predicate"] | {"content": ""}}, indent=2) + "\n").rpartition(
        '"'
    )
    return f'{head}{hashlib.sha256(head.encode()).hexdigest()}"{tail}'


@pytest.mark.parametrize(("member", "value"), [("verdict", "pass"), ("result", "PASSED"), ("unclaimed", {"node-8": {}})])
def test_one_that_somebody_made_by_hand_with_all_its_digests_states_what_its_verdict_does_not(judged, member, value, capsys):
    statement = document(judged)
    statement["predicate"][member] = value
    certificate(judged).write_text(with_digest(statement), encoding="utf-8")
    code, says = told(capsys, certificate(judged))
    assert (code, f"states {member} otherwise than verdict.json" in says) == (2, True)


def test_a_certificate_and_a_verdict_that_were_made_by_hand_are_not_what_the_journal_says(judged, verdict, capsys):
    write_verdict(judged, {**json.loads((judged / "verdict.json").read_text()), "verdict": "pass"})
    write_reports(judged)
    code, says = told(capsys, certificate(judged))
    assert (code, "says pass, and the version here" in says, "judges its journal to be unknown" in says) == (2, True, True)


def test_a_certificate_of_the_first_version_is_told_to_be_one(judged, capsys):
    certificate(judged).write_text(json.dumps({"verdict": "pass", "hosts": {}, "journal": {"sha256": "0"}}))
    assert (
        "a certificate of before there was anything to verify; `harness judge` of its run" in told(capsys, certificate(judged))[1]
    )


def test_a_certificate_of_another_journal_is_told(judged, tmp_path, capsys):
    code, says = told(capsys, certificate(judged), "--run", other_run(judged, tmp_path))
    assert code == 2
    assert "another journal than that of pivot on embedded, 2026-01-01T00:00:00Z; name its run by --run" in says
    assert "verdict.json: is not there" in says


def test_a_signature_that_was_taken_away_or_put_on_something_else_is_told(signed, key, capsys):
    envelope = document(signed)
    certificate(signed).write_bytes(base64.b64decode(envelope["payload"]))
    assert "its signature was taken away" in told(capsys, certificate(signed))[1]
    other = Signer(Ed25519PrivateKey.generate())
    certificate(signed).write_text(other.sign(base64.b64decode(envelope["payload"]).decode()))
    assert "the signature does not fit what is signed" in told(capsys, certificate(signed))[1]


def test_another_key_and_none_are_told_where_one_is_demanded(signed, tmp_path, capsys):
    (tmp_path / "other.pub").write_bytes(public_pem(Ed25519PrivateKey.generate()))
    code, says = told(capsys, certificate(signed), "--key", tmp_path / "other.pub")
    assert (code, "is signed with another key" in says) == (2, True)
    certificate(signed).unlink()
    write_reports(signed)
    code, says = told(capsys, certificate(signed), "--key", tmp_path / "other.pub")
    assert (code, "is not signed, and --key demands it" in says) == (2, True)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no key can be read there (No such file or directory)"),
        (b"hello", "is no public key in PEM (Ed25519 or ECDSA); its public half is made with"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "is no public key in PEM"),
        ("public rsa", "is no public key in PEM (Ed25519 or ECDSA)"),
        ("private", "this is a private key, which only its owner needs"),
    ],
)
def test_a_key_that_is_none_is_told(certified, content, says, tmp_path, capsys):
    put(tmp_path / "key", content)
    code, found = told(capsys, certificate(certified), "--key", tmp_path / "key")
    assert (code, says in found) == (2, True), found


def test_no_journal_no_certificate_and_a_directory_are_told(certified, tmp_path, capsys):
    (tmp_path / "alone").mkdir()
    certificate(certified).rename(tmp_path / "alone" / "certificate.json")
    assert "name its run directory by --run" in told(capsys, tmp_path / "alone" / "certificate.json")[1]
    assert "no certificate can be read there" in told(capsys, certificate(certified))[1]
    assert "name its certificate.json" in told(capsys, certified)[1]


# --- the key that signs ---


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no key can be read there"),
        (b"SECRET-hello", "is no private key in PEM; make one with `openssl genpkey"),
        ("public", "is a public key; a private one signs"),
        (
            "passphrase",
            f"this key has a passphrase; give it by the environment variable {PASSPHRASE}",
        ),
        ("private rsa", "a key of this kind cannot sign a certificate"),
        ("private K-256", "a key of this kind cannot sign a certificate"),
    ],
)
def test_a_key_that_cannot_sign_is_told_before_anything_is_done_and_never_shown(run, content, says, tmp_path, capsys):
    put(tmp_path / "key", content)
    assert main(["report", str(run), "--sign-key", str(tmp_path / "key")]) == 2
    found = capsys.readouterr().err
    assert says in found
    assert "SECRET" not in found
    assert not certificate(run).exists()


def test_a_key_on_the_command_line_is_refused_without_repeating_it(run, key, capsys):
    assert main(["report", str(run), "--sign-key", private_pem(key).decode()]) == 2
    found = capsys.readouterr().err
    assert "a key has no place on a command line" in found
    assert "BEGIN" not in found


@pytest.mark.parametrize("reference", ["file:{}", "env:SIGN_WITH", "{}"])
def test_a_key_is_given_by_reference_and_its_passphrase_by_the_environment(run, key, reference, tmp_path, monkeypatch):
    (tmp_path / "key").write_bytes(private_pem(key, b"open sesame"))
    monkeypatch.setenv("SIGN_WITH", private_pem(key, b"open sesame").decode())
    monkeypatch.setenv(PASSPHRASE, "open sesame")
    assert main(["report", str(run), "--sign-key", reference.format(tmp_path / "key")]) == 0
    assert statement_in(run)["predicate"]["signer"]["publicKey"] == public_pem(key).decode()


def test_a_wrong_passphrase_is_told(run, key, tmp_path, monkeypatch, capsys):
    (tmp_path / "key").write_bytes(private_pem(key, b"open sesame"))
    monkeypatch.setenv(PASSPHRASE, "open barley")
    assert main(["report", str(run), "--sign-key", str(tmp_path / "key")]) == 2
    found = capsys.readouterr().err
    assert f"cannot be read with the passphrase of {PASSPHRASE}" in found
    assert "barley" not in found


def test_a_variable_that_is_not_set_is_told(run, capsys):
    assert main(["report", str(run), "--sign-key", "env:NOT_SET_HERE"]) == 2
    assert "the environment variable NOT_SET_HERE is not set" in capsys.readouterr().err
