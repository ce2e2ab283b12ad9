"""The events of voice logs fill what was not heard, and are read again without being doubled."""

import pytest
from support.recorded_run import DIAL

import swnb
from swnb.errors import ConfigurationError


@pytest.fixture
def sw(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite") as client:
        yield client


def asked(sw):
    return [seen.command for seen in sw.simulated_space.requests].count("voice_log_events")


def test_a_call_that_nobody_heard_is_filled_from_its_voice_log(sw):
    call = sw.dial(**DIAL)
    sw.simulated_space.advance(30)
    assert call.events().kind.tolist() == ["dial"]
    filled = call.events(refresh=True)
    heard = filled[filled.source == "voice_log"]
    assert heard.kind.tolist() == ["state"] * len(heard)
    assert heard.state.tolist() == ["created", "ringing", "answered"]
    assert heard["at"].is_monotonic_increasing
    again = call.events(refresh=True)
    assert (again.source == "voice_log").sum() == len(heard)
    assert again[again.source == "voice_log"].repeats.tolist() == [1] * len(heard)
    assert asked(sw) == 2


def test_a_timeline_shows_them_once_beside_what_was_heard(sw):
    with sw.listen():
        call = sw.dial(**DIAL).wait_until("answered")
    call.events(refresh=True)
    df = call.timeline().df
    answered = df[(df.kind == "state") & (df.state == "answered")]
    assert answered.source.tolist() == ["relay + voice_log"]


def test_reconciling_reads_them_where_somebody_listened(sw):
    quiet = sw.dial(**DIAL).wait_until("answered")
    assert sw.reconcile().events == 0
    assert asked(sw) == 0
    with sw.listen():
        call = sw.dial(**DIAL)
        sw.simulated_space.misbehave("drop", times=20)
        sw.simulated_space.advance(60)
        call.end()
    assert "answered" not in call.events().state.tolist()
    report = sw.reconcile()
    assert report.events > 4
    assert "answered" in call.events().state.tolist()
    assert "answered" in quiet.events().state.tolist()


def test_reconciling_asks_for_events_or_not_as_it_is_told(sw):
    sw.dial(**DIAL).wait_until("answered")
    assert sw.reconcile(with_events=True).events == 3
    with sw.listen():
        assert sw.reconcile(with_events=False).events == 0
    with pytest.raises(ConfigurationError, match="with_events"):
        sw.reconcile(with_events="yes")


def test_a_replay_reads_what_was_recorded(sw, tmp_path, monkeypatch):
    def cells(client):
        call = client.dial(**DIAL)
        call.wait_until("answered")
        call.events(refresh=True)
        return client.reconcile(with_events=True).events, call.events().state.tolist()

    with sw.run("r"):
        first = cells(sw)
    path = sw.log.export_run("r", tmp_path / "r.jsonl")
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("it connected"))
    with swnb.replay(path, log=tmp_path / "again.sqlite") as again:
        assert cells(again) == first
        assert again.unused() == []


def test_a_call_that_the_platform_does_not_know_has_no_events(sw, tmp_path):
    sw.dial(**DIAL)
    other = swnb.simulate(seed=2, log=tmp_path / "log.sqlite")
    with other:
        report = other.reconcile(with_events=True)
    assert (report.events, len(report.missing)) == (0, 1)
