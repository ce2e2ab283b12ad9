"""Every engine answers every question as pandas does, to the nano-dollar, whatever its time zone."""

import os
import subprocess
import sys
from shutil import which

import pandas as pd
import pytest
from support import cost_accounts as accounts

from swnb import costs
from swnb.costs.tables.tables import NANO

pytestmark = pytest.mark.sample(1)

ENGINES = (
    "pandas",
    "duckdb",
    "polars",
    pytest.param("dask", marks=pytest.mark.engines),
    pytest.param("spark", marks=pytest.mark.engines),
)
SEEDS = (1, 2)
ZONE = "America/New_York"  # whose clocks change twice while the accounts last

QUESTIONS = {
    "by nothing": costs.by,
    "by month": lambda tables: costs.by(tables, "month"),
    "by day and hour": lambda tables: costs.by(tables, "day", "hour"),
    "by labels": lambda tables: costs.by(
        tables, "type", "direction", "status", "source", "country", "run", "command", "error_code"
    ),
    "by numbers": lambda tables: costs.by(tables, "from", "to"),
    "by description": lambda tables: costs.by(tables, "description"),
    "by description and month": lambda tables: costs.by(tables, "month", "description", "type"),
    "per_minute": lambda tables: costs.per_minute(tables, "country"),
    "rounding": lambda tables: costs.rounding(tables, "day"),
    "top": lambda tables: costs.top(tables, n=25),
    "top by duration": lambda tables: costs.top(tables, n=25, measure="duration_ms"),
    "top groups": lambda tables: costs.top(tables, "day", "type", n=5),
    "answer_rate": lambda tables: costs.answer_rate(tables, "day", "direction"),
    "status_counts": lambda tables: costs.status_counts(tables, "month"),
    "failures": lambda tables: costs.failures(tables, "month", explain=str.upper),
    "growth": lambda tables: costs.growth(tables, "description"),
    "forecast": costs.forecast,
    "unusual": lambda tables: costs.unusual(tables, far=2),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Write the random accounts, each month twice, so that files are merged ones."""
    made = {}
    for seed in SEEDS:
        made[seed] = tmp_path_factory.mktemp(f"account{seed}")
        tables = accounts.some(seed)
        costs.write(made[seed], tables.calls, tables.charges)
        half = tables.calls.iloc[::2]
        lines = tables.charges[tables.charges["call_id"].isin(half["id"])]
        costs.write(made[seed], half, lines)
    return made


@pytest.fixture(scope="module")
def sessions(tmp_path_factory):
    """Open sessions that live in New York, when an engine first asks for one."""
    opened = {}

    def session(engine):
        if engine not in opened:
            opened[engine] = _OPEN[engine](tmp_path_factory) if engine in _OPEN else None
        return opened[engine]

    yield session
    for each in opened.values():
        if each is not None:
            each.stop() if hasattr(each, "stop") else each.close()


def in_duckdb(_tmp):
    connection = pytest.importorskip("duckdb").connect()
    connection.execute(f"SET TimeZone = '{ZONE}'")
    return connection


def in_spark(tmp):
    if which("java") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("Spark needs Java")
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": ZONE,
        "spark.sql.warehouse.dir": str(tmp.mktemp("spark")),
        "spark.driver.host": "127.0.0.1",
    }
    builder = pytest.importorskip("pyspark.sql").SparkSession.builder
    return builder.master("local[2]").config(map=settings).getOrCreate()


def in_dask(tmp):
    """Start a cluster of two processes, which Dask then uses by itself."""
    return pytest.importorskip("dask.distributed").Client(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        local_directory=str(tmp.mktemp("dask")),
    )


_OPEN = {"duckdb": in_duckdb, "spark": in_spark, "dask": in_dask}


@pytest.fixture(params=ENGINES)
def engine(request):
    accounts.needs({"spark": "pyspark"}.get(request.param, request.param))
    return request.param


# pyspark warns of pandas 3 while it is imported; what it is not sure of is tested here.
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.parametrize("seed", SEEDS)
def test_an_engine_answers_as_pandas_does(engine, seed, folders, sessions):
    tables = costs.read(folders[seed], engine, session=sessions(engine))
    kept = accounts.some(seed)
    for name, question in QUESTIONS.items():
        found, expected = question(tables), question(kept)
        pd.testing.assert_frame_equal(found, expected, check_exact=True, obj=name)


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_an_engine_joins_what_was_sent(engine, folders, sessions):
    tables = costs.read(folders[1], engine, session=sessions(engine))
    ids = accounts.some(1).calls["id"]
    sent = pd.DataFrame(
        {
            "run": ["a", "b"] * 100,
            "command": ["dial", "calling.play", "calling.end", "calling.play"] * 50,
            "call_id": ids[:200].tolist(),
            "outcome": "accepted",
            "sent_at": pd.date_range("2026-01-01", periods=200, tz="UTC", unit="us"),
        }
    )
    for question in (costs.per_run, costs.per_command):
        expected = question(accounts.some(1), sent)
        assert expected["calls"].sum() == 200
        pd.testing.assert_frame_equal(question(tables, sent), expected, check_exact=True)


@pytest.mark.parametrize("seed", range(20))
def test_no_grouping_loses_a_nano_dollar_or_a_call(seed):
    tables = accounts.some(seed, size=150)
    whole = int(tables.calls["charge"].sum())
    for keys in [("day",), ("month", "hour"), ("type", "country", "run"), ("status", "day")]:
        found = costs.by(tables, *keys)
        assert found["calls"].sum() == len(tables.calls)
        assert sum(round(charge * NANO) for charge in found["charge"]) == whole


@pytest.mark.parametrize("seed", range(20))
def test_growth_and_answers_add_up_to_the_account(seed):
    tables = accounts.some(seed, size=150)
    assert costs.growth(tables, "type")["calls"].sum() == 150
    rate = costs.answer_rate(tables, "month")
    assert (rate["answered"] + rate["unanswered"] + rate["open"]).sum() == 150
    rounding = costs.rounding(tables, "day")
    assert (rounding["rounding"] <= rounding["charge"]).all()


@pytest.mark.parametrize("seed", range(20))
def test_top_is_the_head_of_the_sorted_calls(seed):
    tables = accounts.some(seed, size=150)
    ordered = tables.calls.sort_values(["charge", "id"], ascending=[False, True])
    assert costs.top(tables, n=40)["id"].tolist() == ordered["id"].head(40).tolist()


@pytest.mark.slow
@pytest.mark.parametrize(
    "engine", ["pandas", "duckdb", "polars", pytest.param("dask", marks=pytest.mark.engines)]
)
def test_the_time_zone_of_the_machine_changes_nothing(engine, folders):
    accounts.needs(engine)
    code = (
        "import sys; from swnb import costs;"
        f"tables = costs.read(sys.argv[1], {engine!r});"
        "print(costs.by(tables, 'day', 'hour').to_csv(), costs.top(tables).to_csv())"
    )
    said = {
        zone: subprocess.run(
            [sys.executable, "-c", code, str(folders[1])],
            env={**os.environ, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone in ("UTC", ZONE)
    }
    assert said["UTC"].count("\n") > 300
    assert said[ZONE] == said["UTC"]


@pytest.mark.parametrize("zone", ["UTC", ZONE, None])
def test_a_frame_may_have_its_times_in_any_zone(zone):
    tables = accounts.small()
    times = tables.calls["created_at"].dt.tz_convert(zone)
    found = costs.by(costs.Tables(tables.calls.assign(created_at=times)), "day", "hour")
    pd.testing.assert_frame_equal(found, costs.by(tables, "day", "hour"))
