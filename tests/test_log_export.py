import csv
import json
import re
import stat

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from support.log_exchanges import accepted, logged, started

from swnb.errors import ConfigurationError
from swnb.log import Log
from swnb.log.columns import BODIES, COLUMNS
from swnb.log.reading import export

pytestmark = pytest.mark.sample(2)

NAMES = [column.name for column in COLUMNS]
NUMBERS = ("+15550100", "+442071838750", "+8613812345678")
SUFFIXES = (".csv", ".parquet", ".jsonl")


@pytest.fixture
def log(tmp_path):
    with Log(tmp_path / "log.sqlite", run="tonight") as log:
        yield log


@pytest.fixture
def filled(log):
    """A log with a call, an open exchange, odd text, and one of another run."""
    logged(log, 0, charges=[("voice", 8_000_000)])
    logged(log, 1, error_message='=cmd|"x"!A1\nand, more', charge_nano=123_456_789, error_code="e")
    log.start(started(2, from_=None, to="sip:alice@example.com", control_id="@play"))
    with Log(log.path, run="before") as other:
        logged(other, 3)
    return log


def read_csv(path):
    """Read an export back with the dtypes of the frame, labels as text."""
    kinds = {
        column.name: "str" if column.dtype in ("category", "object") else column.dtype
        for column in COLUMNS
        if column.name != "sent_at"
    }
    frame = pd.read_csv(path, dtype=kinds, parse_dates=["sent_at"])
    texts = frame.columns[(frame.dtypes == "object") | (frame.dtypes == "str")]
    frame[texts] = frame[texts].replace(
        r"^'(?='*\s*[=+@-])", "", regex=True
    )  # as docs/log.md has it
    return frame.astype({"sent_at": "datetime64[us, UTC]"})


def as_text(frame):
    """Bring a frame to what CSV can tell apart: nothing from something."""
    return frame.astype(object).where(frame.notna(), None)


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_csv_reads_back_equal(filled, tmp_path):
    path = filled.export(tmp_path / "out.csv")
    assert_frame_equal(as_text(read_csv(path)), as_text(filled.exchanges()))


