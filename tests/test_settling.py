"""Recording again: what only differs from run to run stays as it was in the file."""

import json

import pytest
from support.dialing import DIAL

import swnb
from swnb.errors import RecordingError
from swnb.recordings import RecordingFile, read_sent
from swnb.recordings.settling import settled, write_settled
from swnb.session import environment


def flow(sw, events=("a",), *, ended=True):
    call = sw.dial(**DIAL).wait_until("answered")
    for event in events:
        call.user_event(event={"name": event})
    if ended:
        call.end()


def record(path, tmp_path, *, seed=1, add=False, mask=False, **options):
    """Record a flow as the pytest plugin does; give the lines of the file."""
    sent = tmp_path / "sent.jsonl"
    sent.unlink(missing_ok=True)
    with environment.recording(sent, simulated=True), swnb.simulate(seed=seed) as sw:
        flow(sw, **options)
    facts, exchanges, events = read_sent(sent)
    write_settled(path, settled(path, exchanges, facts, events, add=add, mask=mask))
    RecordingFile(path).close()  # it can be used
    return path.read_text().splitlines()


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("mask", [False, True])
def test_an_unchanged_flow_leaves_the_file_alone(tmp_path, seed, mask):
    """Also on another space, whose calls have other ids."""
    path = tmp_path / "recordings" / "flow.jsonl"
    first = record(path, tmp_path, mask=mask)
    stamp = path.stat().st_mtime_ns
    assert record(path, tmp_path, seed=seed, mask=mask) == first
    assert path.stat().st_mtime_ns == stamp


@pytest.mark.parametrize("seed", [1, 2])
def test_a_changed_flow_changes_only_its_lines_and_speaks_of_the_same_call(tmp_path, seed):
    path = tmp_path / "flow.jsonl"
    first = record(path, tmp_path)
    second = record(path, tmp_path, seed=seed, events=("a", "b"))
    added = [line for line in second[1:] if line not in first]
    assert len(second) == len(first) + 1
    # The one that is new, and what the end of the call says of a later time.
    assert {json.loads(line)["command"] for line in added} <= {"calling.user_event", "calling.end"}
    assert len({json.loads(line).get("call_id") for line in second[1:]} - {None}) == 1


def test_an_answer_that_has_changed_is_a_change(tmp_path):
    path = tmp_path / "flow.jsonl"
    first = record(path, tmp_path)
    path.write_text(
        "\n".join(first).replace('"call_status": "answered"', '"call_status": "ringing"')
    )
    assert record(path, tmp_path)[1:] == first[1:]


def test_what_a_flow_no_longer_asks_for_goes_unless_it_is_to_stay(tmp_path):
    path = tmp_path / "flow.jsonl"
    first = record(path, tmp_path, events=("a", "b"))
    assert record(path, tmp_path, add=True)[1:] == first[1:]
    assert len(record(path, tmp_path)) == len(first) - 1


def test_what_is_added_stands_after_the_line_before_it(tmp_path):
    path = tmp_path / "flow.jsonl"
    first = record(path, tmp_path)
    second = record(path, tmp_path, add=True, events=("a", "new"))
    (place,) = [place for place, line in enumerate(second) if '"new"' in line]
    assert '"name": "a"' in second[place - 1]
    assert [line for line in second[1:] if line in first] == first[1:]
    assert json.loads(second[0])["exchanges"] == json.loads(first[0])["exchanges"] + 1


@pytest.mark.parametrize("text", ["", "not JSON", '{"kind": "swnb recording", "format": 99}'])
def test_a_file_that_cannot_be_used_is_replaced_but_not_added_to(tmp_path, text):
    path = tmp_path / "flow.jsonl"
    path.write_text(text)
    with pytest.raises(RecordingError):
        record(path, tmp_path, add=True)
    assert path.read_text() == text
    assert len(record(path, tmp_path)) > 2


def test_what_was_heard_in_another_order_is_no_change(tmp_path):
    path, sent = tmp_path / "flow.jsonl", tmp_path / "sent.jsonl"
    with environment.recording(sent, simulated=True), swnb.simulate() as sw, sw.listen() as inbox:
        call = sw.dial(**DIAL).wait_until("answered")
        call.user_event({"action": "greeted"})
        inbox.wait_for("user_event", call=call)
    facts, exchanges, events = read_sent(sent)
    write_settled(path, settled(path, exchanges, facts, events))
    before = path.read_text()
    places = [place for place, _ in events]
    early = [event for place, event in events if place == places[2]]
    assert len(early) > 2
    turned = [(place, event) for place, event in events if place != places[2]]
    turned += [(places[2], event) for event in reversed(early)]
    turned.sort(key=lambda pair: pair[0])
    write_settled(path, settled(path, exchanges, facts, turned))
    assert path.read_text() == before
    write_settled(path, settled(path, exchanges, facts, events[:-1]))
    assert path.read_text() != before


@pytest.mark.parametrize(
    "change", [{"at": "2027-03-01T10:00:00Z"}, {"order": "3f2504e0-4f89-41d3-9a0c-0305e82c3302"}]
)
def test_a_time_or_an_id_that_the_flow_itself_sends_is_recorded_as_it_is(tmp_path, change):
    path, sent = tmp_path / "flow.jsonl", tmp_path / "sent.jsonl"
    event = {"at": "2026-12-01T10:00:00Z", "order": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}
    for payload in (event, event | change):
        sent.unlink(missing_ok=True)
        with environment.recording(sent, simulated=True), swnb.simulate() as sw:
            sw.dial(**DIAL).user_event(event=payload)
        facts, exchanges, events = read_sent(sent)
        write_settled(path, settled(path, exchanges, facts, events))
    assert json.loads(path.read_text().splitlines()[2])["request"]["params"]["event"] == payload
