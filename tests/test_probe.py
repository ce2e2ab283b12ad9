"""`swnb probe`: it asks first, calls twice, answers what it can, and its report holds no secret."""

import json

import pytest
from click.testing import CliRunner

import swnb
from swnb.cli import main
from swnb.events.probing.answers import OPEN, QUESTIONS, Report
from swnb.events.probing.probe import Plan, Probe
from swnb.session.session import session_of
from swnb.simulator import FarEnd

PLAN = Plan("+15550100", "+15550101", away=(0.2,))


def probed(tmp_path, *, hooks=True, far_end=None, **options):
    with swnb.simulate(log=tmp_path / "log.sqlite", **options) as sw, sw.listen() as inbox:
        if far_end:
            sw.simulated_space.far_end("+15550101", far_end)
        receiver = sw.callbacks() if hooks else None
        report = Probe(session_of(sw), inbox, receiver, PLAN).run()
        statuses = sw.log.calls().status.tolist()
        assert len(statuses) == 2
        assert set(statuses) <= {"ended", "canceled", "no-answer"}
        text = report.markdown() + json.dumps(report.json(), default=str)
        login = session_of(sw).login
        secrets = [login["token"], "+15550101", *([receiver._secret] if receiver else [])]
        assert not [secret for secret in secrets if secret in text]
        return report


@pytest.mark.slow
def test_a_space_that_tells_the_whole_project(tmp_path):
    report = probed(tmp_path)
    answers = [one.answer for one in report.answers]
    assert answers[0].count("calling.user_event, wrapped") == 2
    assert answers[1:4] == [
        "yes",
        "yes",
        "after 0.2 s: restored, came again under the same frame id",
    ]
    assert answers[4] == "envelope, not signed"
    assert answers[5].startswith("3 more times")
    assert answers[6] == "of the event"
    assert report.charge == pytest.approx(0.02)


@pytest.mark.slow
def test_a_space_that_tells_the_owner_alone(tmp_path):
    report = probed(tmp_path, relay_hears="owner")
    assert report[1].answer == "calling.user_event, wrapped (dialed over RELAY)"
    assert {"call": "dialed over REST", "told": "nothing came"} in report[1].seen
    assert report[2].answer == "no"
    assert report[3].answer == "yes"


@pytest.mark.slow
def test_flat_callbacks_are_told_apart(tmp_path):
    assert probed(tmp_path, callback_form="flat")[5].answer == "envelope and flat, not signed"


def test_what_cannot_be_asked_says_why(tmp_path):
    report = probed(tmp_path, hooks=False)
    assert (report[5].answer, report[6].answer) == (OPEN, OPEN)
    assert report[5].seen == [{"told": "not asked: it needs --public-url"}]
    (tmp_path / "silent").mkdir()
    silent = probed(tmp_path / "silent", far_end=FarEnd(answers=False))
    assert silent[3].answer == OPEN
    assert silent.calls == 2


@pytest.mark.slow
def test_it_dials_only_with_consent(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["probe", "--from", "+15550100", "--to", "+15550101", "--simulate"]
    refused = CliRunner().invoke(main, words, input="n\n")
    assert refused.exit_code == 1
    assert "$0.20 at most" in refused.output
    assert not list(tmp_path.iterdir())
    done = CliRunner().invoke(main, [*words, "--yes"])
    assert done.exit_code == 0, done.output
    facts = json.loads((tmp_path / "swnb-probe.json").read_text())
    assert [one["question"] for one in facts["answers"]] == list(QUESTIONS)
    report = (tmp_path / "swnb-probe.md").read_text()
    assert "## 7." in report
    assert "+15550101" not in report
    assert {path.name for path in tmp_path.iterdir()} == {"swnb-probe.json", "swnb-probe.md"}


def test_a_report_masks_and_redacts():
    report = Report("live")
    report[5].note(body='{"to": "+14155550199", "password": "canary"}', token="PTcanary")
    text = report.markdown()
    assert "canary" not in text
    assert "4155550199" not in text
