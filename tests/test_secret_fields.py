"""`Client(secret_fields=…)`: names that only the user knows to be secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from support.recorded_run import DIAL

import swnb
from swnb.redact import is_clean, is_secret, names, redact_text

pytestmark = pytest.mark.sample(4)

EVENT = {
    "memberId": "canary-1",
    "note": "member-id: canary-2",
    "Größe": "canary-3",
    "plain": "seen",
}
FIELDS = ["member_id", "größe"]


@pytest.fixture(autouse=True)
def undeclared(monkeypatch):
    """Names that were declared in one test are ordinary ones in the next."""
    monkeypatch.setattr(names, "_declared", frozenset())
    monkeypatch.setattr(names, "_kinds", {})
    yield
    names.is_secret_in_query.cache_clear()


def send(sw):
    with sw.run("fields"):
        call = sw.dial(**DIAL)
        call.user_event(event=EVENT)


def test_a_declared_field_is_kept_nowhere(tmp_path):
    with swnb.simulate(secret_fields=FIELDS, log=tmp_path / "log.sqlite") as sw:
        send(sw)
        kept = sw.log.get(2).request["params"]["event"]
        paths = [
            sw.log.export_run("fields", tmp_path / "run.jsonl"),
            sw.log.export(tmp_path / "a.jsonl"),
        ]
    assert kept == {
        "memberId": "[redacted]", "note": "member-id: [redacted]", "Größe": "[redacted]", "plain": "seen",
    }  # fmt: skip
    for path in [*paths, *tmp_path.glob("log.sqlite*")]:
        assert b"canary" not in path.read_bytes()


def test_a_declared_field_is_kept_out_of_urls_and_reprs():
    with swnb.simulate(secret_fields=["member_id"]):
        assert (
            redact_text("https://x.org/?member_id=canary&a=1")
            == "https://x.org/?member_id=[redacted]&a=1"
        )
        assert not is_clean(json.dumps({"event": {"memberId": "canary"}}).encode())
        command = swnb.commands.UserEvent(event=EVENT)
        assert "canary-1" not in repr(command)


@pytest.mark.slow
@pytest.mark.parametrize("kept", ["file", "log"])
def test_a_replay_in_another_process_knows_what_was_declared(tmp_path, kept):
    with swnb.simulate(secret_fields=FIELDS, log=tmp_path / "log.sqlite") as sw:
        send(sw)
        path = sw.log.export_run("fields", tmp_path / "run.jsonl")
    code = f"""
import swnb
from test_secret_fields import send
which = {str(path)!r} if {kept!r} == "file" else "fields"
with swnb.replay(which, log=None if {kept!r} == "file" else {str(tmp_path / "log.sqlite")!r}) as sw:
    send(sw)
    assert sw.unused() == [], sw.unused()
    assert "canary" not in str(sw.log.exchanges(bodies=True).to_dict())
    print("replayed")
"""
    paths = [os.path.dirname(__file__), os.environ.get("PYTHONPATH", "")]  # noqa: PTH120 - for a variable
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr[-2000:]) == ("replayed\n", "")


def test_a_recording_from_before_a_name_was_declared_still_answers(tmp_path):
    with swnb.simulate() as sw:
        send(sw)
        path = sw.log.export_run("fields", tmp_path / "run.jsonl")
    with pytest.warns(swnb.RecordingWarning, match="before that was known as a secret"):
        again = swnb.replay(path, secret_fields=FIELDS)
    with again:
        send(again)
        assert again.unused() == []
        assert "canary" not in str(again.log.exchanges(bodies=True).to_dict())


def test_a_run_of_a_log_from_before_a_name_was_declared_still_answers(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite") as sw:
        send(sw)
    with swnb.replay("fields", log=tmp_path / "log.sqlite", secret_fields=FIELDS) as again:
        send(again)
        assert again.unused() == []


def test_a_forked_child_knows_what_was_declared():
    with swnb.simulate(secret_fields=["member_id"]):
        child = os.fork()
        if not child:
            os._exit(0 if is_secret("memberId") else 1)
        assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("given", ["member_id", [""], [7], ["--"], ["event.member_id"], ["a[0]"]])
@pytest.mark.parametrize("make", [swnb.simulate, lambda **given: swnb.replay("no.jsonl", **given)])
def test_what_names_no_field_is_refused(given, make):
    with pytest.raises(swnb.ConfigurationError, match="secret_fields: must be"):
        make(secret_fields=given)
    assert not names.declared_secret()


def test_what_a_process_records_is_its_owners_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("SWNB_RECORD", str(tmp_path / "sent.jsonl"))
    with swnb.simulate() as sw:
        sw.dial(**DIAL)
    assert (tmp_path / "sent.jsonl").stat().st_mode & 0o777 == 0o600
