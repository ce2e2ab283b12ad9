"""Replaying: the same answers and errors, from a file or a log, and no socket."""

import json
import socket

import pytest
from conftest import clock
from support.canned_server import CALL_ID, LEG, hang_up, page, said
from support.recorded_run import COMMANDS, DIAL, EVENT, PLAY, checkout, recorded

import swnb
from swnb.commands import COMMANDS as CATALOGUE

pytestmark = pytest.mark.sample(6)

OTHER_ID = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def path(tmp_path):
    return recorded(tmp_path / "checkout.jsonl")


@pytest.fixture
def replayed(path):
    with swnb.replay(path) as client:
        yield client


@pytest.fixture
def no_sockets_after(monkeypatch):
    """Make every socket refuse to connect from the call of it on."""

    def refuse(*_):
        raise AssertionError("a socket was opened")

    def begin():
        monkeypatch.setattr(socket.socket, "connect", refuse)
        monkeypatch.setattr(socket.socket, "connect_ex", refuse)

    return begin


@pytest.fixture
def no_sockets(no_sockets_after):
    """Make every socket refuse to connect."""
    no_sockets_after()


def twice(client, path, act):
    """Do something on a client and on the replay of it, and give both outcomes."""
    outcomes = []
    with client.run("recorded"):
        outcomes.append(outcome(client, act))
    client.log.export_run("recorded", path)
    with swnb.replay(path) as again:
        outcomes.append(outcome(again, act))
    return outcomes


def outcome(client, act):
    try:
        return act(client)
    except swnb.SwnbError as error:
        return type(error), str(error)


def event_on(call_id, **event):
    return lambda sw: sw.calling.user_event(call_id, event=event)


def test_a_replay_gives_what_was_recorded_and_opens_no_socket(path, no_sockets):
    with swnb.replay(path) as sw:
        call = checkout(sw)
        assert call.status == "ended"
        assert call.charge > 0
        assert list(sw.log.df["command"]) == COMMANDS
        assert sw.unused() == []


def test_a_replaying_client_says_what_it_replays(path, replayed):
    assert repr(replayed).startswith(f"<swnb.Client {path} · replayed · run ")
    assert "checkout.jsonl" in replayed._repr_html_()


def test_replayed_exchanges_are_logged_as_replayed(replayed):
    checkout(replayed)
    assert set(replayed.log.df["space"]) == {"replayed"}


def test_replayed_exchanges_cost_nothing(replayed):
    checkout(replayed)
    assert replayed.log.calls()["charge"].tolist() == [0.0]
    assert set(replayed.log.charges()["charge"]) == {0.0}
    assert replayed.log.runs()["charge"].tolist() == [0.0]


def test_a_run_of_a_log_is_replayed_by_its_name(tmp_path):
    log = tmp_path / "log.sqlite"
    with swnb.simulate(seed=7, log=log) as sw, sw.run("checkout"):
        charge = checkout(sw).charge
    with swnb.replay("checkout", log=log) as again:
        assert checkout(again).charge == charge
        assert again.unused() == []
        assert again.log.runs()["charge"].tolist() == [pytest.approx(charge), 0.0]


def test_a_run_of_a_log_in_memory_is_replayed():
    with swnb.simulate(seed=7) as sw:
        with sw.run("checkout"):
            checkout(sw)
        with swnb.replay("checkout", log=sw.log) as again:
            checkout(again)
            assert again.unused() == []
        assert set(sw.log.exchanges()["space"]) == {"simulated"}


