"""Every operation on a simulated call, and every way in which it ends."""

from __future__ import annotations

import pytest
from support.simulated_space import FAXES, STARTERS, Line, Remote

import swnb
from swnb.commands import COMMANDS
from swnb.commands.base import Command
from swnb.simulator import FarEnd, Space

pytestmark = pytest.mark.sample(4)

KINDS = [*STARTERS, *FAXES]
FAILING = {"play": "error", "record": "error", "collect": "error", "transcribe": "failed"}
FAILING |= dict.fromkeys(FAXES, "error")


@pytest.fixture
def remote():
    with Remote() as opened:
        yield opened


@pytest.fixture
def line(remote):
    return Line(remote)


def event_of(kind):
    return "fax" if kind in FAXES else kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_command_stops_it_once(line, kind):
    line.start(kind)
    for _ in range(2):
        line.send(f"calling.{kind}.stop", control_id="one")
    told = line.told(event_of(kind))
    assert [state for state, _ in told].count("finished") == 1
    assert told[-1][0] == "finished"
    assert told[-1][1]["control_id"] == "one"
    last = line.lines(f"calling_{kind}_stop")[0]
    assert last["state"] == "finished"
    line.space.advance(3600)
    assert line.told(event_of(kind)) == told


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("by", ["calling.end", "hand", "script", "update"])
def test_the_end_of_the_call_ends_it_before_the_call(remote, kind, by):
    line = Line(remote, FarEnd(hangs_up_after=3) if by == "script" else None)
    line.start(kind)
    if by == "calling.end":
        line.send("calling.end")
    elif by == "update":
        assert remote.send("update", id=line.id, status="completed").status_code == 200
    elif by == "hand":
        line.space.hang_up(line.id)
    else:
        line.space.advance(3)
    assert [(it.kind, it.state) for it in line.seen[-2:]] == [
        (event_of(kind), "finished"),
        ("state", "ended"),
    ]
    assert line.lines(f"calling_call_{event_of(kind)}")[-1]["state"] == "finished"
    count = len(line.seen)
    line.space.advance(3600)
    assert len(line.seen) == count


@pytest.mark.parametrize("kind", KINDS)
def test_it_fails_by_hand_if_its_kind_can(line, kind):
    line.start(kind)
    if kind not in FAILING:
        with pytest.raises(swnb.ConfigurationError, match=f"a {kind} has no end that fails"):
            line.space.fail("one")
        return
    line.space.fail("one", reason="no bandwidth")
    state, params = line.told(event_of(kind))[-1]
    assert (state, params["reason"]) == (FAILING[kind], "no bandwidth")
    assert line.lines(f"calling_call_{event_of(kind)}") == [
        {"control_id": "one", "state": FAILING[kind], "reason": "no bandwidth"}
    ]
    with pytest.raises(swnb.ConfigurationError, match="no operation 'one' is running"):
        line.space.fail("one")


@pytest.mark.parametrize("kind", [*KINDS, "refer"])
def test_every_end_that_is_told_stands_in_the_catalogue(remote, kind):
    """Some end of every kind is reached here by itself, on a far end that does a bit of all."""
    far_end = FarEnd(
        is_a="fax" if kind in FAXES else "human",
        says=[{"what": "yes", "on": kind}] if kind in STARTERS else (),
        presses=[{"what": "12#", "on": kind, "after": 20}] if kind in STARTERS else (),
    )
    line = Line(remote, far_end)
    if kind == "refer":
        line.send("calling.refer", **COMMANDS["refer"].example)
    else:
        line.start(kind)
    line.space.advance(3600)
    states = set(line.states(event_of(kind))) & Command.ends_of(kind)
    endless = {"tap", "stream", "transcribe"}
    assert bool(states) == (kind not in endless)
    assert (line.space.skip(line.space.now.replace(year=2027)) is None) or kind in endless


# The rest


def test_a_transcript_holds_what_was_said_while_it_ran(line):
    line.space.say(line.id, "too early")
    line.space.advance(1)
    line.start("transcribe")
    line.send(
        "calling.play", control_id="p", play=[{"type": "tts", "params": {"text": "How are you?"}}]
    )
    line.space.advance(5)
    line.space.say(line.id, "Fine.")
    line.send("calling.transcribe.stop", control_id="one")
    line.space.say(line.id, "too late")
    assert line.told("transcribe")[-1][1]["text"] == "How are you?\nFine."
    assert line.lines("calling_transcribe_stop")[0]["text"] == "How are you?\nFine."


