"""What each command says, in the log: written with it, added to old logs, masked in exports."""

import contextlib
import json
import re
import sqlite3

import pandas as pd
import pytest
from support.dialing import DIAL
from support.log_exchanges import any_end, logged, started

import swnb
from swnb.cards import reply_card
from swnb.errors import DamagedRow
from swnb.event import said
from swnb.log import Log
from swnb.log.writing.migrations import MIGRATIONS


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.sqlite"


def say(log, number, command, params):
    exchange = started(number, command=command, request={"command": command, "params": params})
    log.start(exchange)
    return exchange


@pytest.mark.parametrize(
    ("command", "params", "what"),
    [
        ("calling.user_event", {"event": {"b": 1, "a": "Zoë"}}, '{"a":"Zoë","b":1}'),
        ("calling.play", {"play": [{"type": "tts", "params": {"text": "Hi"}}]}, "“Hi”"),
        ("calling.play", {"play": [{"type": "tts", "params": {"text": "a\nb\x1ec"}}]}, "“a b c”"),
        ("calling.collect", {"digits": {"max": 4}}, "up to 4 digits"),
        ("dial", {"from": "+1", "to": "+2", "url": "https://a.example"}, "https://a.example"),
        ("calling.end", {"reason": "busy"}, "busy"),
        ("calling.end", {}, None),
        ("calling.play", None, None),
        ("calling.user_event", {"event": {"half": "\ud800"}}, '{"half":"\ufffd"}'),
        ("calling.user_event", {"event": {"odd": {1, 2}}}, '{"odd":"<set>"}'),
    ],
)
def test_the_frame_says_what_the_command_says(path, command, params, what):
    with Log(path) as log:
        say(log, 0, command, params)
        assert log.df["what"].tolist() == [what]
    with Log(path) as log:
        assert log.exchanges()["what"].tolist() == [what]


def test_the_card_says_the_same(path):
    with swnb.simulate(log=path) as sw:
        reply = sw.dial(**DIAL).wait_until("answered").user_event(event={"a": "Zoë" * 100})
        what = sw.log.df["what"].iloc[-1]
        assert len(what) == 160
        assert what == said(reply.exchange.command, reply.exchange.request)
        assert swnb.html.text(what) in reply_card(reply, reply.exchange)


def test_what_is_not_written_yet_says_it_too(path):
    with Log(path) as log:
        logged(log)
        with contextlib.closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            log._journal._database.timeout = 0
            with pytest.warns(swnb.LogWarning):
                logged(log, 1)
            assert log.df["what"].tolist() == ['{"n":0}', '{"n":1}']
            other.rollback()


def test_a_log_from_before_says_it_too(path):
    with Log(path) as log:
        say(log, 0, "calling.user_event", {"event": {"n": 0}})
        say(log, 1, "calling.end", {})
        say(log, 2, "calling.play", {"play": []})
    with contextlib.closing(sqlite3.connect(path)) as file, file:
        file.execute("ALTER TABLE sent DROP COLUMN what")
        file.execute("UPDATE requests SET body = '{not JSON' WHERE exchange = 3")
        file.execute(f"PRAGMA user_version = {len(MIGRATIONS) - 1}")
    with Log(path) as log:
        assert log.exchanges()["what"].tolist() == ['{"n":0}', None, None]
        assert log.exchanges()["duration_ms"].dtype == "Int64"
        say(log, 3, "calling.user_event", {"event": {"n": 3}})
        assert log.exchanges()["what"].iloc[-1] == '{"n":3}'


@pytest.mark.parametrize("odd", ["a\x1eb", "", b"\xff"], ids=["separator", "empty", "no UTF-8"])
def test_a_cell_that_was_edited_costs_no_other(path, odd):
    with Log(path) as log:
        for number in range(3):
            logged(log, number)
    with contextlib.closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE sent SET what = CAST(? AS TEXT) WHERE id = 2", (odd,))
    with Log(path) as log:
        if isinstance(odd, bytes):
            with pytest.warns(DamagedRow, match="what is not UTF-8"):
                frame = log.exchanges()
        else:
            frame = log.exchanges()
    first, second, third = frame["what"]
    assert (first, third) == ('{"n":0}', '{"n":2}')
    assert second in ("a\x1eb", None, "", "\ufffd")
    assert frame["id"].tolist() == [1, 2, 3]


def test_each_dtype_has_one_kind_of_missing_value(path):
    with Log(path) as log:
        for number in range(60):
            log.start(exchange := started(number))
            if number % 3:
                log.finish(any_end(exchange))
        log.start(started(61, call_id=None, from_=None, to=None, request=None))
        for name in ("exchanges", "calls", "charges", "user_events", "runs", "events"):
            for column, values in getattr(log, name)().items():
                missing = [
                    value
                    for value in values
                    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value))
                ]
                kinds = {type(value).__name__ for value in missing}
                expected = {
                    "object": {"NoneType"},
                    "Int64": {"NAType"},
                    "float64": {"float"},
                    "category": {"float"},
                    "datetime64[us, UTC]": {"NaTType"},
                    "int64": set(),
                }[str(values.dtype)]
                assert kinds <= expected, (name, column)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_number_that_was_cut_is_masked_in_an_export(path, tmp_path, suffix):
    with Log(path) as log:
        # The number begins before the 160th letter and ends after it.
        text = "x" * 152 + " +15550123456"
        say(log, 0, "calling.play", {"play": [{"type": "tts", "params": {"text": text}}]})
        assert "+1555…" in log.df["what"].iloc[0]
        for bodies in (True, False):
            out = log.export(
                tmp_path / f"out{suffix}", mask_numbers=True, bodies=bodies
            ).read_text()
            assert "+1555" not in out
            assert "x" * 152 in out
            assert bool(re.search(r"\brequest\b", out.splitlines()[0])) is bodies


def test_a_secret_that_was_said_is_not_exported(path, tmp_path):
    with Log(path) as log:
        logged(log)
    old = json.dumps({"password": "hunter2secret"})
    with contextlib.closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE sent SET what = ?", (old,))
    with Log(path) as log:
        for name in ("out.csv", "out.jsonl"):
            assert "hunter2secret" not in log.export(tmp_path / name).read_text()
