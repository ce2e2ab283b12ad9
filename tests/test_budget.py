"""A budget refuses a dial before it is sent when the run could come to cost more."""

from __future__ import annotations

import json
import threading

import pytest
from support.canned_server import LEG, hang_up, said

import swnb

pytestmark = pytest.mark.sample(6)

DIAL = {"from_": "+15550100", "to": "+15550101", "url": "https://example.com/swml"}


@pytest.fixture
def held(space, server, tmp_path):
    """A client that may spend a dollar: two calls of twenty minutes at two cents, and no third."""
    budget = swnb.Budget(1.00, per_minute=0.02, minutes=20)
    with swnb.Client(
        space.project, space.token, server.host, log=tmp_path / "log.sqlite", budget=budget
    ) as sw:
        yield sw


def test_a_dial_that_could_pass_the_budget_is_not_sent(held, space):
    held.dial(**DIAL)
    held.dial(**DIAL)
    sent = len(space.requests)
    with pytest.raises(swnb.BudgetExceeded) as caught:
        held.dial(**DIAL)
    assert len(space.requests) == sent
    assert "budget of $1.00" in str(caught.value)
    assert "2 open calls can cost $0.80, and this one $0.40" in str(caught.value)
    assert "sw.reconcile()" in str(caught.value)
    assert held.log.df["outcome"].tolist() == ["accepted", "accepted", "refused"]


def test_what_calls_did_cost_counts_once_a_voice_log_says_that_they_are_over(held, space):
    calls = [held.dial(**DIAL) for _ in range(2)]
    space.advance(90)
    for call in calls:
        call.end()
    with pytest.raises(swnb.BudgetExceeded):  # a reply is not the last word on a charge
        held.dial(**DIAL)
    held.reconcile()
    held.dial(**DIAL)
    held.dial(**DIAL)
    with pytest.raises(
        swnb.BudgetExceeded, match=r"\$0\.04 is spent, 2 open calls can cost \$0\.80"
    ):
        held.dial(**DIAL)


def test_an_open_call_that_has_cost_more_than_it_was_thought_to_counts_as_it_is(held, space):
    call = held.dial(**DIAL)
    space.advance(3600 * 3)
    call.refresh()
    with pytest.raises(swnb.BudgetExceeded, match=r"1 open call can cost \$1\.80"):
        held.dial(**DIAL)


def test_the_price_is_passed_on(held):
    named = held.dial(**DIAL, max_price_per_minute=0.015)
    assumed = held.dial(**DIAL, custom_variables={"a": "b"}, timeout=20)
    rates = [call.last.exchange.request["params"] for call in (named, assumed)]
    assert [params["max_price_per_minute"] for params in rates] == [0.015, 0.02]
    assert {**rates[1]} == {
        "from": "+15550100",
        "to": "+15550101",
        "url": "https://example.com/swml",
        "custom_variables": {"a": "b"},
        "timeout": 20,
        "max_price_per_minute": 0.02,
    }


def test_a_dearer_dial_takes_more_of_it(held):
    held.dial(**DIAL, max_price_per_minute=0.04)
    with pytest.raises(swnb.BudgetExceeded, match=r"1 open call can cost \$0\.80"):
        held.dial(**DIAL)
    held.dial(**DIAL, max_price_per_minute=0.01)


def test_a_dial_without_a_price_cannot_be_held_to_a_budget(space, server):
    with (
        swnb.Client(space.project, space.token, server.host, log=":memory:", budget=5.00) as sw,
        pytest.raises(swnb.InvalidCommand, match=r"dial\.max_price_per_minute: is required"),
    ):
        sw.dial(**DIAL)
    assert space.requests == []


def test_a_dial_of_unknown_outcome_counts_as_open(replying):
    sw, server = replying(hang_up, said(LEG), budget=swnb.Budget(0.5, per_minute=0.3, minutes=1))
    with pytest.raises(swnb.OutcomeUnknown):
        sw.dial(**DIAL)
    with pytest.raises(swnb.BudgetExceeded):
        sw.dial(**DIAL)
    assert len(server.requests) == 1


def test_a_dial_that_the_platform_refused_costs_nothing(replying):
    sw, server = replying(
        said({"error": "no"}, 422), said(LEG), budget=swnb.Budget(0.5, per_minute=0.3, minutes=1)
    )
    with pytest.raises(swnb.ApiError):
        sw.dial(**DIAL)
    sw.dial(**DIAL)
    assert json.loads(server.requests[1].body)["params"]["max_price_per_minute"] == 0.3


def test_only_this_run_counts_and_a_run_that_goes_on_does(space, server, tmp_path):
    budget = swnb.Budget(0.5, per_minute=0.02, minutes=20)

    def client(run):
        return swnb.Client(
            space.project,
            space.token,
            server.host,
            log=tmp_path / "log.sqlite",
            run=run,
            budget=budget,
        )

    with client("a") as sw:
        sw.dial(**DIAL)
    with client("b") as sw:
        sw.dial(**DIAL)
    with client("a") as sw, pytest.raises(swnb.BudgetExceeded):
        sw.dial(**DIAL)


def test_two_threads_cannot_spend_the_same(held):
    outcomes = []

    def dial():
        try:
            held.dial(**DIAL)
            outcomes.append("sent")
        except swnb.BudgetExceeded:
            outcomes.append("refused")

    threads = [threading.Thread(target=dial) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 4 + ["sent"] * 2


def test_other_commands_are_not_held(held, space):
    call = held.dial(**DIAL, max_price_per_minute=0.05)
    space.advance(3600 * 9)
    call.refresh()
    call.user_event(event={"x": 1})
    call.end()


@pytest.mark.parametrize("bad", [0, -1, float("nan"), float("inf"), True, "5"])
@pytest.mark.parametrize("name", ["limit", "per_minute", "minutes"])
def test_a_budget_is_of_numbers_above_0(bad, name):
    with pytest.raises(swnb.ConfigurationError, match=rf"budget\.{name}: must be a number above 0"):
        swnb.Budget(**{"limit": 5.0, name: bad})
