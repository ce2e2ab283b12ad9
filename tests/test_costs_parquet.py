"""Writing and reading the Parquet folder: months, repetition, damaged and foreign files, crashes."""

import stat

import pandas as pd
import pytest
from support import cost_accounts as accounts

from swnb import costs
from swnb.costs import Tables
from swnb.costs.tables import parquet
from swnb.errors import ConfigurationError, DamagedTables

pytestmark = pytest.mark.sample(3)

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def folder(tmp_path):
    tables = accounts.small()
    costs.write(tmp_path, tables.calls, tables.charges)
    return tmp_path


def test_the_files_are_their_owners_alone(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 1
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def by_id(tables):
    calls = tables.calls.sort_values("id", ignore_index=True)
    return calls, tables.charges.sort_values(["call_id", "line"], ignore_index=True)


def assert_same(tables, expected):
    for found, wanted in zip(by_id(tables), by_id(expected), strict=True):
        pd.testing.assert_frame_equal(found, wanted, check_categorical=False)


def test_what_is_written_is_read_back_in_the_same_dtypes(folder):
    assert_same(costs.read(folder), accounts.small())


def test_each_month_is_one_file_of_each_table(folder):
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert files == [
        "calls/month=2026-01/calls.parquet",
        "calls/month=2026-02/calls.parquet",
        "charges/month=2026-01/charges.parquet",
        "charges/month=2026-02/charges.parquet",
    ]


def test_files_are_compressed_with_zstd_and_in_the_order_of_time(folder):
    path = folder / "calls" / "month=2026-02" / "calls.parquet"
    assert pq.read_metadata(path).row_group(0).column(0).compression == "ZSTD"
    assert pq.read_table(path, partitioning=None)["id"].to_pylist() == ["c", "d", "e", "f"]


def test_writing_tells_how_many_calls_each_month_has(tmp_path):
    tables = accounts.small()
    assert costs.write(tmp_path, tables.calls, tables.charges) == {"2026-01": 2, "2026-02": 4}


def test_writing_twice_changes_nothing(folder):
    tables = accounts.small()
    costs.write(folder, tables.calls, tables.charges)
    assert_same(costs.read(folder), tables)


def test_the_newest_row_of_a_call_wins_with_its_lines(folder):
    tables = accounts.small()
    again = tables.calls[tables.calls["id"] == "a"].assign(charge=7)
    line = tables.charges.head(1).assign(charge=7)
    costs.write(folder, again, line)
    calls, charges = by_id(costs.read(folder))
    assert calls["charge"].tolist() == [7, *tables.calls["charge"][1:]]
    assert charges[charges["call_id"] == "a"]["charge"].tolist() == [7]
    assert len(charges) == 3


def test_a_call_that_is_written_without_lines_has_none_any_more(folder):
    tables = accounts.small()
    costs.write(folder, tables.calls.head(1), tables.charges.head(0))
    assert set(costs.read(folder).charges["call_id"]) == {"b", "d"}


def test_of_two_rows_of_a_call_the_last_is_written(tmp_path):
    calls = accounts.small().calls.head(1)
    twice = pd.concat([calls, calls.assign(charge=3)])
    costs.write(tmp_path, twice, accounts.small().charges.head(0))
    assert costs.read(tmp_path).calls["charge"].tolist() == [3]


def test_new_labels_of_a_later_month_are_read_with_the_old(folder):
    call = accounts.small().calls.head(1)
    new = call.assign(id="z", type="laml_call", created_at=pd.Timestamp("2026-03-01", tz="UTC"))
    costs.write(folder, new, accounts.small().charges.head(0))
    assert set(costs.read(folder).calls["type"]) == {"pstn", "sip", "fabric", "laml_call"}


def test_a_month_is_that_of_utc(tmp_path):
    late = pd.Timestamp("2026-01-31T22:00:00", tz="America/New_York")
    calls = accounts.small().calls.head(1).assign(created_at=late)
    assert costs.write(tmp_path, calls, accounts.small().charges.head(0)) == {"2026-02": 1}


def test_a_write_that_fails_leaves_the_old_month_and_nothing_else(folder, monkeypatch):
    def fail(_path):
        raise OSError("the disk is full")

    monkeypatch.setattr(parquet, "_sync", fail)
    tables = accounts.small()
    with pytest.raises(OSError, match="disk is full"):
        costs.write(folder, tables.calls.assign(charge=1), tables.charges)
    assert_same(costs.read(folder), tables)
    assert not list(folder.rglob("*.tmp"))


def test_the_draft_of_a_writer_that_was_killed_is_not_read(folder):
    (folder / "calls" / "month=2026-01" / ".draft.tmp").write_bytes(b"half")
    assert len(costs.read(folder).calls) == 6


def test_lines_without_their_call_are_not_written(tmp_path):
    tables = accounts.small()
    with pytest.raises(ValueError, match="belongs to none of the calls"):
        costs.write(tmp_path, tables.calls.tail(1), tables.charges)


def tear(folder):
    path = folder / "charges" / "month=2026-02" / "charges.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    return path


def put_text(folder):
    path = folder / "calls" / "notes.txt"
    path.write_text("by hand")
    return path


def put_other_parquet(folder):
    path = folder / "calls" / "month=2026-01" / "other.parquet"
    pd.DataFrame({"id": ["x"], "charge": [0.5]}).to_parquet(path)
    return path


def put_dollars(folder):
    path = folder / "calls" / "month=2026-01" / "dollars.parquet"
    table = pq.read_table(path.with_name("calls.parquet"), partitioning=None)
    place = table.schema.get_field_index("charge")
    pq.write_table(table.set_column(place, "charge", table["charge"].cast("double")), path)
    return path


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (tear, "is damaged, or not a Parquet file"),
        (put_text, "is not a Parquet file"),
        (put_other_parquet, "does not belong to the table calls: it has no column parent_id"),
        (put_dollars, "does not belong to the table calls: charge is not int64"),
    ],
)
def test_a_torn_or_foreign_file_is_reported_with_its_path(folder, damage, what):
    path = damage(folder)
    with pytest.raises(DamagedTables) as caught:
        costs.read(folder)
    assert f"{path}: {what}" in str(caught.value)
    assert caught.value.paths == [path]
    assert "skip_damaged=True" in caught.value.advice


