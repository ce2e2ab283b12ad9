"""How fast the six main questions are: `python benchmarks/costs.py [calls] [folder]`, by default a million.

The account is synthetic: twelve months, two and a half charge lines a call, written by the
project's own Parquet writer into `folder` (kept and used again if it is given). Each figure comes from a
fresh process, the best of five rounds: the questions on DuckDB, the same as handwritten SQL, which must
return the same integers, and the questions on pandas.

Targets: at 10,000,000 calls (half a GB of disk, ten minutes to write), DuckDB in at most 1.5 times
the SQL and under 1 GB; at 1,000,000 calls, pandas in at most 5 s together, frames read.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from swnb import costs
from swnb.costs.tables import parquet
from swnb.costs.tables.engines import read
from swnb.costs.tables.tables import NANO, Tables, flatten

START = pd.Timestamp("2025-10-01", tz="UTC")
MONTHS = 12
ROUNDS = 5
MOST_FOR_PANDAS = 2_000_000  # calls; more do not fit the memory of a small machine
TYPES = ("relay_pstn_call", "relay_sip_call", "relay_webrtc_call", "laml_call")
STATUSES = ("completed", "ended", "no-answer", "busy", "failed")
COUNTRIES = ("US", "CA", "GB", "DE", "FR", "MX", "BR", "JP", "AU", "IN")
LINES = ("Outbound PSTN call", "Recording", "Text to speech", "AI agent")

QUESTIONS: dict[str, Callable[[Tables], pd.DataFrame]] = {
    "by description": lambda tables: costs.by(tables, "description"),
    "by day, direction": lambda tables: costs.by(tables, "day", "direction"),
    "per_minute": lambda tables: costs.per_minute(tables, "type", "country"),
    "rounding": lambda tables: costs.rounding(tables, "type", "country"),
    "answer_rate": lambda tables: costs.answer_rate(tables, "day"),
    "top": lambda tables: costs.top(tables, n=10),
}
BY_HAND = {
    "by description": "SELECT description, count(*), sum(first::INT), sum(charge) AS charge FROM charges GROUP BY ALL",
    "by day, direction": """
        SELECT date_trunc('day', created_at), direction, count(*), sum(charge) AS charge
        FROM calls GROUP BY ALL""",
    "per_minute": """
        SELECT type, country, count(*), sum(charge) AS charge, sum(duration_ms), sum(billing_ms) FROM calls
        WHERE duration_ms IS NOT NULL AND billing_ms IS NOT NULL GROUP BY ALL""",
    "rounding": """
        SELECT type, country, count(*), sum(charge) AS charge, sum(duration_ms), sum(billing_ms),
            sum(greatest(billing_ms - duration_ms, 0)),
            sum(charge * greatest(billing_ms - duration_ms, 0) // greatest(billing_ms, 1))
        FROM calls WHERE duration_ms IS NOT NULL AND billing_ms IS NOT NULL GROUP BY ALL""",
    "answer_rate": """
        SELECT date_trunc('day', created_at), count(*), sum(charge) AS charge,
            count(*) FILTER (status = 'completed' OR (status = 'ended' AND duration_ms > 0)),
            count(*) FILTER (status IN ('busy', 'failed', 'no-answer', 'canceled')
                OR (status = 'ended' AND coalesce(duration_ms, 0) <= 0))
        FROM calls GROUP BY ALL""",
    "top": "SELECT * FROM calls ORDER BY charge DESC, id LIMIT 10",
}


def build(folder: Path, calls: int) -> None:
    """Write an account of so many calls, month by month."""
    rng = np.random.default_rng(7)
    for month in range(MONTHS):
        start = START + pd.DateOffset(months=month)
        span = start + pd.DateOffset(months=1) - start
        size = calls // MONTHS + (month < calls % MONTHS)
        if size:
            tables = flatten(*some(rng, start, span, size, month), unit="nano")
            parquet.write(folder, tables.calls, tables.charges)


def some(
    rng: np.random.Generator, start: pd.Timestamp, span: pd.Timedelta, size: int, month: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the calls of one month and their charge lines."""
    tail = rng.integers(0, 2**48, size)
    ids = [f"{month:04x}{place:08x}-4d6e-9c3a-{end:012x}" for place, end in enumerate(tail)]
    answered = rng.random(size) < 0.7  # noqa: PLR2004 - a plausible rate
    used = np.where(answered, rng.exponential(150_000, size).astype("int64") + 1000, 0)
    billed = -(-used // 60_000) * 60_000
    lines = rng.integers(1, 5, size)
    calls = pd.DataFrame(
        {
            "id": ids,
            "created_at": start
            + pd.to_timedelta(rng.integers(0, span.value // 1000, size), unit="us"),
            "type": label(rng, TYPES, size),
            "direction": label(rng, ("outbound", "inbound"), size),
            "status": np.where(
                answered, label(rng, STATUSES[:2], size), label(rng, STATUSES[2:], size)
            ),
            "from": "+15550100",
            "to": [f"+1555{number:07d}" for number in rng.integers(0, 10**6, size)],
            "country": label(rng, COUNTRIES, size),
            "duration_ms": used,
            "billing_ms": billed,
        }
    )
    owner = np.repeat(np.arange(size), lines)
    place = np.arange(len(owner)) - np.repeat(lines.cumsum() - lines, lines)
    price = np.where(
        place == 0, billed[owner] // 60_000 * 10_000_000, rng.integers(1, 400, len(owner)) * 20_000
    )
    charge = np.where(answered[owner], price, 0)
    calls["charge"] = np.bincount(owner, charge, size).astype("int64")
    charges = pd.DataFrame(
        {
            "call_id": calls["id"].to_numpy()[owner],
            "description": np.array(LINES, dtype=object)[place],
            "charge": charge,
        }
    )
    return calls, charges


def label(rng: np.random.Generator, labels: tuple[str, ...], size: int) -> Any:
    """Return random labels, the first ones more often."""
    weights = 1 / np.arange(1, len(labels) + 1)
    return np.array(labels, dtype=object)[rng.choice(len(labels), size, p=weights / weights.sum())]


def ask(tables: Tables) -> dict[str, Callable[[], Any]]:
    """Return the questions about some tables."""
    return {name: partial(question, tables) for name, question in QUESTIONS.items()}


def ask_by_hand(folder: str) -> dict[str, Callable[[], Any]]:
    """Return the same questions as SQL over the same files."""
    import duckdb  # noqa: PLC0415 - not a part of what pandas is measured by

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, paths in parquet.files(folder).items():
        connection.read_parquet(paths, hive_partitioning=False).create_view(name)

    def run(sql: str) -> pd.DataFrame:
        answer: pd.DataFrame = connection.sql(sql).df()
        return answer

    return {name: partial(run, sql) for name, sql in BY_HAND.items()}


def measure(folder: str, way: str) -> dict[str, Any]:
    """Return the time of each question, and the sum of its charges in nano-dollars."""
    started = time.perf_counter()
    questions = ask_by_hand(folder) if way == "SQL" else ask(read(folder, way))
    figures: dict[str, Any] = {"read": time.perf_counter() - started}
    totals = {}
    for name, question in questions.items():
        rounds = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            answer = question()
            rounds.append(time.perf_counter() - started)
        figures[name] = min(rounds)
        charge = answer["charge"].astype("float64").sum() * (1 if way == "SQL" else NANO)
        totals[name] = [len(answer), round(charge)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"figures": figures, "totals": totals, "peak": peak}


def fresh(folder: Path, way: str) -> dict[str, Any]:
    """Return the measurements of a fresh process."""
    command = [sys.executable, __file__, "measure", str(folder), way]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def report(folder: Path, calls: int) -> None:
    """Print the figures side by side."""
    names = ("SQL", "duckdb", *(("pandas",) if calls <= MOST_FOR_PANDAS else ()))
    ways = {way: fresh(folder, way) for way in names}
    agreed = all(measured["totals"] == ways["SQL"]["totals"] for measured in ways.values())
    print(f"{'seconds':20}" + "".join(f"{way:>10}" for way in ways) + "  duckdb/SQL")
    for name in QUESTIONS:
        times = [measured["figures"][name] for measured in ways.values()]
        print(
            f"{name:20}"
            + "".join(f"{seconds:10.3f}" for seconds in times)
            + f"{times[1] / times[0]:12.2f}"
        )
    sums = [sum(measured["figures"][name] for name in QUESTIONS) for measured in ways.values()]
    print(
        f"{'together':20}"
        + "".join(f"{seconds:10.3f}" for seconds in sums)
        + f"{sums[1] / sums[0]:12.2f}"
    )
    print(f"{'peak, MB':20}" + "".join(f"{measured['peak']:10.0f}" for measured in ways.values()))
    if "pandas" in ways:
        print(f"reading the frames of pandas: {ways['pandas']['figures']['read']:.1f} s")
    print("answers " + ("agree" if agreed else f"DIFFER: {ways}"))


def main() -> None:
    """Build the account if it does not exist, and measure."""
    if sys.argv[1:2] == ["measure"]:
        print(json.dumps(measure(*sys.argv[2:])))
        return
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[2] if len(sys.argv) > 2 else scratch)  # noqa: PLR2004 - the second argument
        if not (folder / "calls").exists():
            started = time.perf_counter()
            build(folder, calls)
            print(f"wrote {calls:,} calls in {time.perf_counter() - started:.0f} s")
        report(folder, calls)


if __name__ == "__main__":
    main()
