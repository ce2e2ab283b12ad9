"""Calls that are not left up: leaving a block, ending twice, ending all, closing a client."""

import pytest
from support.recorded_run import DIAL

import swnb
from swnb.simulator import serve


@pytest.fixture
def sw():
    with swnb.simulate() as client:
        yield client


def test_leaving_the_block_ends_the_call(sw):
    with sw.dial(**DIAL) as call:
        call.wait_until("answered")
    assert call.ended
    assert sw.simulated_space.calls[call.id] == "ended"


def test_a_call_that_is_over_is_not_ended_again(sw):
    with sw.dial(**DIAL) as call:
        call.wait_until("answered").end()
    assert [seen.command for seen in sw.simulated_space.requests].count("calling.end") == 1


def test_an_exception_ends_the_call_and_is_not_hidden(sw):
    with pytest.raises(ZeroDivisionError), sw.dial(**DIAL) as call:
        1 / 0  # noqa: B018 - the error is the test
    assert sw.simulated_space.calls[call.id] != "answered"
    assert call.ended


@pytest.mark.slow
def test_an_exception_is_not_hidden_by_a_call_that_cannot_be_ended(sw):
    sw.simulated_space.misbehave("500", 5, command="calling.end")
    with pytest.raises(ZeroDivisionError) as error, sw.dial(**DIAL) as call:
        1 / 0  # noqa: B018 - the error is the test
    assert "the call could not be ended" in error.value.__notes__[0]
    assert sw.simulated_space.calls[call.id] != "ended"


def test_a_call_that_cannot_be_ended_is_an_error_of_its_own(sw):
    sw.simulated_space.misbehave("500", 5, command="calling.end")
    with pytest.raises(swnb.OutcomeUnknown), sw.dial(**DIAL):
        pass


def test_ending_twice_is_no_error_and_says_so(sw):
    call = sw.dial(**DIAL).wait_until("answered")
    assert call.end().status == "ended"
    again = call.end()
    assert (again.status, again.exchange.command) == ("ended", "voice_log")
    assert sw.log.df["outcome"].tolist()[-2:] == ["rejected", "accepted"]


def test_the_far_end_may_have_been_faster(sw):
    call = sw.dial(**DIAL).wait_until("answered")
    sw.simulated_space.hang_up(call)
    assert not call.ended
    assert call.end().status == "ended"
    assert call.ended


def test_a_mistake_in_ending_is_still_an_error(sw):
    call = sw.dial(**DIAL).wait_until("answered")
    before = len(sw.simulated_space.requests)
    with pytest.raises(swnb.ApiError):
        call.end(extras={"fade_ms": 3})
    assert len(sw.simulated_space.requests) == before + 1
    assert not call.ended


def test_all_that_this_client_dialed_is_ended(sw):
    other = sw.simulated_space.inbound()
    calls = [sw.dial(**DIAL) for _ in range(3)]
    calls[1].end()
    assert sw.end_all() == [calls[0].id, calls[2].id]
    assert all(call.ended for call in calls)
    assert sw.simulated_space.calls[other] == "answered"
    assert sw.end_all() == []


@pytest.mark.slow
def test_one_that_cannot_be_ended_keeps_no_other_up(sw):
    calls = [sw.dial(**DIAL) for _ in range(3)]
    sw.simulated_space.misbehave("500", 3, command="calling.end")
    with pytest.raises(swnb.SwnbError, match="1 of 3 calls may still be up") as error:
        sw.end_all()
    assert calls[0].id in error.value.message
    assert [call.ended for call in calls] == [False, True, True]


def test_closing_names_the_calls_that_are_up(capsys, tmp_path):
    space = swnb.Space()
    with serve(space) as server:
        options = {"project": space.project, "token": space.token, "host": server.host}
        with swnb.Client(**options, log=tmp_path / "log.sqlite") as sw:
            up = sw.dial(**DIAL)
            sw.dial(**DIAL).end()
    told = capsys.readouterr().err
    assert told.count("may still be up") == 1
    assert up.id in told


def test_a_simulated_call_dies_with_its_space(capsys):
    with swnb.simulate() as sw:
        sw.dial(**DIAL)
    assert capsys.readouterr().err == ""


def test_a_rehearsed_block_ends(tmp_path):
    with swnb.simulate(dry_run=True) as sw, sw.dial(**DIAL) as call:
        call.wait_until("answered")
    assert call.status is None
