"""Timelines: everything known of a call in order, as a frame, a picture, a ladder and files."""

import re
import socket
import time
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from support.recorded_run import DIAL

import swnb
from swnb.errors import WaitTimeout
from swnb.log import Log
from swnb.log.timeline.gathering import gathered
from swnb.log.timeline.steps import Step, placed
from swnb.log.timeline.timeline import Timeline
from swnb.simulator import FarEnd

pytestmark = pytest.mark.sample(2)

EVENT = {"action": "order.confirmed", "order_id": "ORD-12345"}
SECOND = 1_000_000


@pytest.fixture
def sw(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite", run="flow") as client:
        yield client


def flow(sw):
    """A call with a user event, a playback, digits, a rejection, and an end."""
    sw.simulated_space.far_end("+15550101", FarEnd(rings=3, presses=[("1234", 12)]))
    return cells(sw)


def cells(sw):
    with sw.listen() as inbox:
        call = sw.dial(**DIAL)
        call.wait_until("answered")
        call.user_event(EVENT)
        inbox.wait_for("user_event", call=call)
        call.play(play=[{"type": "tts", "params": {"text": "Four digits, please"}}]).wait()
        call.collect(digits={"max": 4}).wait()
        with pytest.raises(swnb.SwnbError):
            call.play_pause(control_id="play-9")
        call.end()
        call.wait_until("ended")
    return call


def seen(timeline, *, direction="heard"):
    frame = timeline.df[(timeline.df.direction == direction) & (timeline.df.source != "wait")]
    states = [state if isinstance(state, str) else None for state in frame.state]
    return list(zip(frame.kind, states, frame.told, strict=True))


def test_everything_is_there_in_the_order_of_the_calls_clock(sw):
    timeline = flow(sw).timeline()
    df = timeline.df
    assert df["at"].is_monotonic_increasing
    sent = df[df.direction == "sent"].kind.tolist()
    assert sent == ["dial", "user_event", "play", "collect", "play_pause", "end"]
    assert [row[:2] for row in seen(timeline)] == [
        ("state", "created"),
        ("state", "ringing"),
        ("state", "answered"),
        ("user_event", None),
        ("play", "playing"),
        ("play", "finished"),
        ("collect", "digit"),
        ("state", "ended"),
    ]
    assert ("collect", "digit", "1234") in seen(timeline)
    assert ("play_pause", "rejected") in [row[:2] for row in seen(timeline, direction="reply")]
    last = df.iloc[-1]
    assert (last.kind, last.direction, last.charge) == ("charge", "known", sw.log.calls().charge[0])
    assert df.since.sum() == pytest.approx(df.elapsed.iloc[-1])


def test_a_command_stands_where_the_virtual_clock_was(sw):
    df = flow(sw).timeline().df
    answered = df[df.state == "answered"].elapsed.iloc[0]
    play = df[(df.kind == "play") & (df.direction == "sent")].elapsed.iloc[0]
    end = df[(df.kind == "end") & (df.direction == "sent")].elapsed.iloc[0]
    ended = df[(df.state == "ended") & (df.direction == "heard")].elapsed.iloc[0]
    assert answered < play < end == ended
    digits = df[(df.kind == "collect")].set_index("direction").elapsed
    assert digits["sent"] < digits["heard"] == answered + 12


def test_without_a_listener_replies_place_the_commands(sw):
    call = sw.dial(**DIAL)
    call.wait_until("answered")
    call.user_event(EVENT)
    sw.simulated_space.advance(30)
    call.user_event(EVENT)
    df = call.timeline().df
    events = df[(df.kind == "user_event") & (df.direction == "sent")]
    assert events.elapsed.diff().iloc[-1] == pytest.approx(31)


def test_a_replay_has_the_same_timeline(sw, tmp_path, monkeypatch):
    call = flow(sw)
    original = seen(call.timeline()), seen(call.timeline(), direction="sent")
    path = sw.log.export_run("flow", tmp_path / "flow.jsonl")
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("it connected"))
    with swnb.replay(path, log=tmp_path / "again.sqlite") as again:
        timeline = cells(again).timeline()
    assert (seen(timeline), seen(timeline, direction="sent")) == original


