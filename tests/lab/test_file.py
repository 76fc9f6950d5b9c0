import json
import random
import re
from pathlib import Path

import pytest

from bmc.credentials import CredentialsReference
from bmc.model import Credentials, Tls
from bmc.redfish.trust import pin_digest
from harness.files.problems import BadFilesError
from harness.lab.file import load_lab
from harness.lab.model import AuditAccess, ClusterAccess, Embedded, EmbeddedLab, Lab, RunsAs

FULL = """\
clusters:
  source: {kubeconfig: source.kubeconfig, context: admin, namespace: metal3, vantage: 127.77.1.1}
  target: {kubeconfig: target.kubeconfig, vantage: "::1"}
  workload: {kubeconfig: target.kubeconfig}
ironic:
  source: {url: "https://172.22.0.2:6385/", credentials: env:LAB_TEST_AUTH, ca: ca.crt, runs_as: {deployment: bmo-system/ironic}}
  target: {url: "http://[::1]:6385", credentials: file:ironic.secret, runs_as: {irso: bmo-system/ironic}}
hosts:
  node-1:
    bmc: redfish-virtualmedia+https://10.0.0.13:8000/redfish/v1/Systems/1
    credentials: file:node-1.secret
    tls: {pin: "sha256:PIN"}
  node-2: {bmc: ipmi://10.0.0.14, tls: {insecure: true, reason: self-signed}}
mover: {clusterctl: clusterctl}
network: {control: "http://127.0.0.1:8000"}
audit: {source: audit.log, target: {listen: 10.0.0.9, port: 9443, certificate: ca.crt}}
unclaimed: protect
speed: 20
settle: 1m30s
""".replace("PIN", ":".join(["AB"] * 32))

