"""Amounts of whatever a frame holds: exact on every engine, or refused in one line that says how."""

import math
from decimal import Decimal

import pandas as pd
import pytest
from support import cost_accounts as accounts

from swnb import costs
from swnb.costs import Tables
from swnb.costs.tables.tables import CALLS, NANO
from swnb.exchange import read_money

pytestmark = pytest.mark.sample(2)

pa = pytest.importorskip("pyarrow")

ENGINES = (
    "pandas",
    "arrow",
    "polars",
    "duckdb",
    pytest.param("dask", marks=pytest.mark.engines),
    pytest.param("spark", marks=pytest.mark.engines),
)
IDS = ["a", "b", "c", "d"]
HUGE = Decimal("9007199.254740993")  # nano-dollars past what a double holds
AMOUNTS = {
    "decimals": (pa.decimal128(18, 6), ["1.50", "2.25", None, "-0.75"]),
    "decimals of many places": (pa.decimal128(38, 18), ["1.50", "2.25", None, "0.0000000015"]),
    "decimals of 12 places": (pa.decimal128(30, 12), ["0.003333333333"] * 3 + ["-0.0000000005"]),
    "large decimals": (pa.decimal128(38, 9), [str(HUGE), "0.000000001", None, str(HUGE)]),
    "floats": (pa.float64(), [1.5, 0.0131, None, -0.75]),
    "large floats": (pa.float64(), [9007199.254740993, 4503599.627370497, None, 12345678.123457]),
    "small floats": (pa.float32(), [1234.56, 0.0131, None, 1.5]),
}
INTEGERS = (pa.int64(), [1, 2, None, 3])


def calls(kind, amounts):
    """Make an Arrow table of calls that is none of our own."""
    if pa.types.is_decimal(kind):
        amounts = [None if each is None else Decimal(each) for each in amounts]
    times = pd.date_range("2026-01-01", periods=len(amounts), freq="D", tz="UTC", unit="us")
    columns = {
        "id": pa.array(IDS),
        "created_at": pa.array(times),
        "status": pa.array(["ended"] * len(amounts)),
        "charge": pa.array(amounts, kind),
    }
    return pa.table(columns)


def exactly(kind, amounts):
    """Add amounts up in nano-dollars, by their shortest texts."""
    if pa.types.is_floating(kind):
        amounts = pa.array(amounts, kind).to_numpy(zero_copy_only=False)  # as short as they are
    return sum(
        read_money(Decimal(str(each))) for each in amounts if str(each) not in {"nan", "None"}
    )


@pytest.fixture(scope="module")
def spark():
    from test_costs_engines import in_spark  # noqa: PLC0415 - only where Spark is asked for

    class Folders:
        def mktemp(self, _):
            return "/tmp"

    session = in_spark(Folders())
    yield session
    session.stop()


