"""`once=True`: what a run has done is replayed, and only what is new is sent."""

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.canned_server import CALL_ID, LEG, hang_up, said
from support.recorded_run import COMMANDS, DIAL, EVENT, PLAY, checkout

import swnb
from swnb.exchange import Exchange, now


@pytest.fixture
def sw():
    with swnb.simulate(seed=7) as client:
        yield client


def sent(sw):
    """The commands that reached the space."""
    frame = sw.log.exchanges()
    return list(frame[frame["space"] != "replayed"]["command"])


def test_a_first_pass_is_sent(sw):
    with sw.run("checkout", once=True):
        checkout(sw)
    assert sent(sw) == COMMANDS


def test_a_second_pass_sends_nothing(sw):
    for _ in range(3):
        with sw.run("checkout", once=True):
            call = checkout(sw)
    assert sent(sw) == COMMANDS
    assert call.status == "ended"


def test_a_second_pass_in_another_process_sends_nothing(tmp_path):
    for _ in range(2):
        with swnb.simulate(seed=7, log=tmp_path / "log.sqlite") as sw:
            with sw.run("checkout", once=True):
                checkout(sw)
            assert sent(sw) == COMMANDS


def test_only_what_is_new_is_sent(sw):
    with sw.run("checkout", once=True):
        call = sw.dial(**DIAL)
    with sw.run("checkout", once=True):
        call = sw.dial(**DIAL)
        call.user_event(event=EVENT)
    assert sent(sw) == ["dial", "calling.user_event"]


def test_what_was_new_is_replayed_the_next_time(sw):
    for events in (1, 2, 2):
        with sw.run("checkout", once=True):
            call = sw.dial(**DIAL)
            for number in range(events):
                call.user_event(event={"n": number})
    assert sent(sw) == ["dial", "calling.user_event", "calling.user_event"]


def test_the_card_of_a_replayed_reply_says_so(sw):
    for _ in range(2):
        with sw.run("checkout", once=True):
            card = sw.dial(**DIAL).last._repr_html_()
            first = sw.log.df["space"].iloc[0]
    assert first == "simulated"
    assert "replayed" in card


def test_another_run_is_not_replayed(sw):
    with sw.run("one"):
        sw.dial(**DIAL)
    with sw.run("other", once=True):
        sw.dial(**DIAL)
    assert sent(sw) == ["dial", "dial"]


def test_a_run_begun_within_one_that_goes_on_is_not_replayed(sw):
    for _ in range(2):
        sw.run("checkout", once=True)
    sw.dial(**DIAL)
    sw.run("checkout", once=True)
    with sw.run("other"):
        sw.dial(**DIAL)
    assert sent(sw) == ["dial", "dial"]


def test_a_run_begun_again_halfway_sends_what_is_new(sw):
    sw.run("checkout", once=True)
    sw.dial(**DIAL)
    for _ in range(2):  # its cell alone was executed
        sw.run("checkout", once=True)
    sw.dial(**DIAL)
    sw.dial(**DIAL)
    assert sent(sw) == ["dial", "dial"]


def test_after_the_run_everything_is_sent_again(sw):
    for _ in range(2):
        with sw.run("checkout", once=True):
            sw.dial(**DIAL)
    sw.dial(**DIAL)
    assert sent(sw) == ["dial", "dial"]


def test_a_call_taken_by_its_id_gets_the_control_ids_that_it_had(sw):
    call_id = sw.dial(**DIAL).wait_until("answered").id
    for _ in range(2):
        with sw.run("playing", once=True):
            call = sw.call(call_id)
            assert call.play(play=PLAY).control_id == "playing.play-1"
    with sw.run("playing", once=True):
        call = sw.call(call_id)
        call.play(play=PLAY)
        call.stop("play")  # new: it must name what is really playing
    assert sw.log.exchanges(run="playing")["control_id"].unique().tolist() == ["playing.play-1"]


def test_what_was_paid_is_paid_once(sw):
    for _ in range(2):
        with sw.run("checkout", once=True):
            charge = checkout(sw).charge
    assert charge > 0
    assert sw.log.calls()["charge"].tolist() == [charge]
    assert sw.log.charges()["charge"].sum() == pytest.approx(charge)


def test_a_run_that_replayed_itself_is_exported_once(sw, tmp_path):
    for _ in range(2):
        with sw.run("checkout", once=True):
            checkout(sw)
    lines = sw.log.export_run("checkout", tmp_path / "checkout.jsonl").read_text().splitlines()
    assert len(lines) == 1 + len(COMMANDS) + 1  # and how its wait ended


