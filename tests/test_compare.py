"""Comparing runs: added, missing, changed, and what does not count."""

import contextlib

import pytest
from support.canned_server import CALL_ID, LEG, hang_up, said
from support.recorded_run import COMMANDS, DIAL, EVENT, PLAY, checkout, recorded

import swnb
from swnb.simulator import FarEnd

pytestmark = pytest.mark.sample(6)


@pytest.fixture
def sw():
    with swnb.simulate(seed=7) as client:
        yield client


def run(sw, name, act=checkout, **given):
    with sw.run(name):
        return act(sw, **given)


def rows(comparison):
    return comparison.df[["change", "command", "path", "before", "after"]].to_numpy().tolist()


def answered(replying, one, other):
    """Two runs of one event, each with its answer."""
    client, _ = replying(one, other)
    for name in ("one", "other"):
        with client.run(name), contextlib.suppress(swnb.SendError):
            client.calling.user_event(CALL_ID, event=EVENT)
    return client


def test_the_same_cells_are_the_same_run(sw):
    run(sw, "one")
    run(sw, "other")
    comparison = swnb.compare("one", "other", log=sw.log)
    assert not comparison
    assert len(comparison) == 0
    assert comparison.df.empty
    assert comparison.exchanges == len(COMMANDS)


def playing(sw, call_id, stopped):
    """Play twice on a call that was there before, and stop one of the two."""
    call = sw.call(call_id)
    replies = [call.play(play=PLAY), call.play(play=PLAY)]
    replies[stopped].stop()


def test_control_ids_are_the_same_where_they_are_used_alike(sw):
    call_id = sw.dial(**DIAL).wait_until("answered").id
    run(sw, "one", playing, call_id=call_id, stopped=0)
    run(sw, "same", playing, call_id=call_id, stopped=0)
    run(sw, "other", playing, call_id=call_id, stopped=1)
    swnb.assert_same("one", "same", log=sw.log, ignore=["response", "charge"])
    changes = swnb.compare("one", "other", log=sw.log, ignore=["response", "charge"]).changes
    assert [(each.path, each.before, each.after) for each in changes] == [
        ("request.params.control_id", "one.play-1", "other.play-2")
    ]


def test_a_run_and_its_replay_are_the_same(tmp_path):
    path = recorded(tmp_path / "run.jsonl")
    with swnb.replay(path) as again:
        checkout(again)
        swnb.assert_same(path, again)


def test_a_masked_recording_and_its_run_are_the_same(sw, tmp_path):
    run(sw, "one")
    path = sw.log.export_run("one", tmp_path / "masked.jsonl", mask_numbers=True)
    swnb.assert_same(path, "one", log=sw.log)


def test_a_changed_parameter_is_a_change_at_its_path(sw):
    run(sw, "one")
    run(sw, "other", amount=59.99)
    assert rows(swnb.compare("one", "other", log=sw.log)) == [
        ["changed", "calling.user_event", "request.params.event.amount", 49.99, 59.99]
    ]


def test_what_only_the_second_run_sent_is_added(sw):
    run(sw, "one", lambda sw: sw.dial(**DIAL))
    run(sw, "other", lambda sw: sw.dial(**DIAL).user_event(event=EVENT))
    assert rows(swnb.compare("one", "other", log=sw.log)) == [
        ["added", "calling.user_event", "", None, {"event": EVENT}]
    ]


def test_what_only_the_first_run_sent_is_missing(sw):
    run(sw, "one", lambda sw: sw.dial(**DIAL).user_event(event=EVENT))
    run(sw, "other", lambda sw: sw.dial(**DIAL))
    assert rows(swnb.compare("one", "other", log=sw.log)) == [
        ["missing", "calling.user_event", "", {"event": EVENT}, None]
    ]


def test_ids_are_the_same_where_they_are_used_alike(sw):
    def act(sw, which):
        calls = [sw.dial(**DIAL), sw.dial(**DIAL)]
        calls[which].user_event(event=EVENT)

    run(sw, "one", act, which=0)
    run(sw, "same", act, which=0)
    run(sw, "other", act, which=1)
    assert not swnb.compare("one", "same", log=sw.log)
    paths = swnb.compare("one", "other", log=sw.log).df["path"]
    assert "request.id" in set(paths)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"status": "ended"}, "status"),
        ({"charge": 0.5}, "charge"),
        ({"to": "+15550199"}, "response.to"),
        ({"charge_details": []}, "response.charge_details[0]"),
        ({"newer": 1}, "response.newer"),
    ],
)
def test_each_part_of_a_reply_is_compared(replying, change, path):
    client = answered(replying, said(LEG), said(LEG | change))
    comparison = swnb.compare("one", "other", log=client.log)
    assert [each.path for each in comparison.changes] == [path]