def test_csv_has_no_cell_that_a_spreadsheet_takes_for_a_formula(filled, tmp_path):
    with filled.export(tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["from"] == "+15550100"
    assert rows[1]["error_message"] == '\'=cmd|"x"!A1\nand, more'
    assert rows[2]["control_id"] == "'@play"
    assert rows[1]["sent_at"] == "2026-11-18T11:06:41.000000+0000"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        *((cell, f"'{cell}") for cell in ("=1+1", "=\r=1", "+1 555 0101", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1", "'=1", "+a", "\n=1")),
        *((cell, cell) for cell in ("+15550100", "-3.5", "15550100", "a=1", "sip:a@b", "-", "'tis")[:5]),
        ("-", "'-"),
        ("'tis", "'tis"),
    ],
)  # fmt: skip
def test_csv_marks_what_is_no_number_as_text(log, tmp_path, cell, written):
    logged(log, 0, error_message=cell, from_=cell)
    with log.export(tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["error_message"], row["from"]) == (written, written)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_export_is_as_private_as_the_log(filled, tmp_path, suffix):
    path = tmp_path / f"out{suffix}"
    path.write_text("readable by all")
    path.chmod(0o644)
    assert stat.S_IMODE(filled.export(path).stat().st_mode) == 0o600
    assert {each.name for each in tmp_path.iterdir() if each.name.startswith(".")} == set()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_export_that_fails_leaves_no_draft_and_what_was_there(
    filled, tmp_path, suffix, monkeypatch
):
    path = tmp_path / f"out{suffix}"
    path.write_text("before")
    monkeypatch.setattr(export, "_as_text", lambda body: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        filled.export(path, bodies=True)
    assert path.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir() if "out" in each.name] == [path.name]


def test_an_export_takes_the_place_of_a_link_and_follows_none(filled, tmp_path):
    (tmp_path / "elsewhere").write_text("theirs")
    (tmp_path / "out.csv").symlink_to(tmp_path / "elsewhere")
    path = filled.export(tmp_path / "out.csv")
    assert not path.is_symlink()
    assert (tmp_path / "elsewhere").read_text() == "theirs"


def test_what_an_older_swnb_left_in_a_log_is_not_exported(log, tmp_path):
    # Rows are stored as they are given; the pin was not known to be secret when this was logged.
    logged(log, 0, request={"params": {"pin": "canary", "to": "+15550101"}})
    for suffix in SUFFIXES:
        path = log.export(tmp_path / f"out{suffix}", bodies=True)
        data = path.read_bytes()
        if suffix == ".parquet":
            data += pd.read_parquet(path).to_csv().encode()
        assert b"canary" not in data


def test_csv_carries_bodies_as_json_where_asked(filled, tmp_path):
    with filled.export(tmp_path / "out.csv", bodies=True).open(
        encoding="utf-8", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    assert json.loads(rows[0]["request"]) == filled.get(1).request
    assert rows[2]["response"] == ""


def test_parquet_keeps_dtypes_and_whole_nano_dollars(filled, tmp_path):
    frame = pd.read_parquet(filled.export(tmp_path / "out.parquet"))
    dtypes = {column.name: column.dtype for column in COLUMNS}
    assert {name: str(frame[name].dtype) for name in frame if dtypes.get(name) != "object"} == {
        ("charge_nano" if name == "charge" else name): ("Int64" if name == "charge" else dtype)
        for name, dtype in dtypes.items()
        if dtype != "object"
    }
    assert frame["charge_nano"].tolist() == [8_000_000, 123_456_789, pd.NA, 8_000_000]


def test_parquet_reads_back_equal(filled, tmp_path):
    frame = pd.read_parquet(filled.export(tmp_path / "out.parquet"))
    written = filled.exchanges()
    assert_frame_equal(
        as_text(frame.drop(columns="charge_nano")), as_text(written.drop(columns="charge"))
    )


def test_jsonl_carries_bodies_as_objects(filled, tmp_path):
    records = lines(filled.export(tmp_path / "out.jsonl"))
    assert [record["request"] for record in records] == [filled.get(n).request for n in range(1, 5)]
    assert records[0]["response"] == {"id": started().call_id, "status": "answered"}
    assert list(records[0]) == [*NAMES, *(column.name for column in BODIES)]


def test_jsonl_has_json_values_and_null(filled, tmp_path):
    first, _, open_one, _ = lines(filled.export(tmp_path / "out.jsonl", bodies=False))
    assert first["charge"] == 0.008
    assert (first["http_status"], first["duration_ms"], first["run"]) == (200, 1500, "tonight")
    assert open_one["charge"] is open_one["http_status"] is open_one["from"] is None
    assert "request" not in first


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_export_of_a_run_holds_that_run(filled, tmp_path, suffix):
    path = filled.export(tmp_path / f"out{suffix}", run="before")
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".jsonl": pd.read_json}[suffix]
    options = {"lines": True} if suffix == ".jsonl" else {}
    assert read(path, **options)["id"].tolist() == [4]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_log_exports_no_rows(log, tmp_path, suffix):
    path = log.export(tmp_path / f"out{suffix}")
    if suffix == ".csv":
        assert path.read_text(encoding="utf-8").strip() == ",".join(NAMES)
    elif suffix == ".parquet":
        assert pd.read_parquet(path).empty
    else:
        assert lines(path) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_export_in_slices_is_the_same(filled, tmp_path, suffix, monkeypatch):
    whole = filled.export(tmp_path / f"whole{suffix}", bodies=True).read_bytes()
    monkeypatch.setattr(export, "_SLICE", 1)
    assert filled.export(tmp_path / f"sliced{suffix}", bodies=True).read_bytes() == whole


@pytest.mark.parametrize("bodies", [True, False], ids=["bodies", "no bodies"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_masked_export_holds_no_number_in_any_byte(log, tmp_path, suffix, bodies):
    for place, number in enumerate(NUMBERS):
        exchange = started(
            place,
            from_=number,
            to=number.removeprefix("+"),
            control_id=f"play {number}",
            request={"params": {"from": number, number: [f"call {number}, {number}"]}},
        )
        log.start(exchange)
        log.finish(
            accepted(
                exchange,
                error_message=f"no route to {number}.",
                response={"to": number.removeprefix("+"), "text": f'"{number}"'},
            )
        )
    path = log.export(tmp_path / f"out{suffix}", mask_numbers=True, bodies=bodies)
    data = path.read_bytes()
    if suffix == ".parquet":
        # Its pages are compressed: what they hold is looked at as well.
        data += pd.read_parquet(path).to_csv().encode()
    digits = "|".join(number.removeprefix("+") for number in NUMBERS)
    assert re.findall(digits.encode(), data) == []
    assert b"+15****00" in data


def test_a_masked_export_leaves_the_log_as_it_is(filled, tmp_path):
    filled.export(tmp_path / "out.csv", mask_numbers=True)
    assert filled.exchanges()["from"].tolist()[0] == "+15550100"


def test_the_path_is_given_back(filled, tmp_path):
    assert filled.export(str(tmp_path / "OUT.CSV")) == tmp_path / "OUT.CSV"


@pytest.mark.parametrize("name", ["out.xlsx", "out"])
def test_another_suffix_is_refused_and_nothing_is_written(filled, tmp_path, name):
    with pytest.raises(ConfigurationError, match="suffix") as caught:
        filled.export(tmp_path / name)
    assert ".csv, .parquet, .jsonl" in caught.value.advice
    assert not (tmp_path / name).exists()