def test_every_damaged_file_is_reported_at_once(folder):
    with pytest.raises(DamagedTables) as caught:
        tear(folder), put_text(folder), costs.read(folder)
    assert len(caught.value.paths) == 2


def test_the_rest_is_used_only_when_asked(folder):
    tear(folder)
    put_text(folder)
    tables = costs.read(folder, skip_damaged=True)
    assert len(tables.calls) == 6
    assert set(tables.charges["call_id"]) == {"a", "b"}


def test_a_damaged_month_is_not_written_over(folder):
    path = tear(folder)
    before = path.read_bytes()
    tables = accounts.small()
    with pytest.raises(DamagedTables, match="damaged"):
        costs.write(folder, tables.calls, tables.charges)
    assert path.read_bytes() == before


def test_files_of_other_writers_with_plain_text_are_read(folder):
    path = folder / "calls" / "month=2026-01" / "calls.parquet"
    plain = pq.read_table(path, partitioning=None)
    fields = [
        (field.name, pa.large_string() if pa.types.is_dictionary(field.type) else field.type)
        for field in plain.schema
    ]
    pq.write_table(plain.cast(pa.schema(fields)), path)
    assert_same(costs.read(folder), accounts.small())


def test_a_folder_without_tables_says_how_to_write_them(tmp_path):
    with pytest.raises(ConfigurationError, match="no readable calls and charges") as caught:
        costs.read(tmp_path)
    assert "to_parquet" in caught.value.advice


def test_an_unknown_engine_names_the_closest(folder):
    with pytest.raises(ConfigurationError, match="did you mean 'duckdb'"):
        costs.read(folder, "duckbd")


def test_an_engine_that_is_not_installed_names_the_extra(folder, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "polars", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'swnb\[scale\]'"):
        costs.read(folder, "polars")


def test_the_tables_answer_as_before(folder):
    expected = costs.by(accounts.small(), "month", "description")
    pd.testing.assert_frame_equal(costs.by(costs.read(folder), "month", "description"), expected)
    assert isinstance(costs.read(folder), Tables)