def test_a_replayed_dial_takes_nothing_of_a_budget():
    with swnb.simulate(seed=7, budget=swnb.Budget(0.03, per_minute=0.01, minutes=2)) as sw:
        for _ in range(2):
            with sw.run("checkout", once=True):
                checkout(sw)
                with pytest.raises(swnb.BudgetExceeded):  # new, and more than is left
                    sw.dial(**DIAL)
        assert sent(sw).count("dial") == 3  # one that left, and a refusal in each pass


def test_threads_that_repeat_a_run_use_each_answer_once(sw):
    with sw.run("checkout", once=True):
        call = sw.dial(**DIAL).wait_until("answered")
        for _ in range(20):
            call.user_event(event=EVENT)

    def again(_):
        return sw.calling.user_event(call.id, event=EVENT).exchange.space

    with sw.run("checkout", once=True), ThreadPoolExecutor(8) as pool:
        spaces = list(pool.map(again, range(24)))
    assert (spaces.count("replayed"), spaces.count("simulated")) == (20, 4)


def test_a_sync_is_replayed_with_its_numbers():
    with swnb.simulate(seed=7, history=20) as sw:
        reports = []
        for _ in range(2):
            with sw.run("checkout", once=True):
                reports.append([repr(sw.sync()), repr(sw.sync())])
    assert reports[0] == reports[1]


def test_a_refusal_is_replayed_as_the_same_error(sw):
    said = []
    for _ in range(2):
        with sw.run("checkout", once=True):
            call = sw.dial(**DIAL).wait_until("answered")
            with pytest.raises(swnb.ApiError) as refusal:
                call.play_stop(control_id="nothing")
            said.append(str(refusal.value))
    assert said[0] == said[1]
    assert sent(sw).count("calling.play.stop") == 1


def dialled_twice(client, error, second=None):
    """Dial in two passes of one run, the first of which ends in an error."""
    with pytest.raises(error), client.run("checkout", once=True):
        client.dial(**DIAL)
    with client.run("checkout", once=True):
        if second is None:
            return client.dial(**DIAL)
        with pytest.raises(second) as raised:
            client.dial(**DIAL)
        return raised.value


def test_a_dial_of_unknown_outcome_is_not_sent_again(replying):
    client, server = replying(hang_up, said(LEG))
    error = dialled_twice(client, swnb.OutcomeUnknown, swnb.OutcomeUnknown)
    assert len(server.requests) == 1
    assert "It may have been carried out" in str(error)


def test_a_dial_that_was_still_open_when_the_kernel_died_is_not_sent_again(replying):
    client, server = replying(said(LEG))
    with client.run("checkout"):
        body = {"command": "dial", "params": {"from": "+15550100", **DIAL}}
        del body["params"]["from_"]
        client.log.start(Exchange("dial", "live", now(), request=body))
    with (
        client.run("checkout", once=True),
        pytest.raises(swnb.OutcomeUnknown, match="its outcome is not known"),
    ):
        client.dial(**DIAL)
    assert server.requests == []


def test_what_was_certainly_not_carried_out_is_sent_again(replying):
    client, server = replying(said({}, 503, Retry_After="0"), said(LEG))
    assert dialled_twice(client, swnb.Unavailable).id == CALL_ID
    assert len(server.requests) == 2


def test_a_503_that_was_logged_as_not_carried_out_is_replayed_so(replying):
    client, _ = replying(said(LEG))
    with client.run("checkout"):
        body = {"command": "dial", "params": {"from": "+15550100", **DIAL}}
        del body["params"]["from_"]
        logged = Exchange("dial", "live", now(), request=body, outcome="rejected", http_status=503)
        client.log.record(logged)
    with swnb.replay("checkout", log=client.log) as again, pytest.raises(swnb.Unavailable):
        again.dial(**DIAL)


def test_what_never_arrived_is_sent_again(make, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
    client = make(host)
    dialled_twice(client, swnb.ConnectionFailed, swnb.ConnectionFailed)
    assert client.log.exchanges()["space"].tolist() == ["simulated", "simulated"]


def test_a_harmless_command_of_unknown_outcome_is_sent_again(replying):
    client, server = replying(hang_up, said(LEG))
    with pytest.raises(swnb.OutcomeUnknown), client.run("checkout", once=True):
        client.calling.end(CALL_ID)
    with client.run("checkout", once=True):
        client.calling.end(CALL_ID)
    assert len(server.requests) == 2