def test_a_misspelt_run_names_the_closest(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite") as sw, sw.run("checkout"):
        sw.dial(**DIAL)
    with pytest.raises(swnb.LogError, match="did you mean 'checkout'"):
        swnb.replay("chekout", log=tmp_path / "log.sqlite")


def test_what_names_no_run_is_an_error():
    with pytest.raises(swnb.ConfigurationError, match="a run must be a recording's path"):
        swnb.replay(7)


def test_a_log_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(swnb.LogError, match="there is no such file"):
        swnb.replay("checkout", log=tmp_path / "nothing.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_equal_requests_are_answered_in_their_order(replayed):
    call = replayed.dial(**DIAL)
    assert [call.refresh().status for _ in range(3)] == ["ringing", "answered", "ended"]


def test_two_replays_of_one_file_do_not_share_a_position(path):
    with swnb.replay(path) as one, swnb.replay(path) as other:
        first = one.dial(**DIAL)
        assert other.dial(**DIAL).id == first.id
        assert len(one.unused()) == len(other.unused()) == len(COMMANDS) - 1


def test_unused_lists_what_was_never_asked_for(replayed):
    replayed.dial(**DIAL)
    assert [each.command for each in replayed.unused()] == COMMANDS[1:]


def test_a_miss_names_the_nearest_recording_and_what_differs(replayed):
    call = replayed.dial(**DIAL)
    with pytest.raises(swnb.NoRecording) as miss:
        call.user_event(event=EVENT | {"amount": 1})
    message = str(miss.value)
    assert "has no recording of this; the nearest are" in message
    assert "line 6: params.event.amount differs (recorded 49.99)" in message


def test_a_miss_does_not_repeat_what_was_asked_for(replayed):
    call = replayed.dial(**DIAL)
    with pytest.raises(swnb.NoRecording) as miss:
        call.user_event(event={"action": "canary-value"})
    assert "canary-value" not in str(miss.value)


def test_a_miss_on_another_call_says_so(replayed):
    with pytest.raises(swnb.NoRecording, match="line 6: the call differs"):
        replayed.calling.user_event(OTHER_ID, event=EVENT)


def test_a_miss_of_a_command_that_is_not_there_says_what_is(replayed):
    with pytest.raises(swnb.NoRecording, match="no recording of this command") as miss:
        replayed.calling.denoise(OTHER_ID)
    assert "calling.play (1)" in str(miss.value)


def test_what_is_used_up_is_said_to_be_recorded_but_already_used(replayed):
    replayed.dial(**DIAL)
    with pytest.raises(swnb.NoRecording, match=r"recorded but already used \(line 2\)"):
        replayed.dial(**DIAL)


def test_a_miss_is_logged_as_failed(replayed):
    with pytest.raises(swnb.NoRecording):
        replayed.calling.denoise(OTHER_ID)
    assert replayed.log.df[["command", "outcome"]].to_numpy().tolist() == [
        ["calling.denoise", "failed"]
    ]


def test_an_invalid_command_is_refused_as_ever(replayed):
    call = replayed.dial(**DIAL)
    with pytest.raises(swnb.InvalidCommand):
        call.user_event(event=7)


@pytest.mark.parametrize(
    ("recorded_event", "asked"),
    [
        ({"at": "2026-08-01T10:00:00Z"}, {"at": "2026-11-22T11:30:00.5+01:00"}),
        ({"text": "at 2026-08-01 10:00"}, {"text": "at 2026-11-22 11:30"}),
        ({"order": "11111111-2222-4333-8444-555555555555"}, {"order": CALL_ID}),
        ({"timestamp": 1_785_000_000}, {"timestamp": 1_795_000_000.5}),
    ],
)
def test_times_and_made_ids_in_events_do_not_count(replying, tmp_path, recorded_event, asked):
    client, _ = replying(said(LEG))
    with client.run("recorded"):
        client.calling.user_event(CALL_ID, event=recorded_event)
    client.log.export_run("recorded", tmp_path / "run.jsonl")
    with swnb.replay(tmp_path / "run.jsonl") as again:
        assert again.calling.user_event(CALL_ID, event=asked).status == "answered"


@pytest.mark.parametrize(
    ("recorded_event", "asked"),
    [
        ({"day": "2026-08-01"}, {"day": "2026-08-02"}),
        ({"amount": 1_785_000_000}, {"amount": 1_795_000_000}),
        ({"timestamp": 5}, {"timestamp": 6}),
        ({"n": 1}, {"n": True}),
        ({"n": None}, {}),
    ],
)
def test_everything_else_in_events_counts(replying, tmp_path, recorded_event, asked):
    client, _ = replying(said(LEG))
    with client.run("recorded"):
        client.calling.user_event(CALL_ID, event=recorded_event)
    client.log.export_run("recorded", tmp_path / "run.jsonl")
    with swnb.replay(tmp_path / "run.jsonl") as again, pytest.raises(swnb.NoRecording):
        again.calling.user_event(CALL_ID, event=asked)


def test_control_ids_that_were_made_are_alike_and_given_ones_are_not(replying, tmp_path):
    client, _ = replying(said(LEG))
    play = [{"type": "silence", "params": {"duration": 1}}]
    with client.run("recorded"):
        client.calling.play(CALL_ID, play=play, control_id="play-3")
    client.log.export_run("recorded", tmp_path / "run.jsonl")
    with swnb.replay(tmp_path / "run.jsonl") as again:
        for other in ("mine", "record-3", "mine.play", "a/play-3"):
            with pytest.raises(swnb.NoRecording, match="control_id differs"):
                again.calling.play(CALL_ID, play=play, control_id=other)
        again.calling.play(CALL_ID, play=play, control_id="play-1")


def test_a_run_on_a_call_that_was_there_before_is_replayed(tmp_path):
    def playing(sw):
        sw.call(call_id).play(play=PLAY).stop()

    log = tmp_path / "log.sqlite"
    with swnb.simulate(seed=7, log=log) as sw:
        call_id = sw.dial(**DIAL).wait_until("answered").id
        with sw.run("playing"):
            playing(sw)
        path = sw.log.export_run("playing", tmp_path / "run.jsonl")
    for again in (swnb.replay(path), swnb.replay("playing", log=log)):
        with again:
            playing(again)
            assert again.unused() == []


def test_what_a_run_left_open_is_not_open_before_its_replay(tmp_path):
    def playing(sw):
        call = sw.call(call_id)
        with pytest.raises(swnb.InvalidCommand, match="no play that was started"):
            call.stop("play")
        call.play(play=PLAY)

    log = tmp_path / "log.sqlite"
    with swnb.simulate(seed=7, log=log) as sw:
        call_id = sw.dial(**DIAL).wait_until("answered").id
        with sw.run("playing"):
            playing(sw)
    with swnb.replay("playing", log=log) as again:
        playing(again)
        assert again.unused() == []


def test_the_dates_of_a_listing_do_not_count(replying, tmp_path):
    client, _ = replying(said({"data": [], "links": {}}))
    with client.run("recorded"):
        list(client.voice_logs(created_on="2026-08-01", page_size=5))
    client.log.export_run("recorded", tmp_path / "run.jsonl")
    with swnb.replay(tmp_path / "run.jsonl") as again:
        assert list(again.voice_logs(created_on="2026-11-22", page_size=5)) == []
        with pytest.raises(swnb.NoRecording):
            list(again.voice_logs(created_on="2026-11-22", page_size=6))


def test_ignored_paths_do_not_count(path):
    for ignore in ("params.event.amount", ["params.event.amount"]):
        with swnb.replay(path, ignore=ignore) as sw:
            sw.dial(**DIAL).user_event(event=EVENT | {"amount": 7})
    with pytest.raises(swnb.ConfigurationError, match="ignore: must be paths"):
        swnb.replay(path, ignore=[7])


def test_a_secret_matches_its_redacted_form(replying, tmp_path):
    client, _ = replying(said(LEG))
    event = {"password": "canary-value", "echo": "it is canary-value"}
    with client.run("recorded"):
        client.calling.user_event(CALL_ID, event=event)
    text = client.log.export_run("recorded", tmp_path / "run.jsonl").read_text()
    assert "canary-value" not in text
    with swnb.replay(tmp_path / "run.jsonl") as again:
        again.calling.user_event(CALL_ID, event=event)
        assert again.unused() == []


def test_masked_numbers_match_the_real_ones(tmp_path):
    path = recorded(tmp_path / "masked.jsonl", mask_numbers=True)
    with swnb.replay(path) as sw:
        checkout(sw)
        assert sw.unused() == []


@pytest.mark.parametrize(
    "act",
    [
        said({"errors": [{"code": "invalid", "message": "is wrong", "attribute": "x"}]}, 422),
        said({"error": "Unauthorized"}, 401),
        said({}, 429, Retry_After="120"),
        said({}, 503),
        said({}, 500),
        said({}, 302, Location="https://elsewhere.example.com"),
        page("<html>not JSON</html>"),
        page("<html>broken</html>", 502),
        said(["a", "list"]),
        said("+OK waiting=1"),
        said(None),
        hang_up,
    ],
    ids=[
        f"act-{number}" for number in range(12)
    ],  # as text they would hold addresses, which differ between workers
)
def test_every_end_is_replayed_as_it_was(replying, tmp_path, act):
    client, _ = replying(act)
    one, other = twice(client, tmp_path / "run.jsonl", event_on(CALL_ID, n=1))
    assert other == one


def test_a_connection_that_failed_is_replayed_as_one(make, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
    one, other = twice(make(host), tmp_path / "run.jsonl", event_on(CALL_ID, n=1))
    assert one[0] is swnb.ConnectionFailed
    assert other == one


def test_pages_of_voice_logs_are_replayed_to_the_end(tmp_path):
    with swnb.simulate(seed=7) as sw:
        for _ in range(5):
            sw.dial(**DIAL)
        with sw.run("reading"):
            ids = [entry["id"] for entry in sw.voice_logs(page_size=2)]
        sw.log.export_run("reading", tmp_path / "reading.jsonl")
    with swnb.replay(tmp_path / "reading.jsonl") as again:
        assert [entry["id"] for entry in again.voice_logs(page_size=2)] == ids
        assert again.unused() == []


def renamed(path):
    """Rename a parameter in the recording, as if the catalogue had been another."""
    path.write_text(path.read_text().replace('"play": [{', '"playlist": [{'))


def test_requests_that_are_no_longer_valid_are_named(path):
    renamed(path)
    with pytest.warns(swnb.RecordingWarning, match=r"line 7: play\.") as warned:
        sw = swnb.replay(path)
    assert "no longer valid" in str(warned[0].message)
    assert len(sw.invalid()) == 1
    sw.close()


def test_parameters_that_were_sent_unchecked_are_no_reason_to_warn(replying, tmp_path):
    client, _ = replying(said(LEG))
    with client.run("recorded"):
        client.calling.user_event(CALL_ID, event={}, extras={"newer": 1})
    client.log.export_run("recorded", tmp_path / "run.jsonl")
    with swnb.replay(tmp_path / "run.jsonl") as again:
        assert again.invalid() == []
        again.calling.user_event(CALL_ID, event={}, extras={"newer": 1})


@pytest.mark.parametrize("model", CATALOGUE.values(), ids=CATALOGUE)
def test_every_command_is_replayed(replying, tmp_path, model):
    client, _ = replying(said(LEG))
    example = model(**model.example)
    call_id = CALL_ID if model.on_call else None
    with client.run("recorded"):
        first = client._session.send(example, call_id)
    path = client.log.export_run("recorded", tmp_path / "run.jsonl")
    with swnb.replay(path) as again:
        assert again._session.send(example, call_id) == first
        assert again.unused() == []


def test_a_refused_or_rehearsed_command_is_not_waited_for(tmp_path):
    with swnb.simulate(dry_run=True) as sw, sw.run("rehearsal"):
        sw.dial(**DIAL)
        path = sw.log.export_run("rehearsal", tmp_path / "run.jsonl")
    with swnb.replay(path) as again:
        assert again.unused() == []


def reconciled(sw, calls=3):
    """Cells that ask, after each of some calls, what is over, and what may still be spent."""
    refused, reports = [], []
    for _ in range(calls):
        try:
            call = sw.dial(**DIAL)
        except swnb.BudgetExceeded as error:
            refused.append(error.message)
            continue
        call.wait_until("answered").end()
        reports.append(sw.reconcile().counts())
    return refused, reports


def test_a_reconciliation_asks_again_about_the_same_calls(tmp_path):
    with swnb.simulate(seed=7) as sw, sw.run("run"):
        first = reconciled(sw)
        path = sw.log.export_run("run", tmp_path / "run.jsonl")
    with swnb.replay(path) as again:
        assert reconciled(again) == first
        assert again.unused() == []


def test_a_budget_refuses_what_it_refused(tmp_path):
    def budget():
        return swnb.Budget(0.03, per_minute=0.01, minutes=2)

    with swnb.simulate(seed=7, budget=budget()) as sw, sw.run("run"):
        refused, _ = reconciled(sw)
        path = sw.log.export_run("run", tmp_path / "run.jsonl")
    assert len(refused) == 1
    with swnb.replay(path) as again:
        again.budget = budget()
        assert reconciled(again)[0] == refused
        assert again.unused() == []


def test_a_sync_is_replayed_with_the_events_that_it_read(tmp_path):
    def cells(sw):
        sw.dial(**DIAL).end()
        report = sw.sync(with_events=True)
        return report.calls, report.new, report.events, list(sw.voice_logs())

    with swnb.simulate(seed=7, history=3) as sw, sw.run("run"):
        first = cells(sw)
        path = sw.log.export_run("run", tmp_path / "run.jsonl")
    with swnb.replay(path) as again:
        assert cells(again) == first
        assert again.unused() == []


def test_a_wait_asks_as_often_as_it_did_on_a_live_space_and_takes_no_time(tmp_path, monkeypatch):
    def waiting(sw, timeout):
        with pytest.raises(swnb.SwnbError, match="still ringing"):
            sw.call(call_id).wait_until("answered", timeout=timeout)

    with swnb.simulate(seed=7) as sw:
        call_id = sw.simulated_space.inbound(answered=False)
        with sw.run("waiting"):
            waiting(sw, 2)
        path = sw.log.export_run("waiting", tmp_path / "run.jsonl")
    # A live space is asked every two seconds.
    path.write_text(path.read_text().replace('"mode": "simulated"', '"mode": "live"', 1))
    never = clock(lambda _: pytest.fail("it slept"))
    monkeypatch.setattr("swnb.session.sending.routing.time", never)
    with swnb.replay(path) as again:
        waiting(again, 4)
        assert again.unused() == []


def test_the_facts_say_what_was_replayed(replayed):
    replayed.dial(**DIAL)
    run = replayed.log.runs().iloc[0]
    assert run["mode"] == "replayed"
    assert "checkout.jsonl" in run["note"]


def test_a_recording_changed_by_hand_replays_the_change(path):
    lines = path.read_text().splitlines()
    dial = json.loads(lines[1])
    dial["response"]["status"] = "busy"
    path.write_text("\n".join([lines[0], json.dumps(dial), *lines[2:]]) + "\n")
    with swnb.replay(path) as sw:
        assert sw.dial(**DIAL).status == "busy"


@pytest.mark.parametrize(
    ("recorded_as", "sent"),
    [(1, 1.0), (1.0, 1), (0, -0.0), (10**20, 1e20), ([{"n": 2}], [{"n": 2.0}])],
)
def test_numbers_of_equal_value_are_equal(tmp_path, recorded_as, sent):
    with swnb.simulate(seed=7) as sw:
        with sw.run("run"):
            sw.dial(**DIAL).user_event(event={"value": recorded_as})
        path = sw.log.export_run("run", tmp_path / "run.jsonl")
    with swnb.replay(path) as again:
        again.dial(**DIAL).user_event(event={"value": sent})
        assert again.unused() == []


@pytest.mark.parametrize(
    ("recorded_as", "sent"),
    [(1, True), (False, 0), (True, 1.0), (1, "1"), (1, 1.5), (2**53, 2**53 + 1)],
)
def test_what_is_not_that_number_is_not_equal(tmp_path, recorded_as, sent):
    with swnb.simulate(seed=7) as sw:
        with sw.run("run"):
            sw.dial(**DIAL).user_event(event={"value": recorded_as})
        path = sw.log.export_run("run", tmp_path / "run.jsonl")
    with swnb.replay(path) as again:
        call = again.dial(**DIAL)
        with pytest.raises(swnb.NoRecording, match=r"params\.event\.value differs"):
            call.user_event(event={"value": sent})


def test_what_a_process_recorded_it_replays(tmp_path, monkeypatch, no_sockets_after):
    path = tmp_path / "sent.jsonl"
    monkeypatch.setenv("SWNB_RECORD", str(path))
    with swnb.simulate(seed=7) as sw:
        call = checkout(sw)
        with pytest.raises(swnb.InvalidCommand):
            sw.dial(to="x")
    monkeypatch.delenv("SWNB_RECORD")
    no_sockets_after()
    monkeypatch.setenv("SWNB_REPLAY", str(path))
    with swnb.simulate() as again:
        assert again.space == "replayed"
        assert checkout(again).id == call.id
    assert not swnb.compare(path, path)


def test_what_is_recorded_can_be_replayed_while_it_is_recorded(tmp_path, monkeypatch):
    path = tmp_path / "sent.jsonl"
    monkeypatch.setenv("SWNB_RECORD", str(path))
    with swnb.simulate(seed=7) as sw:
        call = checkout(sw)
        with swnb.replay(path) as again:
            assert checkout(again).id == call.id
