"""`swnb probe` end to end at a simulated space: consent, seven questions, a report without secrets."""

import json
import re
import time

import pytest
from click.testing import CliRunner

import swnb
from swnb.cli import main
from swnb.errors import ConfigurationError
from swnb.events.probing import owned
from swnb.events.probing.calls import Probing
from swnb.events.probing.findings import QUESTIONS
from swnb.events.probing.pace import RealPace, SimulatedPace
from swnb.events.probing.plan import Plan
from swnb.events.probing.probe import probe
from swnb.events.probing.watching import shape
from swnb.session.session import session_of

FROM, TO = "+15550142", "+15550143"
PLAN = Plan(FROM, TO, context="office", inbound_to=TO)


def run(tmp_path, *options, **more):
    out = tmp_path / "report"
    done = CliRunner().invoke(main, ["probe", "--out", str(out), *options], **more)
    return done, out


def reported(tmp_path, *options):
    done, out = run(tmp_path, "--simulate", "--yes", "--from", FROM, "--to", TO, *options)
    assert done.exit_code == 0, done.output
    text = out.with_name("report.json").read_text()
    return json.loads(text), out.with_name("report.md").read_text(), done.output


def findings(document, number):
    (question,) = (item for item in document["questions"] if item["number"] == number)
    return {found["part"]: found for found in question["findings"]}


@pytest.mark.slow
def test_all_seven_questions_are_answered_where_a_listener_hears_everything(tmp_path):
    document, page, _ = reported(tmp_path, "--context", "office")
    assert [item["number"] for item in document["questions"]] == list(QUESTIONS)
    one = findings(document, 1)
    assert len(one) == 3
    assert {found["seen"]["event_type"] for found in one.values()} == {"calling.user_event"}
    assert all("wrapped" in found["told"] for found in one.values())
    assert (
        "calling.call.state" in findings(document, 2)["a call that REST dialed"]["seen"]["events"]
    )
    assert "accepted (HTTP 200)" in findings(document, 3)["a call that this session dialed"]["told"]
    four = findings(document, 4)
    for seconds in (5, 60):
        seen = four[f"a cut of {seconds} s"]["seen"]
        assert seen["restored"]
        assert seen["same_frame_id"]
        assert seen["missed_sent_later"]
    assert "--long" in four["a cut of 600 s"]["why_not"]
    for purpose in ("dial", "play"):
        seen = findings(document, 5)[purpose]["seen"]
        assert (seen["form"], seen["signatures"]) == ("envelope", [])
        assert seen["body"]["params"]["call_id"] == "text"
    six = findings(document, 6)["play"]["seen"]
    assert six["attempts"] == 4
    assert six["seconds"] == sorted(six["seconds"])
    seven = findings(document, 7)
    assert {found["seen"]["whose"] for found in seven.values()} == {"of the event"}
    for text in QUESTIONS.values():
        assert text in page


@pytest.mark.slow
def test_where_only_owners_hear_the_answers_are_others(tmp_path):
    document, page, _ = reported(tmp_path, "--hears", "owner", "--context", "office")
    one = findings(document, 1)
    assert one["a call that this session dialed"]["seen"]["arrived"]
    assert one["a call that was offered to this session"]["seen"]["arrived"]
    assert not one["a call that REST dialed"]["seen"]["arrived"]
    assert "nothing arrived" in one["a call that REST dialed"]["told"]
    assert findings(document, 2)["a call that REST dialed"]["seen"] == {"events": {}}
    assert "no event" in page


@pytest.mark.slow
def test_what_is_not_asked_says_why(tmp_path):
    document, page, _ = reported(tmp_path)
    offered = findings(document, 1)["a call that was offered to this session"]
    assert not offered["answered"]
    assert "--context" in offered["why_not"]
    assert "not answered: no context was given" in page


@pytest.mark.slow
def test_long_cuts_are_made_with_long(tmp_path):
    document, _, output = reported(tmp_path, "--long")
    assert findings(document, 4)["a cut of 600 s"]["seen"]["restored"]
    assert "at most 13 minutes" in output


@pytest.mark.slow
def test_the_report_holds_nothing_private(tmp_path):
    done, out = run(
        tmp_path, "--simulate", "--yes", "--from", FROM, "--to", TO, "--context", "office"
    )
    space = swnb.Space(1)
    assert done.exit_code == 0
    for file in ("report.md", "report.json"):
        text = out.with_name(file).read_text()
        for secret in (FROM, TO, FROM[1:], space.token, space.project, "127.0.0.1"):
            assert secret not in text
        assert not re.search(r"[0-9a-f]{32}", text)
    assert FROM not in done.output
    assert "…143" in done.output


