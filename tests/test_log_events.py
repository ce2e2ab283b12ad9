"""The events of a log as a frame, as files for others, in a recording and in a copy."""

import csv
import json
import re

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from support.log_exchanges import EPOCH, accepted, logged, started

from swnb.errors import ConfigurationError
from swnb.event import Event, gap, key_of
from swnb.log import Log
from swnb.log.columns import HEARD
from swnb.log.reading import export

pytestmark = pytest.mark.sample(3)

NAMES = [column.name for column in HEARD]
SUFFIXES = (".csv", ".parquet", ".jsonl")
NUMBERS = ("+15550100", "+442071838750", "+8613812345678")


@pytest.fixture
def log(tmp_path):
    with Log(tmp_path / "log.sqlite", run="tonight") as log:
        yield log


def heard(log, number, body, **fields):
    """Let a log hear a user event, the `number`-th, half a second after a command."""
    key = key_of("relay", "user_event", number, body)
    event = Event("relay", "user_event", EPOCH + number * 1_000_000 + 500_000, key, body=body)
    for name, value in {"call_id": started(number).call_id, **fields}.items():
        setattr(event, name, value)
    log.hear([event])
    return event


@pytest.fixture
def filled(log):
    """A log with commands and events between them, of two runs."""
    logged(log, 0)
    first = heard(log, 0, {"event": {"n": 0}}, at=EPOCH, type="user_event", signed=True)
    log.hear([first])
    logged(log, 1)
    heard(log, 1, {"event": "=1+1"}, call_id=None, control_id="=cmd", signed=False)
    log.hear([gap(EPOCH, EPOCH + 1_500_000, "simulated", restored=False)])
    with Log(log.path, run="before") as other:
        heard(other, 3, {"event": {"n": 3}})
    return log


def as_text(frame):
    return frame.astype(object).where(frame.notna(), None)


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("asked", [{}, {"kind": "gap"}, {"call": "nobody"}, {"run": "nobody"}])
@pytest.mark.parametrize("name", ["log", "filled"])
def test_a_frame_has_the_columns_and_dtypes_that_are_documented(request, name, asked):
    frame = request.getfixturevalue(name).events(**asked)
    documented = {column.name: column.dtype for column in HEARD}
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == documented
    assert list(frame) == NAMES
    assert type(frame) is pd.DataFrame
    rows = {(): 5, ("kind",): 1}.get(tuple(asked), 0) if name == "filled" else 0
    assert len(frame) == rows


def test_a_frame_holds_what_was_sent_and_heard_in_order(filled):
    frame = filled.events().drop(index=4)  # the gap was told now
    assert frame["direction"].tolist() == ["sent", "heard"] * 2
    assert frame["repeats"].tolist() == [0, 1, 0, 0]
    assert frame["signed"].tolist() == [None, True, None, False]
    assert frame["at"].isna().tolist() == [True, False, True, True]
    assert frame["call_id"].tolist()[-1] is None


def test_csv_has_no_cell_that_a_spreadsheet_takes_for_a_formula(filled, tmp_path):
    path = filled.export(tmp_path / "out.csv", table="events", bodies=True)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == NAMES
    assert [row["control_id"] for row in rows if row["control_id"]] == ["'=cmd"]
    assert json.loads(rows[3]["body"]) == {"event": "=1+1"}
    assert rows[1]["at"] == "2026-11-18T11:06:40.000000+0000"
    assert [row["signed"] for row in rows[:4]] == ["", "True", "", "False"]


@pytest.mark.parametrize("run", ["tonight", "before"])  # the other has no signature at all
def test_parquet_reads_back_equal_whatever_is_missing(filled, tmp_path, run):
    written = filled.events(run=run)
    frame = pd.read_parquet(filled.export(tmp_path / "out.parquet", table="events", run=run))
    assert str(frame["signed"].dtype) == "boolean"
    for name, dtype in ((column.name, column.dtype) for column in HEARD):
        if dtype != "object" and written[name].notna().any():
            assert str(frame[name].dtype) == dtype
    assert_frame_equal(as_text(frame), as_text(written.drop(columns="body")))


