"""The virtual clock: what is due happens in its order, once, and by nothing but the space's time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from support.simulated_space import Remote

from swnb.simulator import FarEnd, Space
from swnb.simulator.space import START
from swnb.simulator.stage.clock import Clock

SECOND = timedelta(seconds=1)


@pytest.fixture
def clock():
    return Clock(START)


def test_what_is_due_happens_in_order_of_time_and_ties_in_order_of_setting(clock):
    seen = []
    for name, seconds in [("d", 3), ("a", 1), ("b", 2), ("c", 2), ("e", 3)]:
        clock.after(seconds, lambda name=name: seen.append((name, (clock.now - START) / SECOND)))
    clock.run(START + 10 * SECOND)
    assert seen == [("a", 1), ("b", 2), ("c", 2), ("d", 3), ("e", 3)]
    assert clock.now == START + 10 * SECOND


def test_what_is_not_due_yet_stays(clock):
    seen = []
    clock.after(2, lambda: seen.append(1))
    clock.run(START + 1.999 * SECOND)
    assert seen == []
    assert clock.next() == START + 2 * SECOND
    clock.run(START + 2 * SECOND)
    assert seen == [1]
    assert clock.next() is None


def test_what_becomes_due_while_something_happens_happens_in_the_same_span(clock):
    seen = []

    def again():
        seen.append((clock.now - START) / SECOND)
        if len(seen) < 4:
            clock.after(0 if len(seen) == 2 else 1, again)

    clock.after(1, again)
    clock.after(1, lambda: seen.append("tie"))
    clock.run(START + 3 * SECOND)
    assert seen == [1, "tie", 2, 3]
    clock.run(START + 9 * SECOND)
    assert seen == [1, "tie", 2, 3]


def test_what_is_canceled_does_not_happen(clock):
    seen = []
    first, second = (clock.after(1, lambda n=n: seen.append(n)) for n in (1, 2))
    clock.after(1, second.cancel)
    third = clock.after(1, lambda: seen.append(3))
    first.cancel()
    clock.after(0.5, third.cancel)
    clock.run(START + SECOND)
    assert seen == [2]
    second.cancel()


def test_a_run_to_a_time_that_has_passed_changes_nothing(clock):
    clock.run(START + SECOND)
    clock.run(START)
    assert clock.now == START + SECOND


def test_advance_past_several_things_lets_each_happen_at_its_own_time():
    space = Space()
    space.far_end("*", FarEnd(hangs_up_after=4))
    with Remote(space) as remote:
        calls = [remote.dial() for _ in range(3)]
        seen = []
        space.subscribe(lambda it: seen.append((it.call_id, it.state, (it.at - START) / SECOND)))
        space.advance(60)
    # Each was dialed a second after the one before; the first rings already.
    expected = [
        (call_id, state, dialed + after)
        for dialed, call_id in enumerate(calls, 1)
        for state, after in (("ringing", 1), ("answered", 2), ("ended", 6))
    ]
    expected.sort(key=lambda each: each[2])
    assert sorted(seen) == sorted(each for each in expected if each[2] > 3)
    assert [at for *_, at in seen] == sorted(at for *_, at in seen)


@pytest.mark.parametrize("zone", [UTC, None])
def test_advance_to_a_later_time(zone):
    space = Space()
    call_id = space.inbound(answered=False)
    later = (START + timedelta(minutes=5)).replace(tzinfo=zone)
    assert space.advance(to=later) == space.now == START + timedelta(minutes=5)
    assert space.calls[call_id] == "no-answer"


@pytest.mark.parametrize(
    ("seconds", "to"),
    [
        (-1, None),
        (float("nan"), None),
        (float("inf"), None),
        (1e18, None),
        (0, START - SECOND),
        (1, START + SECOND),
    ],
)
def test_time_neither_runs_backwards_nor_out_of_the_calendar(seconds, to):
    space = Space()
    with pytest.raises(ValueError, match=r"^(seconds|to): must "):
        space.advance(seconds, to=to)
    assert space.now == START


def test_a_skip_goes_to_the_next_thing_due_and_no_further():
    space = Space()
    far = START + timedelta(hours=1)
    space.far_end("*", FarEnd(rings=7))
    with Remote(space) as remote:
        call_id = remote.dial()
        dialed = space.now
        assert space.skip(far) == dialed + SECOND
        assert space.calls[call_id] == "ringing"
        assert space.skip(dialed + 5 * SECOND) == dialed + 5 * SECOND
        assert space.calls[call_id] == "ringing"
        assert space.skip(far) == dialed + 8 * SECOND
        assert space.calls[call_id] == "answered"


def test_a_skip_with_nothing_due_says_so_and_moves_nothing():
    space = Space()
    space.inbound()
    assert space.skip(START + SECOND) is None
    assert space.now == START


def test_a_skip_waits_for_looks_if_something_depends_on_them():
    space = Space()
    space.far_end("*", FarEnd(presses=[{"what": "1", "polls": 2}]))
    call_id = space.inbound()
    assert space.skip(START + SECOND) == START
    with Remote(space) as remote:
        remote.logs(f"/{call_id}")
        assert space.skip(START + timedelta(hours=1)) is not None
        remote.logs(f"/{call_id}")
        assert space.skip(START + timedelta(hours=1)) is None


def test_two_spaces_have_two_clocks():
    first, second = Space(), Space()
    first.advance(60)
    assert second.now == START
    assert datetime.now(UTC) - first.now != timedelta()


def test_a_listener_hears_until_it_has_heard_enough():
    space = Space()
    seen = []
    stop = space.subscribe(seen.append)
    space.inbound()
    count = len(seen)
    assert count > 0
    stop()
    stop()
    space.inbound()
    assert len(seen) == count