BAD = {
    "the wrong root": ("- a\n", 1, 1, "a lab file is a table"),
    "a bare word": ("embedded\n", 1, 1, "a lab file is a table"),
    "neither kind": ("speed: 20\n", 1, 1, "either `clusters:` or `embedded:`, and this has neither"),
    "both kinds": ("clusters: CLUSTERS\nembedded: {hosts: 3}\n", 2, 1, "either `clusters:` or `embedded:`, and this has both"),
    "an unknown key": ("clusters: CLUSTERS\nirnoic: {}\n", 2, 1, 'did you mean "ironic"?'),
    "a key of the other kind": ("embedded: {}\nnetwork: {control: 'http://a'}\n", 2, 1, "not a key of an embedded lab file"),
    "an unknown key of an embedded lab": ("embedded: {hots: 3}\n", 1, 12, 'did you mean "hosts"?'),
    "a misspelt kind": ("embeded: {hosts: 3}\n", 1, 1, 'did you mean "embedded"?'),
    "no target": ("clusters:\n  source: {kubeconfig: a.kubeconfig}\n", 2, 3, "needs `target`"),
    "no kubeconfig": ("clusters: {source: {}, target: KUBE}\n", 1, 20, "needs `kubeconfig`: the path of a file"),
    "a missing kubeconfig": ("clusters:\n  source: {kubeconfig: no}\n  target: KUBE\n", 2, 24, "there is no file"),
    "a kubeconfig of nobody": ("clusters: {source: {kubeconfig: ~nobody-here/x}, target: KUBE}\n", 1, 33, "there is no file"),
    "a kubeconfig to come in no directory": (
        "clusters: {source: KUBE, target: {kubeconfig: no/t.kubeconfig, appears: true}}\n", 1, 69, "its directory must be there"),
    "a kubeconfig to come that is a directory": (
        "clusters: {source: KUBE, target: {kubeconfig: ., appears: true}}\n", 1, 69, "its directory must be there"),
    "a source to come": (
        "clusters: {source: {kubeconfig: no, appears: true}, target: KUBE}\n", 1, 11, "the source cannot appear later"),
    "a kubeconfig that does not appear": (
        "clusters: {source: KUBE, target: {kubeconfig: no, appears: false}}\n", 1, 69, "that comes later may be `appears: true`"),
    "a target that is neither": ("embedded: {provisioned: false, target: another}\n", 1, 40, "provisioned or other"),
    "a directory as kubeconfig": ("clusters: {source: {kubeconfig: .}, target: KUBE}\n", 1, 33, "there is no file"),
    "a cluster that is a word": ("clusters: {source: a.kubeconfig, target: KUBE}\n", 1, 20, "must be a table with the keys kubeconfig"),
    "a kubeconfig that is a list": ("clusters: {source: {kubeconfig: [a]}, target: KUBE}\n", 1, 33, "and a list stands here"),
    "a kubeconfig that is empty": ("clusters: {source: {kubeconfig: }, target: KUBE}\n", 1, 32, "and nothing stands here"),
    "a vantage that is a name": (
        "clusters: {source: {kubeconfig: a.kubeconfig, vantage: here}, target: KUBE}\n", 1, 56, '"here" is not an IP address'),
    "an audit log that is not there": ("audit: {source: no.log}\nGOOD", 1, 17, "there is no file"),
    "an audit log of nothing": ("audit: {source: {}}\nGOOD", 1, 17, "is a `file`, or an address to `listen` at"),
    "an audit log of both": ("audit: {source: {file: audit.log, listen: 127.0.0.1, port: 1}}\nGOOD", 1, 17, "is a `file`, or"),
    "an audit webhook without a port": ("audit: {target: {listen: 127.0.0.1}}\nGOOD", 1, 17, "needs the `port`"),
    "an audit webhook on a network": ("audit: {target: {listen: 10.0.0.9, port: 9443}}\nGOOD", 1, 17, "needs a `certificate`"),
    "an audit log of the workload": ("audit: {workload: audit.log}\nGOOD", 1, 9, "not a key of"),
    "an audit log that is a list": ("audit: {source: [audit.log]}\nGOOD", 1, 17, "an audit log must be a table"),
    "an inline secret": ("ironic: {source: {url: 'http://a', credentials: admin:hunter2}}\nGOOD", 1, 49, "by reference only"),
    "an inline secret as a table": ("hosts:\n a:\n  bmc: ipmi://a\n  credentials: {password: hunter2}\nGOOD", 4, 16, "reference only"),
    "an inline secret in an address": ("hosts: {a: {bmc: 'redfish://root:hunter2@a/redfish/v1'}}\nGOOD", 1, 18, "no password; write"),
    "an inline secret, misspelt": ("hosts: {a: {bmc: 'ipmi://a', credntials: root:hunter2}}\nGOOD", 1, 30, 'did you mean "credentials"?'),
    "an inline secret beside another mistake": ("hosts: {a: {credentials: hunter2, bmc: 'impi://a'}}\nGOOD", 1, 40, 'did you mean "ipmi"?'),
    "an inline secret in broken YAML": ("hosts: {a: {credentials: root:hunter2, bmc: ]\nGOOD", 1, 45, "not YAML"),
    "an unset variable": ("hosts: {a: {bmc: 'ipmi://a', credentials: env:LAB_TEST_UNSET}}\nGOOD", 1, 43, "LAB_TEST_UNSET is not set"),
    "a secret file that is missing": ("hosts: {a: {bmc: 'ipmi://a', credentials: file:no}}\nGOOD", 1, 43, "cannot be read: No such file"),
    "a secret without password": ("hosts: {a: {bmc: 'ipmi://a', credentials: file:bad.secret}}\nGOOD", 1, 43, "must hold user:password"),
    "a secret file of bad JSON": ("hosts: {a: {bmc: 'ipmi://a', credentials: file:bad.json}}\nGOOD", 1, 43, "must hold user:password"),
    "a reference to nothing": ("hosts: {a: {bmc: 'ipmi://a', credentials: 'file:'}}\nGOOD", 1, 43, "by reference only"),
    "a BMC of two hosts": ("hosts: {a: {bmc: 'ipmi://x'}, b: {bmc: 'ipmi://x/'}}\nGOOD", 1, 40, 'the BMC of "a" too'),
    "an unknown BMC scheme": ("hosts: {a: {bmc: 'redfsh://a'}}\nGOOD", 1, 18, 'did you mean "redfish"?'),
    "an unknown BMC transport": ("hosts: {a: {bmc: 'redfish+ftp://a'}}\nGOOD", 1, 18, "is no address scheme of a BMC"),
    "a BMC without an address": ("hosts: {a: {bmc: 'node-1'}}\nGOOD", 1, 18, "this is not a BMC address"),
    "a BMC with a bad port": ("hosts: {a: {bmc: 'ipmi://a:port'}}\nGOOD", 1, 18, "this is not a BMC address"),
    "an Ironic of another scheme": ("ironic: {source: {url: 'redfish://a'}}\nGOOD", 1, 24, "an http or https address"),
    "an Ironic with a broken address": ("ironic: {source: {url: 'http://[::1'}}\nGOOD", 1, 24, "an http or https address"),
    "an Ironic of a third side": ("ironic: {workload: {url: 'http://a'}}\nGOOD", 1, 10, "known: source, target"),
    "an Ironic run as two": ("ironic: {source: {url: 'http://a', runs_as: {irso: a/b, deployment: a/b}}}\nGOOD", 1, 45, "`runs_as` is"),
    "an Ironic that runs as a name": ("ironic: {source: {url: 'http://a', runs_as: {irso: ironic}}}\nGOOD", 1, 52, "is not namespace/name"),
    "a missing certificate": ("ironic: {source: {url: 'http://a', ca: no.crt}}\nGOOD", 1, 40, "there is no file"),
    "an unknown way of trust": ("hosts: {a: {bmc: 'ipmi://a', tls: {pinn: x}}}\nGOOD", 1, 36, 'did you mean "pin"?'),
    "no trust without a reason": ("hosts: {a: {bmc: 'ipmi://a', tls: {insecure: true}}}\nGOOD", 1, 35, "needs a `reason`"),
    "trust both ways": ("hosts: {a: {bmc: 'ipmi://a', tls: {insecure: true, pin: x, reason: y}}}\nGOOD", 1, 35, "or {ca: FILE}"),
    "trust no way": ("hosts: {a: {bmc: 'ipmi://a', tls: off}}\nGOOD", 1, 35, "or {ca: FILE}"),
    "a pin that is too short": ("hosts: {a: {bmc: 'ipmi://a', tls: {pin: 'sha256:ab'}}}\nGOOD", 1, 35, "64 hex digits"),
    "hosts as a list": ("hosts: [node-1]\nGOOD", 1, 8, "must be a table of names"),
    "a mover that is no program": ("mover: {clusterctl: a.kubeconfig}\nGOOD", 1, 21, "is no program"),
    "manifests that are missing": ("manifests: {hosts: ca.crt, cluster: no.yaml}\nGOOD", 1, 37, "there is no file"),
    "manifests of hosts only": ("manifests: {hosts: ca.crt}\nGOOD", 1, 12, "needs `cluster`: the path of a file"),
    "manifests of an embedded lab": ("embedded: {}\nmanifests: {hosts: ca.crt}\n", 2, 1, "not a key of an embedded lab file"),
    "a lab that is perhaps provisioned": ("embedded: {provisioned: perhaps}\n", 1, 25, "is neither true nor false"),
    "an unknown choice": ("unclaimed: protected\nGOOD", 1, 12, 'did you mean "protect"?'),
    "a speed of nothing": ("speed: 0\nGOOD", 1, 8, "greater than 0"),
    "a speed beyond all numbers": ("speed: 1e999\nGOOD", 1, 8, "is not a number"),
    "a quoted number": ("speed: '20'\nGOOD", 1, 8, "is not a number"),
    "a settling time without a unit": ("settle: 30\nGOOD", 1, 9, "a duration needs a unit; write 30s or 30m"),
    "a settling time that is a list": ("settle: [30s]\nGOOD", 1, 9, "this must be a duration like 5s or 10m, and a list"),
    "a fraction of a host": ("embedded: {hosts: 2.5}\n", 1, 19, "is not a whole number"),
    "fewer than no hosts": ("embedded: {hosts: 3, spares: -1}\n", 1, 30, "0 or more"),
    "an unknown family of images": ("embedded: {image: ubunto}\n", 1, 19, "ubuntu"),
    "no control plane": ("embedded: {control_planes: 0}\n", 1, 11, "needs 1 control plane"),
    "more control planes than hosts": ("embedded: {hosts: 2, control_planes: 3}\n", 1, 11, "needs 1 control plane"),
    "a number that no integer should be": ("embedded: {hosts: " + "9" * 5000 + "}\n", 1, 19, "is not a whole number"),
    "a size that is a list": ("embedded: [3]\n", 1, 11, "must be a table with the keys hosts"),
}  # fmt: skip


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_TEST_AUTH", "admin:from-env")
    monkeypatch.delenv("LAB_TEST_UNSET", raising=False)
    for name in ("source.kubeconfig", "target.kubeconfig", "a.kubeconfig", "ca.crt", "audit.log"):
        (tmp_path / name).write_text("")
    (tmp_path / "ironic.secret").write_text(json.dumps({"username": "admin", "password": "from-json"}))
    (tmp_path / "node-1.secret").write_text("root:with:colons\n")
    (tmp_path / "bad.secret").write_text("hunter2\n")
    (tmp_path / "bad.json").write_text('{"username": "hunter2"')
    program = tmp_path / "clusterctl"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    return tmp_path