def test_an_error_in_the_place_of_an_answer_is_a_change(replying):
    client = answered(replying, said(LEG), said({"errors": [{"code": "x", "message": "no"}]}, 422))
    paths = {each.path for each in swnb.compare("one", "other", log=client.log).changes}
    assert {"outcome", "http_status", "error"} <= paths


def test_an_unknown_outcome_is_a_change(replying):
    client = answered(replying, said(LEG), hang_up)
    changes = swnb.compare("one", "other", log=client.log).changes
    assert ("outcome", "accepted", "unknown") in [
        (each.path, each.before, each.after) for each in changes
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"created_at": "2026-08-01T10:00:00Z"},
        {"sent_at": 1_785_000_000},
        {"segment_id": "11111111-2222-4333-8444-555555555555"},
    ],
)
def test_times_and_ids_do_not_count(replying, change):
    other = {"created_at": "2026-11-22T10:00:00Z", "sent_at": 1_795_000_000}
    base = {key: other.get(key, "22222222-2222-4333-8444-555555555555") for key in change}
    client = answered(replying, said(base), said(change))
    assert not swnb.compare("one", "other", log=client.log)


def test_a_tolerance_lets_numbers_differ_so_far(replying):
    client = answered(replying, said(LEG), said(LEG | {"charge": 0.0141}))
    assert not swnb.compare("one", "other", log=client.log, tolerances={"charge": 0.002})
    assert swnb.compare("one", "other", log=client.log, tolerances={"charge": 0.0005})
    assert swnb.compare("one", "other", log=client.log, tolerances={"duration": 1})


@pytest.mark.parametrize(
    "pattern", ["response.duration_ms", "duration_ms", "response.*_ms", "response", "*"]
)
def test_ignored_paths_do_not_count(replying, pattern):
    client = answered(replying, said(LEG), said(LEG | {"duration_ms": 1}))
    assert swnb.compare("one", "other", log=client.log)
    assert not swnb.compare("one", "other", log=client.log, ignore=[pattern])
    assert not swnb.compare("one", "other", log=client.log, ignore=pattern)


def test_ignored_parameters_pair_what_differs_in_them(sw):
    run(sw, "one")
    run(sw, "other", amount=1)
    swnb.assert_same("one", "other", log=sw.log, ignore=["request.params.event.amount"])


def test_assert_same_says_what_differs(sw):
    run(sw, "one")
    run(sw, "other", amount=59.99)
    with pytest.raises(AssertionError) as failure:
        swnb.assert_same("one", "other", log=sw.log)
    assert str(failure.value).splitlines() == [
        "run 'one' and run 'other': 1 difference",
        "  calling.user_event #4: request.params.event.amount was 49.99, is 59.99",
    ]


def test_what_is_added_or_missing_is_told(sw):
    run(sw, "one", lambda sw: sw.dial(**DIAL))
    run(sw, "other", lambda sw: sw.dial(**DIAL).user_event(event={"n": 1}))
    added, missing = (
        str(swnb.compare(*names, log=sw.log)).splitlines()[1]
        for names in (("one", "other"), ("other", "one"))
    )
    assert added == '  calling.user_event #2: added, {"event": {"n": 1}}'
    assert missing == '  calling.user_event #2: missing, {"event": {"n": 1}}'


def test_null_is_not_the_same_as_nothing_and_is_told_apart(sw):
    for name, event in (("null", {"n": None}), ("none", {}), ("one", {"n": 1})):
        run(sw, name, lambda sw, event=event: sw.dial(**DIAL).user_event(event=event))
    shown = [
        str(swnb.compare(*names, log=sw.log)).splitlines()[1].partition("event.n ")[2]
        for names in (("null", "none"), ("none", "null"), ("null", "one"), ("none", "one"))
    ]
    assert shown == [
        "was null, is not there",
        "was not there, is null",
        "was null, is 1",
        "was not there, is 1",
    ]
    card = swnb.compare("null", "none", log=sw.log)._repr_html_()
    assert ">null<" in card
    assert rows(swnb.compare("null", "none", log=sw.log))[0][3:] == [None, None]