def test_the_ladder_as_text_reads_from_us_to_the_far_end(sw):
    lines = flow(sw).timeline().to_text().splitlines()
    assert lines[0].split() == ["us", "SignalWire", "+15550101"]
    assert len({len(line) for line in lines[1:]}) == 1
    text = "\n".join(lines)
    assert re.search(r"\+3 s  │◀── state answered ─+│◀── answers ─+│", text)
    assert re.search(r"│◀── flow\.collect-1 digit · 1234 ─+│◀── presses 1234 ─+│", text)
    assert re.search(r"│◀── state ended · hangup ─+│ ── hangs up ─+▶│", text)
    assert "rejected · names no play on this call" in text
    assert "charge $0.01" in text
    assert "waited" not in text
    assert "voice_log" not in text


def test_a_wait_that_was_not_met_is_in_the_ladder(sw):
    with sw.listen() as inbox:
        call = sw.dial(**DIAL).wait_until("answered")
        with pytest.raises(WaitTimeout):
            inbox.wait_for("user_event", call=call, where=EVENT, timeout=3)
    assert "⋯  waited for user_event" in call.timeline().to_text()


@pytest.mark.slow
def test_a_gap_is_shown_wherever_the_timeline_is(sw):
    with sw.listen() as inbox:
        call = sw.dial(**DIAL).wait_until("answered")
        sw.simulated_space.misbehave("forget")
        call.user_event(EVENT)
        for _ in range(500):
            if inbox.gaps:
                break
            time.sleep(0.01)
        call.user_event(EVENT)
    timeline = call.timeline()
    assert "gap" in set(timeline.df.kind)
    assert "no connection for" in timeline.to_text()
    assert "no connection for" in timeline.to_mermaid()
    assert "no connection for" in timeline._repr_html_()


def test_mermaid_has_a_line_for_each_message_whatever_is_in_it(sw):
    call = sw.dial(**DIAL).wait_until("answered")
    before = call.timeline().to_mermaid().splitlines()
    call.user_event({"text": "one\nparticipant X; end %%{init}%% <script> # :"})
    after = call.timeline().to_mermaid().splitlines()
    assert before[:5] == [
        "sequenceDiagram",
        "    autonumber",
        "    participant U as us",
        "    participant P as SignalWire",
        "    participant F0 as +15550101",
    ]
    assert len(after) == len(before) + 1
    added = next(line for line in after if line not in before and "user event" in line)
    assert added.startswith("    U->>P: ")
    assert not set(added[11:]) & set(";<>") - {";"}
    assert "#59;" in added


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.texts = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data):
        self.texts.append(data)


def test_the_picture_is_svg_with_text_and_nothing_that_runs(sw):
    call = flow(sw)
    html = call.timeline()._repr_html_()
    tags = Tags()
    tags.feed(html)
    assert tags.tags.count("svg") > 10
    assert not {"script", "style", "foreignobject", "image", "a"} & set(tags.tags)
    assert " id=" not in html
    text = " ".join(tags.texts)
    for told in ("answered", "play-1", "collect-1", "user events", "“Four digits, please”", "1234"):
        assert told in text
    assert '{"action":"order.confirmed","order_id":"ORD-12345"}' in text
    assert "ended · hangup · $0.01" in text


def test_what_others_sent_is_escaped(sw):
    call = sw.dial(**DIAL).wait_until("answered")
    call.user_event({"<script>alert(1)</script>": '"><img src=x onerror=alert(1)>\u202e'})
    html = call.timeline()._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    assert "\u202e" not in html
    assert "&lt;script&gt;" in html


