import random

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from support.log_exchanges import accepted, any_end, logged, started

from swnb.log import Log
from swnb.log.columns import BODIES, CALLS, CHARGES, COLUMNS, EVENTS, RUNS
from swnb.log.reading import reader

pytestmark = pytest.mark.sample(1)

SHAPES = {
    "exchanges": COLUMNS,
    "calls": CALLS,
    "charges": CHARGES,
    "user_events": EVENTS,
    "runs": RUNS,
}
# A frame that was handed out is the user's: each of these changes it in place.
CHANGES = {
    "a float": lambda frame: frame.isetitem(5, frame["charge"] + 1),
    "a cell": lambda frame: frame.__setitem__("charge", 0.0),
    "loc": lambda frame: frame.loc.__setitem__((0, "charge"), 99.0),
    "iloc": lambda frame: frame.iloc.__setitem__((0, -1), -7),
    "at": lambda frame: frame.at.__setitem__((0, "call_id"), "mine"),
    "a category": lambda frame: frame.loc.__setitem__((0, "outcome"), "sent"),
    "a time": lambda frame: frame.loc.__setitem__((0, "sent_at"), pd.Timestamp("2020", tz="UTC")),
    "an integer": lambda frame: frame.loc.__setitem__((0, "duration_ms"), 1),
    "many": lambda frame: frame.iloc.__setitem__((slice(0, 2), [5, 6]), 5),
    "all of a column": lambda frame: frame.loc.__setitem__((slice(None), "elapsed_ms"), 0.0),
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.sqlite"


@pytest.fixture
def log(path):
    with Log(path) as log:
        yield log


def fresh(path, run=None):
    """The frame that a log gives which reads the file for the first time."""
    with Log(path) as log:
        return log.exchanges(run=run)


def assert_same(left, right):
    """Compare frames, but for the order of the categories, which is that of reading."""
    assert_frame_equal(sorted_labels(left), sorted_labels(right))


def sorted_labels(frame):
    for name in frame.columns[frame.dtypes == "category"]:
        labels = frame[name].cat.remove_unused_categories()
        frame = frame.assign(**{name: labels.cat.reorder_categories(sorted(labels.cat.categories))})
    return frame


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
@pytest.mark.parametrize("name", SHAPES)
def test_a_frame_has_the_columns_and_dtypes_that_are_documented(log, name, filled):
    if filled:
        logged(log, charges=[("voice", 1)])
    frame = getattr(log, name)()
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == {
        column.name: column.dtype for column in SHAPES[name]
    }
    assert type(frame) is pd.DataFrame
    assert bool(len(frame)) is filled


def test_a_row_shows_the_exchange_in_the_units_of_its_columns(log):
    exchange = logged(log, error_code="e", error_message="m", control_id=None)
    row = log.df.iloc[0]
    assert row.drop("sent_at").to_dict() == {
        "id": 1,
        "run": log.run,
        "command": "calling.user_event",
        "what": '{"n":0}',
        "call_id": exchange.call_id,
        "control_id": None,
        "space": "simulated",
        "outcome": "accepted",
        "http_status": 200,
        "call_status": "answered",
        "type": "relay_pstn_call",
        "direction": "outbound",
        "from": "+15550100",
        "to": "+15550101",
        "charge": 0.008,
        "duration_ms": 1500,
        "error_code": "e",
        "error_message": "m",
        "attempts": 1,
        "elapsed_ms": 12.345,
        "request_id": exchange.request_id,
    }
    assert row["sent_at"] == pd.Timestamp(exchange.sent)


def test_an_open_exchange_is_sent_and_lacks_what_the_answer_says(log):
    log.start(started())
    row = log.df.iloc[0]
    assert row["outcome"] == "sent"
    missing = ["http_status", "charge", "duration_ms", "attempts", "error_message", "request_id"]
    assert row[missing].isna().all()


def test_only_outcomes_that_occur_are_counted(log):
    logged(log)
    assert log.df["outcome"].value_counts().to_dict() == {"accepted": 1}
    log.start(started(1))
    assert log.df["outcome"].value_counts().to_dict() == {"accepted": 1, "sent": 1}


def test_what_the_answer_says_of_the_ends_wins(log):
    logged(log, from_="+15550199", to=None)
    assert log.df[["from", "to"]].to_numpy().tolist() == [["+15550199", "+15550101"]]


def test_bodies_are_objects(log):
    exchange = logged(log, response=["a", {"b": None}])
    log.start(started(1, request=None))
    frame = log.exchanges(bodies=True)
    assert list(frame.columns) == [column.name for column in (*COLUMNS, *BODIES)]
    assert frame["request"].tolist() == [exchange.request, None]
    assert frame["response"].tolist() == [["a", {"b": None}], None]


def test_df_holds_this_run_alone(path):
    with Log(path) as before:
        logged(before)
    with Log(path) as log:
        logged(log, 1)
        logged(log, 2)
        assert log.df["id"].tolist() == [2, 3]
        assert list(log.df["run"].cat.categories) == [log.run]
        assert log.exchanges()["id"].tolist() == [1, 2, 3]


def test_another_run_comes_without_the_labels_of_the_rest(path):
    with Log(path, run="first") as first:
        logged(first, from_="+15550111")
    with Log(path, run="second") as second:
        logged(second, 1, from_="+15550122")
        frame = second.exchanges(run="first")
    assert frame["from"].cat.categories.tolist() == ["+15550111"]
    assert frame.index.tolist() == [0]


def test_a_run_that_does_not_exist_is_empty(log):
    logged(log)
    assert log.exchanges(run="never").empty


def act(logs, waiting, number, chance):
    """Do one thing that some process may do to a log: start, end late, or begin and end at once."""
    log = chance.choice(logs)
    if waiting and chance.random() < 0.4:
        owner, exchange = waiting.pop(chance.randrange(len(waiting)))
        owner.finish(any_end(exchange, chance))
    elif chance.random() < 0.5:
        waiting.append((log, started(number, control_id=f"play-{number}")))
        log.start(waiting[-1][1])
    else:
        exchange = started(number, request=None)
        log.start(exchange)
        log.finish(any_end(exchange, chance))


@pytest.mark.slow
@pytest.mark.parametrize("page", [3, 5_000])
@pytest.mark.parametrize("seed", range(3))
def test_a_refreshed_frame_equals_one_that_is_read_afresh(path, monkeypatch, seed, page):
    monkeypatch.setattr(reader, "_PAGE", page)
    chance = random.Random(seed)
    waiting = []
    with Log(path) as ours, Log(path) as theirs:
        for number in range(60):
            act([ours, theirs], waiting, number, chance)
            if chance.random() < 0.2:
                assert_same(ours.exchanges(), fresh(path))
                assert_same(ours.df, fresh(path, ours.run))
                with Log(path) as again:
                    assert_same(ours.calls(), again.calls())
        assert_same(ours.exchanges(), fresh(path))
        assert len(ours.exchanges()) > len(ours.df) > 0


@pytest.mark.parametrize("end", ["open", "ended"])
def test_a_frame_that_was_handed_out_never_changes(log, end):
    logged(log)
    exchange = started(1)
    log.start(exchange)
    if end == "ended":
        log.finish(accepted(exchange))
    frame = log.df
    before = frame.copy(deep=True)
    log.finish(accepted(exchange, outcome="rejected", call_status="new", from_="+15550177"))
    for number in range(2, 5):
        logged(log, number, call_status=f"new-{number}")
    assert log.df["outcome"].tolist()[1] == "rejected"
    assert_frame_equal(frame, before)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_a_user_does_to_a_frame_stays_with_the_frame(log, change):
    for number in range(3):
        logged(log, number)
    log.start(started(4))
    before = log.df.copy(deep=True)
    frame = log.df
    change(frame)
    assert_frame_equal(log.df, before)
    log.start(started(5))
    assert_frame_equal(log.df.iloc[:4], before)


def test_a_change_after_a_refresh_does_not_reach_the_cache(log):
    logged(log)
    frame = log.df
    logged(log, 1)
    second = log.df
    before = second.copy(deep=True)
    frame.loc[0, ["charge", "call_id"]] = [77.0, "mine"]
    frame.loc[0, "outcome"] = "accepted"
    assert_frame_equal(log.df, before)


def test_a_change_does_not_show_in_another_frame(log):
    logged(log)
    first, second = log.df, log.df
    first.loc[0, "charge"] = 77.0
    assert second["charge"].tolist() == [0.008]


@pytest.mark.parametrize("count", [120, 130, 33_000], ids=["int8", "int16", "int32"])
def test_labels_of_any_number_are_told_apart(path, count):
    with Log(path) as log:
        rows = [(log.run, n, "calling.dial", "simulated", f"+{n:09}") for n in range(count)]
        log.start(started())
        log._journal._database._connection.executemany(
            'INSERT INTO sent (run, sent_at, command, space, "from") VALUES (?, ?, ?, ?, ?)', rows
        )
        frame = log.df.iloc[1:]
        assert frame["from"].astype(str).tolist() == [row[-1] for row in rows]


def test_pages_are_put_in_the_order_of_their_ids():
    assert reader.in_order([[3, 1, 2], ["c", "a", "b"]]) == [[1, 2, 3], ["a", "b", "c"]]


def test_an_interrupted_refresh_is_not_built_upon(log, monkeypatch):
    for number in range(4):
        logged(log, number)
    monkeypatch.setattr(reader, "_PAGE", 1)
    whole = log._journal.read

    def broken(sql, values=()):
        if "FROM sent" in sql and values[:1] == (2,):
            raise KeyboardInterrupt
        return whole(sql, values)

    monkeypatch.setattr(log._journal, "read", broken)
    with pytest.raises(KeyboardInterrupt):
        log.exchanges()
    monkeypatch.undo()
    assert log.exchanges()["id"].tolist() == [1, 2, 3, 4]


def test_what_a_user_does_to_a_frame_of_calls_stays_with_the_frame(log):
    logged(log)
    calls = log.calls()
    before = calls.copy(deep=True)
    calls["charge"] = 77.0
    calls.loc[0, "call_id"] = "mine"
    assert_frame_equal(log.calls(), before)


def test_a_call_shows_the_latest_that_is_known_of_it(log):
    logged(log, 0, call_status="ringing", charge_nano=None, duration_ms=None)
    logged(log, 1, call_status="ended", charge_nano=10_000_000)
    logged(log, 2, call_status=None, type=None, charge_nano=None, duration_ms=None)
    logged(log, 3)
    calls = log.calls()
    first = calls.iloc[0]
    assert calls["exchanges"].tolist() == [3, 1]
    assert first[["status", "charge", "duration_ms", "type"]].tolist() == [
        "ended",
        0.01,
        1500,
        "relay_pstn_call",
    ]
    assert (first["updated"] - first["created"]).total_seconds() == 2


def test_the_latest_of_a_call_goes_by_the_order_of_the_answers(log):
    slow, quick = started(0), started(1)
    log.start(slow)
    log.start(quick)
    log.finish(accepted(quick, call_status="answered"))
    log.finish(accepted(slow, call_status="ended"))
    assert log.calls()["status"].tolist() == ["ended"]


def test_a_call_belongs_to_the_run_that_touched_it_first(path):
    for number, run in enumerate(("a", "b")):
        with Log(path, run=run) as log:
            logged(log, number)
            calls = log.calls()
    assert calls["run"].tolist() == ["a"]


def test_an_exchange_that_never_left_makes_no_call(log):
    log.record(started(0, outcome="refused"))
    log.record(started(3, outcome="dry_run"))
    assert log.calls().empty


def test_later_charge_lines_of_a_call_replace_earlier_ones(log):
    logged(log, 0, charges=[("voice", 1_000_000), ("setup", 500_000)])
    logged(log, 1, charges=[("voice", 2_000_000), ("recording", 3)])
    logged(log, 2, charges=[])
    logged(log, 3, charges=[("voice", 7)])
    assert log.charges().to_numpy().tolist() == [
        [started(0).call_id, "voice", 0.002],
        [started(0).call_id, "recording", 3e-9],
        [started(3).call_id, "voice", 7e-9],
    ]


def test_events_are_the_user_events_that_left(log):
    logged(log, 0)
    logged(log, 1, outcome="failed")
    logged(log, 2, command="calling.play")
    log.start(started(3, command="calling.play"))
    log.record(started(4, outcome="refused"))
    log.start(started(5, request={"params": None}))
    events = log.user_events()
    assert events["event"].tolist() == [{"n": 0}, {"n": 1}, {"n": 2}, None]
    assert events["outcome"].tolist() == ["accepted", "failed", "accepted", "sent"]


def test_runs_count_exchanges_errors_and_money(path):
    with Log(path, run="a") as a:
        logged(a, 0, charge_nano=100_000_000)
        logged(a, 1, charge_nano=200_000_001)
        logged(a, 3, charge_nano=1, outcome="rejected")
        a.record(started(6, outcome="refused"))
        a.record(started(7, outcome="dry_run"))
    with Log(path, run="b") as b:
        b.start(started(9))
        runs = b.runs()
    counted = ["name", "space", "exchanges", "errors", "charge"]
    assert runs[counted].to_numpy().tolist() == [
        ["a", "simulated", 5, 2, 0.200000002],
        ["b", "simulated", 1, 0, 0.0],
    ]
    assert runs["started_at"].is_monotonic_increasing


def test_money_is_summed_on_whole_nano_dollars(log):
    for number in range(10):
        logged(log, 3 * number, charge_nano=100_000_000)

    assert log.runs()["charge"].tolist() == [1.0]


def test_text_survives_whatever_it_holds(log):
    texts = ["\x00a", "é😀", '"\\', "\x1f\n", ""]
    for number, text in enumerate(texts):
        logged(log, number, error_message=text, error_code=text)
    assert log.df["error_message"].tolist() == texts
    assert log.df["error_code"].tolist() == texts