def test_long_values_are_shown_where_they_differ(sw):
    for name, end in (("one", "sheep"), ("other", "goats")):
        run(sw, name, text="x" * 300 + end)
    comparison = swnb.compare("one", "other", log=sw.log)
    for shown in (str(comparison), comparison._repr_html_()):
        assert "…xxx" in shown
        assert "sheep" in shown
        assert "goats" in shown


def test_what_no_output_can_hold_is_shown_as_something_else(replying):
    sw = answered(replying, said({"half": "a"}), said({"half": "\ud800"}))
    comparison = swnb.compare("one", "other", log=sw.log)
    for shown in (str(comparison), comparison._repr_html_()):
        assert "\ufffd" in shown.encode().decode()
    assert "\ufffd" in comparison.df.to_html().encode().decode()


def test_the_card_of_equal_runs_says_how_much_was_compared(sw):
    run(sw, "one")
    run(sw, "other")
    card = swnb.compare("one", "other", log=sw.log)._repr_html_()
    assert f"run &#x27;one&#x27; and run &#x27;other&#x27;: {len(COMMANDS)} exchanges" in card


def test_a_failure_shows_no_machinery(sw):
    run(sw, "one")
    run(sw, "other", amount=1)
    with pytest.raises(AssertionError) as failure:
        swnb.assert_same("one", "other", log=sw.log)
    assert failure.traceback[-1].frame.f_locals["__tracebackhide__"] is True


def test_a_long_failure_is_cut(sw):
    run(sw, "one", lambda sw: None)
    run(sw, "other", lambda sw: [sw.dial(**DIAL) for _ in range(25)])
    lines = str(swnb.compare("one", "other", log=sw.log)).splitlines()
    assert len(lines) == 22
    assert lines[-1] == "… and 5 more, in .df"


def test_the_card_shows_both_sides_escaped(sw):
    run(sw, "one")
    run(sw, "other", action="<script>")
    card = swnb.compare("one", "other", log=sw.log)._repr_html_()
    assert "&lt;script&gt;" in card
    assert "<script>" not in card
    assert "order.confirmed" in card


def test_an_id_that_stands_for_another_call_is_a_change(replying, tmp_path):
    ids = [f"{number}1111111-2222-4333-8444-555555555555" for number in range(4)]
    legs = [said(LEG | {"id": ids[place]}) for place in (0, 1, 1, 2, 3, 2)]
    client, _ = replying(*legs)
    for name, place in (("one", 1), ("other", 2)):  # the second call of one, the first of the other
        with client.run(name):
            client.dial(**DIAL)
            client.dial(**DIAL)
            client.calling.user_event(ids[place], event=EVENT)
    paths = [each.path for each in swnb.compare("one", "other", log=client.log).changes]
    assert paths == ["request.id", "response.id"]


def test_a_client_stands_for_its_present_run(sw):
    run(sw, "one")
    with sw.run("other"):
        checkout(sw)
        swnb.assert_same("one", sw, log=sw.log)


def test_runs_stand_for_themselves(sw):
    with sw.run("one") as one:
        checkout(sw)
    with sw.run("other") as other:
        checkout(sw, amount=7)
    assert [each.before for each in swnb.compare(one, other).changes] == [49.99]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"tolerances": {"charge": "0.1"}}, "tolerances: must be finite numbers"),
        ({"tolerances": {"charge": -1}}, "tolerances: must be finite numbers"),
        ({"tolerances": {"charge": float("nan")}}, "tolerances: must be finite numbers"),
        ({"ignore": [""]}, "ignore: must be paths"),
        ({"ignore": [7]}, "ignore: must be paths"),
        ({"b": 7}, "a run must be a recording"),
    ],
)
def test_what_makes_no_sense_is_refused(sw, options, reason):
    run(sw, "one")
    with pytest.raises(swnb.ConfigurationError, match=reason):
        swnb.compare(**({"a": "one", "b": "one", "log": sw.log} | options))


def test_an_unknown_run_is_an_error(sw):
    run(sw, "checkout")
    with pytest.raises(swnb.LogError, match="did you mean 'checkout'"):
        swnb.compare("checkout", "chekout", log=sw.log)


def polled(sw, name, looks, act=lambda sw, call: None):
    with sw.run(name):
        call = sw.dial(**DIAL)
        for _ in range(looks):
            call.refresh()
        act(sw, call)