@pytest.fixture(params=ENGINES)
def on(request):
    """Give the function that brings an Arrow table to an engine."""
    name = request.param
    accounts.needs({"spark": "pyspark", "arrow": "pyarrow"}.get(name, name))
    if name == "spark":
        session = request.getfixturevalue("spark")
        return session.createDataFrame
    return {
        "pandas": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
        "arrow": lambda table: table,
        "polars": lambda table: pytest.importorskip("polars").from_arrow(table),
        "duckdb": lambda table: pytest.importorskip("duckdb").connect().from_arrow(table),
        "dask": lambda table: pytest.importorskip("dask.dataframe").from_pandas(
            table.to_pandas(types_mapper=pd.ArrowDtype), npartitions=2
        ),
    }[name]


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.parametrize("name", AMOUNTS)
def test_fractions_are_dollars_to_the_nano_dollar_on_every_engine(on, name):
    kind, amounts = AMOUNTS[name]
    found = costs.by(Tables(on(calls(kind, amounts))), "status")
    assert found["charge"].tolist() == [exactly(kind, amounts) / NANO]
    assert found["unpriced"].tolist() == [amounts.count(None)]
    each = costs.top(Tables(on(calls(kind, amounts)))).set_index("id")["charge"]
    expected = {
        key: exactly(kind, [one]) / NANO for key, one in zip(IDS, amounts, strict=True) if one
    }
    assert each.to_dict() == expected


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_integers_are_dollars_or_nano_dollars_only_where_that_is_said(on):
    frame = on(calls(*INTEGERS))
    with pytest.raises(ValueError, match=r'^calls\.charge holds integers.*unit="usd"') as refused:
        costs.by(Tables(frame), "status")
    assert "\n" not in str(refused.value)
    for unit, charge in [("usd", 6.0), ("nano", 6 / NANO)]:
        found = costs.by(Tables(frame, unit=unit), "status")
        assert found[["charge", "unpriced"]].to_numpy().tolist() == [[charge, 1]]


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.parametrize(
    ("kind", "amounts"),
    [(pa.string(), ["1.5", "2.25", "", None]), (pa.bool_(), [True, False, None, True])],
    ids=["text", "booleans"],
)
def test_what_is_no_number_is_refused_by_name(on, kind, amounts):
    with pytest.raises(
        ValueError,
        match=r"^calls\.charge must be numbers; convert strings with pd\.to_numeric\(…\)",
    ):
        costs.by(Tables(on(calls(kind, amounts))), "status")


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_nano_dollars_have_no_fractions(on):
    with pytest.raises(ValueError, match=r"^calls\.charge holds fractions"):
        costs.by(Tables(on(calls(*AMOUNTS["floats"])), unit="nano"), "status")


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.parametrize("amount", [math.inf, -1e11])
def test_an_amount_past_what_can_be_added_up_is_refused(on, amount):
    with pytest.raises(Exception, match=r"calls\.charge holds an amount above 9,223,372,036"):
        costs.by(Tables(on(calls(pa.float64(), [1.5, amount, None, 0.0]))), "status")


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_a_sum_past_64_bits_is_refused_and_never_wrong(on):
    amounts = ["9000000000"] * 3 + ["0"]
    with pytest.raises(
        Exception, match=r"(?i)overflow|out of range|(above|more than) 9,223,372,036"
    ):
        costs.by(Tables(on(calls(pa.decimal128(38, 9), amounts))), "status")


def objects(*amounts):
    frame = calls(pa.float64(), [0.0] * 4).to_pandas()
    return frame.assign(charge=pd.Series([*amounts], dtype=object))


@pytest.mark.parametrize(
    ("amounts", "total", "unpriced"),
    [
        ((Decimal("1.50"), Decimal("2.25"), None, float("nan")), 3.75, 2),
        ((1, 2.5, None, Decimal("0.25")), 3.75, 1),
        ((Decimal(-1), Decimal(2), pd.NA, 0), 1.0, 1),
        ((None, None, None, None), 0.0, 4),
        ((HUGE, Decimal("1e-9"), Decimal(0), None), float(HUGE + Decimal("1e-9")), 1),
    ],
)
def test_python_numbers_in_pandas_are_read_as_they_are(amounts, total, unpriced):
    found = costs.by(Tables(objects(*amounts)), "status")
    assert found[["charge", "unpriced"]].to_numpy().tolist() == [[total, unpriced]]


@pytest.mark.parametrize(
    "amounts", [("1.5", "2.25", "", None), (True, 1.5, 2.5, 3), (1.5, "", 1, 2)]
)
def test_other_objects_are_refused(amounts):
    with pytest.raises(ValueError, match=r"calls\.charge must be numbers"):
        costs.by(Tables(objects(*amounts)), "status")


@pytest.mark.parametrize("dtype", ["float64", "Float64", "float32"])
def test_empty_frames_cost_nothing(dtype):
    frame = calls(pa.float64(), [0.0] * 4).to_pandas().head(0).astype({"charge": dtype})
    assert costs.by(Tables(frame), "status").empty


