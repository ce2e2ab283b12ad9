"""Cells that the log did not write: any value, in any column of any table, costs only itself."""

import contextlib
import copy
import pickle
import re
import sqlite3
import warnings
from dataclasses import replace

import pytest
from support.log_exchanges import EPOCH, accepted, logged, started

import swnb
from swnb.errors import DamagedRow, LogError, LogWarning
from swnb.event import Event, key_of
from swnb.log import Log
from swnb.log.voice_logs.pages import Page

pytestmark = pytest.mark.sample(1)

NAMED = re.compile(r"table (\w+), row (\d+): (\w+)")
# Rows that an odd cell costs whole: a page that is no page, a line without an amount or an exchange.
LOST = {
    "logs": 2,
    "differences": 2,
    "charges": 4,
    "voice events": 1,
    "calls": 3,
    "events": 1,
    "timeline": 1,
}
COUNT = 18  # exchanges: a row for each column of `ended`, and two to spare
ODD = {
    "blob": b"\xff\x00",
    "text": "no number {",
    "fraction": 1.5,
    "infinite": float("inf"),
    "late": 2**62,
    "early": -(2**62),
    "not UTF-8": b"\xed\xa0\xbd odd",
}
TIMES = ("started_at", "sent_at", "seen_at", "at")
PLACES = {
    "runs": ("started_at", "space", "swnb", "facts", "sent_before", "ended_before"),
    "sent": ("sent_at", "command", "call_id", "control_id", "space", "from", "to"),
    "ended": (
        *("exchange", "outcome", "call_id", "http_status", "call_status", "type", "direction"),
        *("from", "to", "charge_nano", "duration_ms", "error_code", "error_message", "attempts"),
        *("elapsed_us", "request_id"),
    ),
    "requests": ("body",),
    "responses": ("body",),
    "charge_lines": ("ended", "call_id", "description", "charge_nano"),
    "voice_log_pages": ("space", "seen_at", "ids", "body"),
    "voice_log_events": ("seen_at", "body"),
    "syncs": ("next",),
    "events": (
        *("seen_at", "at", "space", "source", "kind", "type", "call_id", "control_id", "state"),
        *("signed", "key"),
    ),
    "event_bodies": ("body",),
    "event_repeats": ("event",),
}
JSON = {
    ("runs", "facts"),
    ("requests", "body"),
    ("responses", "body"),
    ("voice_log_events", "body"),
    ("event_bodies", "body"),
}
LABELS = {("sent", "space"), ("ended", "outcome"), ("events", "space"), ("events", "source")}
PAGE = {("voice_log_pages", "ids"), ("voice_log_pages", "body")}


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A log with more rows in every table than it has columns."""
    path = tmp_path_factory.mktemp("sound") / "log.sqlite"
    with Log(path) as log:
        for number in range(COUNT):
            log.begin(f"run-{number % 8}", note="kept")
            logged(log, 3 * number, charges=[("voice", 8_000_000)], control_id=f"play-{number}")
        log.begin("run-5")
        for number in range(COUNT):
            body = {"event": {"number": number}}
            key = key_of("relay", "user_event", number, body)
            event = Event("relay", "user_event", EPOCH + number, key, at=EPOCH, body=body)
            event.call_id, event.signed = started(3).call_id, True
            log.hear([event, replace(event)])
        for number in range(5):
            entry = {"id": f"log-{number}", "charge": 0.5, "charge_details": [{"charge": 0.5}]}
            log.synced.append(Page([entry], "simulated", EPOCH, listing="all", next="/more"))
            log.synced.store_events({f"log-{number}": [{"name": "began"}]}, EPOCH)
    return path.read_bytes()


@pytest.fixture
def path(sound, tmp_path):
    path = tmp_path / "log.sqlite"
    path.write_bytes(sound)
    return path


def spoil(path, table, column, place, kind):
    """Write a value as an editor of SQLite files would; give the row if it is odd there."""
    value = "CAST(? AS TEXT)" if kind == "not UTF-8" else "?"
    with contextlib.closing(sqlite3.connect(path)) as other, other:
        rows = other.execute(f"SELECT rowid FROM {table} ORDER BY rowid").fetchall()
        row = rows[place][0]
        sql = f'UPDATE {table} SET "{column}" = {value} WHERE rowid = ?'
        other.execute(sql, (ODD[kind], row))
        sql = f'SELECT typeof("{column}") FROM {table} WHERE rowid = ?'
        (found,) = other.execute(sql, (row,)).fetchone()
        (declared,) = other.execute(
            "SELECT type FROM pragma_table_info(?) WHERE name = ?", (table, column)
        ).fetchone()
    return row if is_odd(table, column, kind, declared, found) else None


def is_odd(table, column, kind, declared, found):
    if kind == "not UTF-8" or (table, column) in PAGE | LABELS:
        return True
    if (table, column) in JSON:
        return found == "blob" or kind in ("text", "infinite")
    if declared == "INTEGER" and column in ("sent_before", "ended_before"):
        return True
    if declared == "INTEGER":
        return found != "integer" or (column in TIMES and kind in ("late", "early"))
    return found == "blob"


def frames_of(log):
    return {
        "df": log.df,
        "exchanges": log.exchanges(bodies=True),
        "calls": log.calls(),
        "charges": log.charges(),
        "events": log.user_events(),
        "heard": log.events(),
        "timeline": log.timeline(started(3).call_id).df,
        "runs": log.runs(),
        "logs": log.voice_logs.logs(),
        "voice events": log.voice_logs.events(),
        "differences": log.voice_logs.differences(),
    }


def read_all(log, folder):
    """Read what there is by every door."""
    frames = frames_of(log)
    log.spending()
    log.sent("user_event")
    log.control_ids_sent(started(3).call_id)
    log.pending_calls("simulated")
    log.tables()
    log.synced.unread("all")
    with log.synced.intake() as intake:
        found = [intake.entry(key) for key in sorted(intake._page_of)]
        assert any(found)
    log.voice_logs.without_events(None, None)
    for key in range(1, COUNT + 1):
        log.get(key)
    for suffix in ("csv", "jsonl", "parquet"):
        log.export(folder / f"log.{suffix}", bodies=True)
    for name in log.run_names():
        recording = log.export_run(name, folder / f"{name}.swnb.jsonl")
        with swnb.replay(recording, log=":memory:") as sw:
            sw.unused()
    for frame in frames.values():
        frame.to_html()
    return frames


@pytest.mark.parametrize("kind", ODD)
def test_every_odd_cell_is_named_once_and_costs_only_itself(path, tmp_path, kind, monkeypatch):
    with Log(path, run="run-5") as log:
        whole = {name: len(frame) for name, frame in frames_of(log).items()}
    spoilt = {
        (table, spoil(path, table, column, place if len(columns) > 1 else -1, kind))
        for table, columns in PLACES.items()
        for place, column in enumerate(columns)
    }
    monkeypatch.setattr("swnb.log.odd_cells._NAMED", 1_000)
    with Log(path, run="run-5") as log, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        shown = read_all(log, tmp_path)
        frames_of(log)
    told = [str(each.message) for each in caught if issubclass(each.category, DamagedRow)]
    named = NAMED.findall("\n".join(told))
    assert len(named) == len(set(named))
    assert {(table, int(row)) for table, row, _ in named} == {each for each in spoilt if each[1]}
    for name, rows in whole.items():
        assert rows - len(shown[name]) <= LOST.get(name, 0), name


def edit(path, *statements):
    with contextlib.closing(sqlite3.connect(path)) as other, other:
        for statement in statements:
            other.execute(statement)


def test_the_cells_of_a_row_beside_the_odd_one_are_shown(path):
    edit(path, "UPDATE ended SET duration_ms = 'long' WHERE id = 2")
    with Log(path) as log, pytest.warns(DamagedRow, match="table ended, row 2: duration_ms is no"):
        row = log.exchanges().iloc[1]
    assert row[["id", "outcome", "charge"]].tolist() == [2, "accepted", 0.008]
    assert row.isna()["duration_ms"]


def test_an_odd_dial_may_have_happened_and_counts_as_open(path):
    with Log(path, run="dear") as log:
        params = {"max_price_per_minute": 0.5}
        dial = started(0, command="dial", call_id=None, request={"params": params})
        log.start(dial)
        log.finish(accepted(dial, call_id="dialled"))
        edit(path, "UPDATE ended SET outcome = x'00' WHERE id = (SELECT max(id) FROM ended)")
        with pytest.warns(DamagedRow, match="outcome"):
            assert log.spending().open_nano == [(8_000_000, 500_000_000)]


@pytest.mark.filterwarnings("ignore:log")  # they are counted above
def test_a_replay_of_an_odd_row_is_missed_and_of_the_others_answered(path):
    edit(
        path,
        "UPDATE requests SET body = 'torn' WHERE exchange = 1",
        "UPDATE responses SET body = 'torn' WHERE ended = 9",
    )
    sw = swnb.replay("run-0", log=path)
    found = []
    for number in (0, 8, 16):
        exchange = started(3 * number)
        try:
            sw.calling.user_event(exchange.call_id, **exchange.request["params"])
            found.append("answered")
        except swnb.SwnbError as error:
            found.append(type(error).__name__)
    sw.close()
    # The one between has an empty answer.
    assert (found[0], found[2]) == ("NoRecording", "answered")


def test_an_old_surrogate_in_a_body_is_read(path):
    edit(path, """UPDATE requests SET body = '{"params":{"event":"\\ud83c"}}' WHERE exchange = 1""")
    with Log(path) as log:
        assert log.user_events()["event"][0] == "\ufffd"


@pytest.mark.parametrize("table", ["sent", "requests", "ended", "charge_lines", "runs"])
def test_a_trigger_that_drops_rows_is_named_and_costs_none(path, table):
    name = f"CREATE TRIGGER quiet BEFORE INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END"
    edit(path, name)
    log = Log(path)
    with pytest.warns(LogWarning, match="a trigger in it drops new rows") as caught:
        exchange = logged(log, 99, charges=[("voice", 1)])
    assert len(caught) == 1
    assert log.get(exchange.id).outcome == "accepted"
    edit(path, "DROP TRIGGER quiet")
    logged(log, 100)
    log.close()
    with Log(path) as again:
        assert again.exchanges()["id"].tolist() == list(range(1, COUNT + 3))
        assert set(again.exchanges()["outcome"]) == {"accepted"}


def test_a_trigger_that_drops_pages_is_a_log_error(path):
    edit(path, "CREATE TRIGGER q BEFORE INSERT ON voice_log_pages BEGIN SELECT RAISE(IGNORE); END")
    page = Page([{"id": "more"}], "simulated", EPOCH)
    with Log(path) as log, pytest.raises(LogError, match="a trigger in it drops new rows"):
        log.synced.append(page)


@pytest.mark.parametrize(
    ("name", "message"),
    [("a\0b", "a path cannot contain a NUL"), (b"a\0b", "NUL"), ("x/" * 3, "does not exist")],
)
def test_a_path_that_cannot_be_is_one_error(tmp_path, monkeypatch, name, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LogError, match=message):
        Log(name)


def test_a_name_that_is_too_long_is_told_as_that(tmp_path):
    log = Log(tmp_path / ("x" * 300))
    with pytest.warns(LogWarning, match="the system says: File name too long"):
        logged(log)
    with pytest.warns(LogWarning, match="never written"):
        log.close()


def test_a_database_without_its_tables_is_no_log(path):
    edit(path, "DROP TABLE ended")
    with pytest.raises(LogError, match="not a log"):
        Log(path)


@pytest.mark.parametrize("copying", [pickle.dumps, copy.copy, copy.deepcopy])
def test_what_holds_a_connection_is_not_copied(sw, call, copying):
    for held in (sw, call, sw.log, [sw], {"call": call}):
        with pytest.raises(swnb.NotCopied, match="cannot be pickled or copied") as caught:
            copying(held) if copying is not copy.copy else copying(call)
        assert isinstance(caught.value, TypeError)
        assert caught.value.advice


@pytest.mark.parametrize("copying", [lambda each: pickle.loads(pickle.dumps(each)), copy.deepcopy])
def test_a_reply_is_copied_with_its_exchange(call, copying):
    for reply in (call.user_event(event={"n": 1}), call.last):
        twin = copying(reply)
        assert (dict(twin), twin.exchange) == (dict(reply), reply.exchange)
        assert isinstance(twin, swnb.Reply)