def load(place, text):
    path = place / "lab.yaml"
    path.write_text(text)
    return load_lab(path)


def refusal(place, text):
    with pytest.raises(BadFilesError) as raised:
        load(place, text)
    return raised.value


def test_a_full_lab_file_becomes_a_lab(place):
    lab = load(place, FULL)
    assert isinstance(lab, Lab)
    assert (lab.name, lab.path, lab.unclaimed, lab.speed, lab.settle_seconds) == (
        "lab",
        place / "lab.yaml",
        "protect",
        20.0,
        90.0,
    )
    assert lab.clusters.source.kubeconfig == place / "source.kubeconfig"
    assert (lab.clusters.source.context, lab.clusters.source.namespace) == ("admin", "metal3")
    assert lab.clusters.workload.kubeconfig == place / "target.kubeconfig"
    assert lab.ironic.source.url == "https://172.22.0.2:6385"
    assert lab.ironic.source.runs_as == RunsAs("deployment", "bmo-system", "ironic")
    assert lab.ironic.target.runs_as == RunsAs("irso", "bmo-system", "ironic")
    assert lab.hosts["node-1"].tls == Tls(pin="sha256:" + "ab" * 32)
    assert pin_digest(lab.hosts["node-1"].tls) == bytes.fromhex("ab" * 32)
    assert lab.hosts["node-2"].tls == Tls(insecure=True, reason="self-signed")
    assert lab.host_names == ("node-1", "node-2")
    assert lab.audit.source == AuditAccess(file=place / "audit.log")
    assert lab.audit.target == AuditAccess(listen="10.0.0.9", port=9443, certificate=place / "ca.crt")
    assert (lab.mover.clusterctl, lab.network.control) == (place / "clusterctl", "http://127.0.0.1:8000")