def test_a_fax_goes_page_by_page(line):
    line.space.fax(line.id, "f", pages=3)
    line.space.advance(60)
    assert line.states("fax") == ["page", "page", "page", "finished"]
    params = line.told("fax")[-1][1]["fax"]["params"]
    assert (params["pages"], params["success"], params["direction"]) == (3, True, "receive")


def test_a_fax_that_is_stopped_has_fewer_pages(line):
    line.space.fax(line.id, "f", pages=3, direction="send")
    line.space.advance(10)
    line.send("calling.send_fax.stop", control_id="f")
    params = line.told("fax")[-1][1]["fax"]["params"]
    assert (params["pages"], params["success"]) == (1, False)


def test_one_control_id_names_one_running_fax(line):
    line.space.fax(line.id)
    with pytest.raises(swnb.ConfigurationError, match="running fax"):
        line.space.fax(line.id)
    line.space.fax(line.id, direction="send")


@pytest.mark.parametrize("ending", ["success", "error"])
def test_a_referral_reports_how_it_went(line, ending):
    line.send("calling.refer", **COMMANDS["refer"].example)
    if ending == "error":
        line.space.fail("refer")
    line.space.advance(5)
    ((state, params),) = line.told("refer")
    assert state == ending
    assert params["sip_refer_to"] == "sip:support@example.com"
    assert isinstance(params["sip_refer_response_code"], str)
    assert "control_id" not in params
    assert "sip_refer_to" not in line.lines("calling_call_refer")[0]


def test_two_referrals_each_report(line):
    for _ in range(2):
        line.send("calling.refer", **COMMANDS["refer"].example)
    with pytest.raises(swnb.ConfigurationError, match="several operations 'refer'"):
        line.space.fail("refer")
    line.space.advance(5)
    assert line.states("refer") == ["success", "success"]


def test_a_referral_is_forgotten_if_its_call_ends_first(line):
    line.send("calling.refer", **COMMANDS["refer"].example)
    line.send("calling.end")
    line.space.advance(5)
    assert line.states("refer") == []


def test_user_events_and_noise_reduction_are_told(line):
    line.send("calling.user_event", event={"a": None})
    line.send("calling.denoise")
    line.send("calling.denoise.stop")
    assert [
        (it.event_type, it.params.get("event", it.params.get("denoised"))) for it in line.seen
    ] == [
        ("calling.user_event", {"a": None}),
        ("calling.call.denoise", True),
        ("calling.call.denoise", False),
    ]


@pytest.mark.parametrize(
    ("number", "states"),
    [
        (
            "+15550101",
            [("created", None), ("ringing", None), ("answered", None), ("ended", "busy")],
        ),
        ("+15550486", [("created", None), ("ringing", None), ("ended", "busy")]),
        ("+15550480", [("created", None), ("ringing", None), ("ended", "noAnswer")]),
        ("+15550404", [("created", None), ("ended", "error")]),
    ],
)
def test_the_states_of_a_call_are_told(remote, number, states):
    seen = []
    remote.space.subscribe(seen.append)
    call_id = remote.dial(number, timeout=5, status_url="https://example.com/state")
    remote.space.advance(10)
    if states[-1] == ("ended", "busy") and number == "+15550101":
        remote.send("calling.end", call_id, reason="busy")
    assert [(it.state, it.params.get("end_reason")) for it in seen] == states
    assert {it.event_type for it in seen} == {"calling.call.state"}
    assert {it.given["status_url"] for it in seen} == {"https://example.com/state"}
    assert seen[0].params["device"] == {
        "type": "phone",
        "params": {"from_number": "+15550100", "to_number": number},
    }
    assert seen[0].params["direction"] == "outbound"
    assert {it.params["call_id"] for it in seen} == {call_id}


def test_an_update_changes_where_the_states_are_posted(line):
    update = {"id": line.id, "status_url": "https://example.com/new", "status": "completed"}
    assert line.remote.send("update", **update).status_code == 200
    assert line.seen[-1].given["status_url"] == "https://example.com/new"


def test_an_occurrence_shows_no_secret_and_carries_its_command():
    with Remote(Space()) as remote:
        line = Line(remote)
        line.start("stream", authorization_bearer_token="hush", status_url="https://example.com")
        assert line.seen[0].given["status_url"] == "https://example.com"
        assert "hush" not in repr(line.seen[0])
        assert "hush" not in str(line.lines("calling_call_stream"))


def test_operations_of_one_control_id_on_two_calls_are_told_apart(remote):
    first, second = Line(remote), Line(remote)
    first.start("play")
    second.start("play")
    with pytest.raises(swnb.ConfigurationError, match="several operations 'one'"):
        remote.space.fail("one")
    remote.space.fail("one", call=second.id)
    assert [it.call_id for it in first.seen if it.state == "error"] == [second.id]