def test_our_own_tables_keep_their_unit_through_what_people_do_with_them():
    tables = accounts.small()
    whole = costs.by(tables, "type")
    for frame in (
        tables.calls[tables.calls["id"] != ""],
        tables.calls[["type", "charge"]],
        tables.calls.sort_values("id").reset_index(drop=True),
        pd.concat([tables.calls.head(2), tables.calls.tail(4)]),
    ):
        pd.testing.assert_frame_equal(frame.sw.by("type"), whole)
    # Every column of the table makes it ours on an engine that carries no mark.
    polars = pytest.importorskip("polars").from_pandas(tables.calls)
    pd.testing.assert_frame_equal(costs.by(Tables(polars), "type"), whole)
    # A fraction is dollars even there.
    dollars = tables.calls.assign(charge=tables.calls["charge"].astype("float64") / NANO)
    pd.testing.assert_frame_equal(dollars.sw.by("type"), whole)


def test_the_accessor_takes_a_unit():
    frame = calls(*INTEGERS).to_pandas(types_mapper=pd.ArrowDtype)
    with pytest.raises(ValueError, match=r"calls\.charge holds integers"):
        frame.sw.by("status")
    assert frame.sw(unit="usd").by("status")["charge"].tolist() == [6.0]
    with pytest.raises(ValueError, match='must be "usd"'):
        frame.sw(unit="cents")
    with pytest.raises(ValueError, match='must be "usd"'):
        Tables(frame, unit="USD")


LINES = pd.DataFrame(
    {
        "call_id": ["a", "a", "b"],
        "description": ["Minutes", "Recording", "Minutes"],
        "charge": [Decimal("1.25"), Decimal("0.5"), Decimal("2.25")],
    }
)


@pytest.mark.parametrize(
    "charge",
    [
        [1.75, 2.25, 0.0, None],
        pd.array([1.75, 2.25, 0, None], "Float64"),
        ["1.75", "2.25", "0", None],
    ],
    ids=["float", "nullable", "decimal"],
)
def test_dollars_are_flattened_and_written_as_nano_dollars(charge, tmp_path):
    if isinstance(charge[0], str):
        charge = [each and Decimal(each) for each in charge]
    frame = calls(pa.float64(), [0.0] * 4).to_pandas().assign(charge=charge)
    tables = costs.flatten(frame, LINES)
    nano = [1_750_000_000, 2_250_000_000, 0, None]
    assert (
        tables.calls["charge"].astype(object).where(tables.calls["charge"].notna(), None).tolist()
        == nano
    )
    assert tables.charges["charge"].tolist() == [1_250_000_000, 500_000_000, 2_250_000_000]
    costs.write(tmp_path, frame, tables.charges)
    for engine in ("pandas", "duckdb", "polars"):
        found = costs.by(costs.read(tmp_path, engine), "status")
        assert found[["calls", "charge", "unpriced"]].to_numpy().tolist() == [[4, 4.0, 1]]
    import pyarrow.parquet as pq  # noqa: PLC0415 - behind the check that it is there

    assert pq.read_table(tmp_path / "calls")["charge"].to_pylist() == nano


@pytest.mark.parametrize(
    ("charge", "message"),
    [
        ([1, 2, 0, 3], "holds integers"),
        (["1.5", "2.25", "", "0"], r"must be numbers; convert strings with pd\.to_numeric"),
    ],
)
def test_flatten_and_write_refuse_as_the_questions_do(charge, message, tmp_path):
    frame = calls(pa.float64(), [0.0] * 4).to_pandas().assign(charge=charge)
    with pytest.raises(ValueError, match=rf"^calls\.charge {message}"):
        costs.flatten(frame, LINES)
    with pytest.raises(ValueError, match=rf"^calls\.charge {message}"):
        costs.write(
            tmp_path, frame, costs.flatten(calls(*AMOUNTS["floats"]).to_pandas(), LINES).charges
        )
    lines = LINES.assign(charge=charge[:3])
    with pytest.raises(ValueError, match=rf"^charges\.charge {message}"):
        costs.flatten(calls(*AMOUNTS["floats"]).to_pandas(), lines)