def test_credentials_are_only_found_when_they_are_asked_for(place):
    lab = load(place, FULL)
    assert "from-env" not in repr(lab)
    assert lab.ironic.source.credentials.resolve() == Credentials("admin", "from-env")
    assert lab.ironic.target.credentials.resolve() == Credentials("admin", "from-json")
    assert lab.hosts["node-1"].credentials.resolve() == Credentials("root", "with:colons")
    assert lab.hosts["node-2"].credentials is None
    assert "from-env" not in repr(lab.ironic.source.credentials.resolve())


def test_a_secret_that_went_away_is_told_by_its_reference(place):
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        CredentialsReference("file", str(place / "gone")).resolve()


def test_the_smallest_lab_has_two_kubeconfigs(place):
    lab = load(place, "clusters: {source: {kubeconfig: a.kubeconfig}, target: {kubeconfig: a.kubeconfig}}")
    assert (lab.hosts, lab.mover, lab.network, lab.unclaimed, lab.speed, lab.settle_seconds) == (
        {},
        None,
        None,
        "report",
        1.0,
        None,
    )
    assert lab.clusters.workload is None


def test_a_path_may_begin_at_home(place, monkeypatch):
    monkeypatch.setenv("HOME", str(place))
    lab = load(place, "clusters: {source: {kubeconfig: ~/a.kubeconfig}, target: {kubeconfig: a.kubeconfig}}")
    assert lab.clusters.source.kubeconfig == place / "a.kubeconfig"