def test_all_legs_are_in_one_timeline(sw):
    first, second = (sw.dial(**DIAL | {"to": to}) for to in ("+15550101", "+15550102"))
    connect = Step(0, "heard", "relay", "connect")
    event = swnb.event.of_relay(
        {
            "event_type": "calling.call.connect",
            "timestamp": 1767603610.0,
            "params": {
                "call_id": first.id,
                "connect_state": "connected",
                "peer": {"call_id": second.id},
            },
        },
        seen_at=1,
        space="simulated",
    )
    assert connect.kind == event.kind
    sw.log.hear([event])
    timeline = first.timeline()
    assert timeline.legs == [first.id, second.id]
    assert set(timeline.df.call_id) == {first.id, second.id}
    assert timeline.to_text().splitlines()[0].split()[2:] == ["+15550101", "+15550102"]
    assert second.timeline().legs == [second.id, first.id]
    assert "+15550102" in timeline._repr_html_()


def test_what_two_sources_tell_is_one_step(sw):
    with sw.listen(), sw.callbacks() as hooks:
        call = sw.dial(**DIAL, status_events=["answered", "ended"])
        call.wait_until("answered")
        call.end()
        call.wait_until("ended")
        assert sw.simulated_space.settle()
    df = call.timeline().df
    assert df[(df.state == "ended") & (df.direction == "heard")].source.tolist() in (
        ["relay + callback"],
        ["callback + relay"],
    )
    assert hooks.url("status") not in call.timeline().to_text()


LIVE = Step(10 * SECOND, "sent", "command", "play", call_id="a")


def test_on_a_real_space_times_are_those_of_the_events():
    steps = [
        LIVE,
        replace(LIVE, seen_at=14 * SECOND, direction="heard", at=11 * SECOND),
        replace(LIVE, seen_at=13 * SECOND),
    ]
    assert [step.at for step in placed(steps)] == [10 * SECOND, 11 * SECOND, 13 * SECOND]


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf", "html", "txt", "mmd", "csv"])
def test_it_is_saved_as_what_the_suffix_says(sw, tmp_path, suffix):
    begins = {
        "png": b"\x89PNG",
        "svg": b"<?xml",
        "pdf": b"%PDF",
        "html": b"<!doctype html>",
        "txt": b"          us",
        "mmd": b"sequenceDiagram\n",
        "csv": b"elapsed,since,direction",
    }
    call = sw.dial(**DIAL).wait_until("answered")
    call.user_event({"price": "$x^2$ and $y"})  # no mathematics
    path = tmp_path / f"call.{suffix}"
    call.timeline().save(path)
    assert path.read_bytes().startswith(begins[suffix])


def test_another_suffix_is_refused(sw, tmp_path):
    with pytest.raises(ValueError, match=r"call\.gif': the suffix must be one of \.png, \.svg"):
        sw.dial(**DIAL).timeline().save(tmp_path / "call.gif")


def test_a_call_that_nobody_knows_says_so(sw):
    timeline = sw.log.timeline("3f2504e0-4f89-41d3-9a0c-0305e82c3301")
    assert len(timeline) == 0
    assert timeline
    assert timeline.status is None
    assert "Nothing is known of call 3f2504e0" in repr(timeline)
    assert "Nothing is known of call" in timeline._repr_html_()
    assert timeline.df.empty
    assert timeline.to_mermaid().startswith("sequenceDiagram\n")
    assert timeline.chart().alt


def test_a_long_call_shows_its_ends(sw):
    call = sw.dial(**DIAL).wait_until("answered")
    for number in range(80):
        call.user_event({"number": number})
    timeline = call.timeline()
    html = timeline._repr_html_()
    assert re.search(r"\d+ steps between", html)
    ladder = html[html.index("<table") :]
    assert "&quot;number&quot;:2}" in ladder
    assert "&quot;number&quot;:40}" not in ladder
    assert '{"number":40}' in timeline.to_text()


def test_another_kernel_reads_it_from_the_log(sw, tmp_path):
    call = flow(sw)
    with Log(tmp_path / "log.sqlite") as log:
        legs, steps = gathered(log._journal, log._frames, call.id)
        assert Timeline(legs, steps).to_text() == call.timeline().to_text()