def test_integers_are_flattened_and_written_in_the_unit_that_is_named(tmp_path):
    frame = calls(pa.float64(), [0.0] * 4).to_pandas().assign(charge=[1, 2, 0, 3])
    tables = costs.flatten(frame, LINES.assign(charge=[1, 0, 2]), unit="usd")
    assert tables.calls["charge"].tolist() == [NANO, 2 * NANO, 0, 3 * NANO]
    assert tables.charges["charge"].tolist() == [NANO, 0, 2 * NANO]
    costs.write(tmp_path, frame, tables.charges.head(0), unit="usd")
    assert costs.read(tmp_path).calls["charge"].tolist() == [NANO, 2 * NANO, 0, 3 * NANO]


@pytest.mark.engines
@pytest.mark.filterwarnings("ignore:The inplace keyword")  # Dask's, under pandas 3
def test_large_amounts_are_exact_from_a_frame_to_the_last_total(tmp_path):
    nano = [int(HUGE * NANO)] * 3 + [1]
    frame = calls(pa.float64(), [0.0] * 4).to_pandas().assign(charge=pd.array(nano, "Int64"))
    lines = pd.DataFrame({"call_id": IDS, "description": "Minutes", "charge": nano})
    costs.write(tmp_path, frame, costs.flatten(frame, lines, unit="nano").charges, unit="nano")
    for engine in ("pandas", "duckdb", "polars", "dask"):
        tables = costs.read(tmp_path, engine)
        for key in ("status", "description"):
            assert costs.by(tables, key)["charge"].tolist() == [sum(nano) / NANO]
    assert costs.read(tmp_path).calls["charge"].tolist() == nano


def test_every_question_counts_what_has_no_charge_yet():
    calls = accounts.small().calls
    calls.loc[calls["id"].isin(["a", "c"]), "charge"] = None
    tables = Tables(calls, accounts.small().charges)
    assert costs.by(tables)[["charge", "unpriced"]].to_numpy().tolist() == [[0.25, 2]]
    for question in (costs.answer_rate, costs.status_counts, costs.failures, costs.growth):
        found, whole = question(tables), question(accounts.small())
        assert found["calls"].sum() == whole["calls"].sum()
        assert found["unpriced"].sum() == (1 if question is costs.failures else 2)
        assert whole["unpriced"].sum() == 0
    assert costs.forecast(tables)["unpriced"].tolist() == [1]
    assert costs.per_run(tables, accounts.exchanges())["unpriced"].sum() == 1
    assert costs.per_command(tables, accounts.exchanges())["unpriced"].tolist() == [1, 1]
    # A minute has a price only where the call has one.
    assert costs.per_minute(tables, "type")["calls"].tolist() == [1, 2]
    assert costs.top(tables)["id"].tolist() == ["b", "d", "e", "f"]
    assert "charge" in [column.name for column in CALLS if column.nullable]


def test_a_part_of_the_tables_keeps_their_unit():
    whole = Tables(calls(*INTEGERS).to_pandas(types_mapper=pd.ArrowDtype), unit="usd")
    part = costs.filtered(whole, after="2026-01-02")
    assert costs.by(part, "status")[["calls", "charge"]].to_numpy().tolist() == [[3, 5.0]]


def test_growth_is_exact_above_what_a_double_holds():
    times = pd.to_datetime(["2026-01-15", "2026-02-15"], utc=True)
    nano = [12_345_678_123_456_789, 12_345_678_123_456_788]
    frame = pd.DataFrame({"created_at": times, "charge": nano})
    found = costs.growth(Tables(frame, unit="nano"))
    assert found["change"].tolist()[1] == -1 / NANO
    assert found["before"].tolist()[1] == nano[0] / NANO