def test_jsonl_carries_bodies_as_objects(filled, tmp_path):
    records = lines(filled.export(tmp_path / "out.jsonl", table="events"))
    written = filled.events(run=None)
    assert list(records[0]) == NAMES
    assert {record["run"] for record in records} == {"tonight", "before"}
    assert len(records) == len(written) + 1
    assert next(record["body"] for record in records if record["kind"] == "gap")["seconds"] == 1.5
    assert [record["signed"] for record in records[:4]] == [None, True, None, False]
    assert records[0]["at"] is None
    assert records[1]["at"].startswith("2026-11-18T11:06:40")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_export_of_a_run_holds_that_run(filled, tmp_path, suffix):
    path = filled.export(tmp_path / f"out{suffix}", table="events", run="before")
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".jsonl": pd.read_json}[suffix]
    options = {"lines": True} if suffix == ".jsonl" else {}
    assert read(path, **options)["run"].tolist() == ["before"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_log_exports_no_rows(log, tmp_path, suffix):
    path = log.export(tmp_path / f"out{suffix}", table="events", bodies=True)
    if suffix == ".csv":
        assert path.read_text(encoding="utf-8").strip() == ",".join(NAMES)
    elif suffix == ".parquet":
        assert list(pd.read_parquet(path)) == NAMES
    else:
        assert lines(path) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_export_in_slices_is_the_same(filled, tmp_path, suffix, monkeypatch):
    whole = filled.export(tmp_path / f"whole{suffix}", table="events", bodies=True)
    monkeypatch.setattr(export, "_SLICE", 1)
    sliced = filled.export(tmp_path / f"sliced{suffix}", table="events", bodies=True)
    assert sliced.read_bytes() == whole.read_bytes()
    assert whole.stat().st_mode & 0o777 == 0o600


def numbers_told(log):
    """Let commands and events tell each number in some spelling; of the last, only commands say what it is."""
    for place, number in enumerate(NUMBERS):
        bare = number.removeprefix("+")
        exchange = started(place, from_=number, to=bare, request={"params": {"from": number}})
        log.start(exchange)
        log.finish(accepted(exchange, response={"to": bare}))
        if number != NUMBERS[-1]:
            body = {"event": {"note": f"{number}, or {bare}", number: [bare]}, "from": number}
            heard(log, place, body, control_id=f"play {number}", state=number, type=f"to {number}")
        heard(log, 10 + place, {"event": f"only {bare}"}, call_id=None)


DIGITS = "|".join(number.removeprefix("+") for number in NUMBERS).encode()


@pytest.mark.parametrize("bodies", [True, False], ids=["bodies", "no bodies"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_masked_export_holds_no_number_in_any_byte(log, tmp_path, suffix, bodies):
    numbers_told(log)
    for mask in (False, True):
        path = log.export(
            tmp_path / f"{mask}{suffix}", table="events", mask_numbers=mask, bodies=bodies
        )
        data = path.read_bytes()
        if suffix == ".parquet":  # its pages are compressed
            data += pd.read_parquet(path).to_csv().encode()
        assert bool(re.findall(DIGITS, data)) is not mask
        assert (b"15****00" in data) is mask
    assert "+15550100" in log.events().to_csv()  # the log is as it was


def test_a_masked_recording_holds_no_number_in_any_event(log, tmp_path):
    numbers_told(log)
    for mask in (False, True):
        path = log.export_run("tonight", tmp_path / f"{mask}.jsonl", mask_numbers=mask)
        told = [line for line in lines(path) if "event" in json.dumps(line)]
        assert len(told) > len(NUMBERS)
        assert bool(re.findall(DIGITS, path.read_bytes())) is not mask


def test_another_table_is_refused_and_nothing_is_written(filled, tmp_path):
    with pytest.raises(ConfigurationError, match="no table 'calls'; use exchanges or events"):
        filled.export(tmp_path / "out.csv", table="calls")
    assert not (tmp_path / "out.csv").exists()


def test_a_copy_of_an_open_log_holds_what_was_heard(filled, tmp_path):
    copy = filled.backup(tmp_path / "copy.sqlite")
    heard(filled, 9, {"event": "later"})
    with Log(copy) as log:
        told = log.heard_after(0)
        assert [event.key for event in told] == [event.key for event in filled.heard_after(0)][:-1]
        assert log.events(run="tonight")["repeats"].sum() == 1
    in_memory = Log(":memory:")
    event = heard(in_memory, 1, {"event": 1})
    with Log(in_memory.backup(tmp_path / "memory.sqlite")) as log:
        assert [kept.key for kept in log.heard_after(0)] == [event.key]
    in_memory.close()
