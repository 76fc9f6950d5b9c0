"""A file among the personalities is one that a lab may name, without an edit elsewhere."""

from tests.overlay import Overlay

FUJITSU = '''
"""Fujitsu iRMC."""

from dataclasses import replace

from bmc.redfish.personality import emulated

PERSONALITY = replace(emulated.PERSONALITY, name="fujitsu", manufacturer="FUJITSU", keeps_requests=False)
'''


def test_a_file_among_the_personalities_is_one_that_a_lab_may_name(tmp_path):
    overlay = Overlay(tmp_path, {"bmc/redfish/personality/fujitsu.py": FUJITSU})
    (tmp_path / "lab.yaml").write_text("embedded: {hosts: 1, spares: 0, bmc: {personality: fujitsu}}\n")
    (tmp_path / "typo.yaml").write_text("embedded: {hosts: 1, bmc: {personality: fujitzu}}\n")

    misspelt, done = overlay.harness("run", "--lab", "typo.yaml"), overlay.harness("run", "--out", "run")

    assert (misspelt.returncode, done.returncode) == (2, 0), done.stderr
    assert 'did you mean "fujitsu"?' in misspelt.stderr
    assert '"client":"ironic' not in (tmp_path / "run" / "journal.jsonl").read_text()