def test_an_embedded_lab_says_how_big(place):
    lab = load(place, "embedded: {hosts: 10, spares: 0, control_planes: 3, speed: 100, seed: 7}\nunclaimed: protect\n")
    assert isinstance(lab, EmbeddedLab)
    assert lab.embedded == Embedded(hosts=10, spares=0, control_planes=3, speed=100.0, seed=7, namespace="metal3")
    assert lab.unclaimed == "protect"
    assert lab.host_names[-1] == "node-9"


def test_an_embedded_lab_may_be_all_default(place):
    assert load(place, "embedded:\n").embedded == Embedded()


def test_the_kubeconfig_of_a_target_that_appears_may_be_absent(place):
    lab = load(place, "clusters: {source: {kubeconfig: a.kubeconfig}, target: {kubeconfig: to-come, appears: true}}\n")
    assert lab.clusters.target == ClusterAccess(place / "to-come", appears=True)


def test_the_lab_of_the_repository_is_embedded_with_three_hosts_and_a_spare():
    lab = load_lab(Path(__file__).parents[2] / "lab.yaml")
    assert lab.embedded == Embedded(hosts=3, spares=1, control_planes=1, speed=20.0, seed=1)


@pytest.mark.parametrize("case", BAD)
def test_a_bad_lab_file_is_told_with_place_cause_and_nearest_word(case, place):
    text, line, column, cause = BAD[case]
    kube = "{kubeconfig: a.kubeconfig}"
    text = (
        text.replace("GOOD", "clusters: CLUSTERS\n")
        .replace("CLUSTERS", f"{{source: {kube}, target: {kube}}}")
        .replace("KUBE", kube)
    )
    shown = str(refusal(place, text))
    told = [
        it for it in refusal(place, text).problems if (it.place.line, it.place.column) == (line, column) and cause in it.cause
    ]
    assert told, shown
    assert "hunter2" not in shown
    assert re.search(r"^ +\d+ \| .*\n      \| +\^", shown, re.MULTILINE) or "| ^" in shown


def test_all_mistakes_are_told_at_once(place):
    problems = refusal(
        place, "clusters: {source: {kubeconfig: no}, target: {kubconfig: no}}\nspeed: fast\nunclaimd: x\n"
    ).problems
    assert [(it.place.line, it.place.column) for it in problems] == [(1, 33), (1, 46), (1, 47), (2, 8), (3, 1)]


def test_mutated_lab_files_never_end_in_anything_but_a_lab_or_problems(place):
    dice = random.Random(11)
    good = FULL.encode()
    for _ in range(300):
        data = bytearray(good)
        for _ in range(dice.randint(1, 5)):
            position = dice.randrange(len(data))
            data[position : position + dice.randint(0, 6)] = bytes(
                dice.choices(b"\t\n :-{}[],'\"~/@a0.\x00\xc3", k=dice.randint(0, 4))
            )
        path = place / "lab.yaml"
        path.write_bytes(bytes(data))
        try:
            assert isinstance(load_lab(path), Lab | EmbeddedLab)
        except BadFilesError as error:
            assert re.match(r".*lab\.yaml:\d+:\d+: \S", str(error))  # noqa: PT017 (either outcome is right)