def test_nothing_is_dialed_without_consent(tmp_path, monkeypatch):
    monkeypatch.setattr("swnb.client.Client", None)
    done, out = run(tmp_path, "--from", FROM, "--to", TO, input="y\n")
    assert done.exit_code == 1
    assert "This dials, and costs money" in done.output
    assert "at most 3 minutes" in done.output
    assert "together at most $0.25" in done.output
    assert "Nothing was dialed." in done.output
    assert not out.with_name("report.md").exists()


@pytest.mark.slow
def test_the_word_yes_is_consent(tmp_path):
    done, out = run(tmp_path, "--simulate", input="yes\n")
    assert done.exit_code == 0
    assert out.with_name("report.md").exists()


def test_what_is_missing_is_said_before_anything_else(tmp_path):
    done, _ = run(tmp_path, "--yes")
    assert "--from and --to are required" in done.output
    done, _ = run(tmp_path, "--yes", "--from", FROM, "--to", TO, "--context", "office")
    assert "--inbound-to" in done.output
    with pytest.raises(ConfigurationError, match="price"):
        Plan(FROM, TO, price=0.0).check()
    out = tmp_path / "absent" / "report"
    done = CliRunner().invoke(main, ["probe", "--simulate", "--yes", "--out", str(out)])
    assert "folder of the report" in done.output


@pytest.fixture
def sw():
    with swnb.simulate() as client:
        yield client


def asked(sw, plan=PLAN):
    return probe(session_of(sw), plan, SimulatedPace(sw.simulated_space), lambda _line: None)


@pytest.mark.slow
def test_both_calls_are_over_at_the_end_and_nothing_watches_any_more(sw):
    asked(sw)
    assert set(sw.simulated_space.calls.values()) <= {"ended", "completed", "canceled"}
    assert len(sw.log.df.query("command in ('dial', 'calling.dial')")) == 2


def test_without_a_public_url_a_live_space_has_no_callbacks(sw, monkeypatch):
    monkeypatch.setattr(session_of(sw).transport, "space", "live")
    report = asked(sw)
    for number in (5, 6):
        (finding,) = report.findings(number)
        assert finding.told is None
        assert "--public-url" in finding.why_not
    assert all(finding.told for finding in report.findings(1))


@pytest.mark.slow
def test_where_rest_may_not_command_an_owned_call_relay_does(sw, monkeypatch):
    tell = Probing.tell

    def refused(self, call, mark):
        return "rejected (HTTP 409)" if mark != "dialed" else tell(self, call, mark)

    monkeypatch.setattr(Probing, "tell", refused)
    report = asked(sw)
    assert "rejected (HTTP 409)" in report.findings(3)[0].told
    assert report.findings(1)[0].why_not == "REST did not take the user event: rejected (HTTP 409)"
    four = report.findings(4)[0]
    assert four.seen["unacknowledged_sent_again"]
    assert "missed_sent_later" not in four.seen
    assert [finding.told for finding in report.findings(7)] == [None]
    assert "calling.user_event" in {
        seen.command for seen in sw.simulated_space.requests if seen.method == "RELAY"
    }


def test_a_call_that_nobody_answers_leaves_its_questions_open(sw):
    report = asked(sw, Plan(FROM, "+15550480"))
    for number in (2, 3, 4, 5, 6):
        assert "no-answer" in report.findings(number)[0].why_not
    assert report.findings(7)[0].told is None
    page = report.markdown()
    assert page.count("not answered") >= 7


@pytest.mark.slow
def test_a_session_that_is_not_restored_is_reported_so(sw, monkeypatch):
    monkeypatch.setattr("swnb.events.probing.plan.CUTS", (5,))
    monkeypatch.setattr(owned, "_ask_rest", lambda *_: sw.simulated_space.misbehave("forget", 1))
    report = asked(sw)
    told = [finding.told or "" for finding in report.findings(4)]
    assert any("not restored" in text for text in told)


def test_a_shape_keeps_no_values():
    value = {"event_type": "x", "a": [{"b": "secret", "c": True, "d": None}], "n": 15550100}
    assert shape(value) == {
        "event_type": "x",
        "a": [{"b": "text", "c": "true or false", "d": "null"}],
        "n": "number",
    }


def test_real_time_passes():
    said = []
    pace = RealPace(said.append)
    began = time.monotonic()
    pace.pause(0.05)
    assert not pace.until(lambda: False, 0.1)
    assert pace.until(lambda: True, 10)
    assert 0.1 < time.monotonic() - began < 5
    assert abs(pace.now() - time.time()) < 1
    pace.offer("office")
    assert said == []