def test_a_run_may_look_at_a_call_as_often_as_it_has_to(sw):
    """The call is answered at the last look of each night, so no duration differs."""

    def night(name, looks):
        with sw.run(name):
            sw.simulated_space.far_end("+15550101", FarEnd(polls=looks))
            call = sw.dial(**DIAL)
            while call.status != "answered":
                call.refresh()
            call.user_event(event=EVENT)

    looks = {"one": 2, "other": 5}
    for name, number in looks.items():
        night(name, number)
        assert sw.log.exchanges(run=name)["command"].tolist().count("voice_log") == number
    assert not swnb.compare("one", "other", log=sw.log)


def test_readings_of_two_calls_are_folded_each_for_itself(sw):
    def act(looks):
        calls = [sw.dial(**DIAL), sw.dial(**DIAL)]
        for _ in range(looks):
            for call in calls:
                call.refresh()

    for name, looks in (("one", 1), ("other", 3)):
        with sw.run(name):
            act(looks)
    differing = swnb.compare("one", "other", log=sw.log, ignore=["status", "response"])
    assert [change.change for change in differing.changes if change.command == "voice_log"] == []


def test_a_reading_that_is_no_poll_is_compared(sw):
    polled(sw, "one", 1, lambda _, call: call.user_event(event=EVENT))
    polled(sw, "other", 1, lambda _, call: (call.user_event(event=EVENT), call.refresh()))
    changes = swnb.compare("one", "other", log=sw.log).changes
    assert [(change.change, change.command) for change in changes] == [("added", "voice_log")]


@pytest.mark.parametrize("pattern", ["voice_log", "#5"])
def test_a_command_or_one_exchange_can_be_ignored(sw, pattern):
    polled(sw, "one", 1, lambda _, call: [call.user_event(event=EVENT) for _ in range(2)])
    polled(
        sw,
        "other",
        1,
        lambda _, call: [*(call.user_event(event=EVENT) for _ in range(2)), call.refresh()],
    )
    assert swnb.compare("one", "other", log=sw.log)
    assert not swnb.compare("one", "other", log=sw.log, ignore=pattern)


@pytest.mark.parametrize("pattern", ["calling.user_event", "user_event"])
def test_a_command_is_ignored_by_either_name(sw, pattern):
    run(sw, "one")
    run(sw, "other", amount=1)
    assert swnb.compare("one", "other", log=sw.log)
    assert not swnb.compare("one", "other", log=sw.log, ignore=pattern)


def test_a_word_that_is_also_a_parameter_is_a_path(sw):
    silence = [{"type": "silence", "params": {"duration": 1}}]

    def act(sw, volume, items):
        sw.dial(**DIAL).wait_until("answered").play(play=items, volume=volume)

    run(sw, "one", act, volume=1, items=silence)
    run(sw, "other", act, volume=2, items=silence * 2)
    assert [
        change.path for change in swnb.compare("one", "other", log=sw.log, ignore="play").changes
    ] == ["request.params.volume"]
    assert not swnb.compare("one", "other", log=sw.log, ignore="calling.play")


def test_a_charge_or_a_duration_that_differs_is_told_once_where_it_began(replying):
    legs = [LEG | {"charge": 0.01 * n, "duration": n, "duration_ms": 1000 * n} for n in range(1, 5)]
    dearer = [
        legs[0],
        *(
            {**leg, "charge": 1 + leg["charge"], "duration": 99, "duration_ms": 99_000}
            for leg in legs[1:]
        ),
    ]
    client, _ = replying(*map(said, [*legs, *dearer]))
    for name in ("one", "other"):
        with client.run(name):
            for _ in legs:
                client.calling.user_event(CALL_ID, event=EVENT)
    changes = swnb.compare("one", "other", log=client.log).changes
    assert [(change.a, change.path) for change in changes] == [
        (2, "charge"),
        (2, "response.duration"),
    ]


def test_a_failure_shows_ten_differences(sw):
    run(sw, "one", lambda sw: None)
    run(sw, "other", lambda sw: [sw.dial(**DIAL) for _ in range(25)])
    with pytest.raises(swnb.errors.RunsDiffer) as failure:
        swnb.assert_same("one", "other", log=sw.log)
    lines = str(failure.value).splitlines()
    assert len(lines) == 12
    assert lines[-1] == "… and 15 more, in .df"
