"""What the frame of a large log costs: `python benchmarks/log_frame.py [rows]`, a million if unsaid.

Each figure comes from a fresh process on the same file: the first read of the frame, beside
`pd.read_sql` of the same columns, and of the frame of a run that holds ten exchanges; then the
refresh after one more command. Targets: a first read at least twice as fast as `pd.read_sql`, a
refresh under 100 ms, a peak under 1.5 GB.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from swnb.exchange import Exchange, now
from swnb.log import Log

BIG, SMALL, READ_SQL = "all", "ten", "read_sql"
WAYS = (READ_SQL, BIG, SMALL)
REFRESHES = 15
ROUNDS = 3
# A million distinct control and request ids, ten exchanges a call, ten thousand numbers.
FILL = (
    f"""
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
    INSERT INTO sent (id, run, sent_at, command, call_id, control_id, space, "from", "to", what)
    SELECT i, '{BIG}', :now + i * 1000,
        CASE i % 3 WHEN 0 THEN 'calling.play' ELSE 'calling.user_event' END,
        printf('%08x-1b5f-4d6e-9c3a-%012x', i / 10, i / 10),
        CASE i % 3 WHEN 0 THEN printf('play-%d', i) END,
        'simulated', '+15550100', printf('+1555%07d', i / 10 % 10000),
        json_object('action', 'order.confirmed', 'n', i)
    FROM n
    """,
    """
    INSERT INTO ended (exchange, outcome, http_status, call_status, type, direction, charge_nano,
        duration_ms, error_code, error_message, attempts, elapsed_us, request_id)
    SELECT id, iif(id % 20, 'accepted', 'rejected'), iif(id % 20, 200, 422),
        iif(id % 20, 'answered', NULL), iif(id % 20, 'relay_pstn_call', NULL),
        iif(id % 20, 'outbound', NULL), iif(id % 20, id * 1000, NULL),
        iif(id % 20, id % 600000, NULL), iif(id % 20, NULL, 'call_not_active'),
        iif(id % 20, NULL, 'The call has ended'), 1, 1000 + id % 90000,
        printf('%08x-77aa-4c1d-8e2f-%012x', id, id)
    FROM sent ORDER BY id
    """,
    """
    INSERT INTO requests SELECT id, json_object('command', command, 'id', call_id,
        'params', json_object('event', json_object('action', 'order.confirmed', 'n', id))) FROM sent
    """,
    """
    INSERT INTO responses SELECT id, json_object('id', request_id, 'status', 'answered',
        'text', printf('%.800c', 'x')) FROM ended
    """,
)
# The frame's columns, as one would write them by hand.
SELECT = """
    SELECT sent.id, sent.run, sent.sent_at, sent.command,
        coalesce(ended.call_id, sent.call_id) AS call_id, sent.control_id, sent.space, sent.what,
        coalesce(ended.outcome, 'sent') AS outcome, ended.http_status, ended.call_status,
        ended.type, ended.direction, coalesce(ended."from", sent."from") AS "from",
        coalesce(ended."to", sent."to") AS "to", ended.charge_nano / 1e9 AS charge,
        ended.duration_ms, ended.error_code, ended.error_message, ended.attempts,
        ended.elapsed_us / 1e3 AS elapsed_ms, ended.request_id
    FROM sent LEFT JOIN ended ON ended.exchange = sent.id ORDER BY sent.id
"""


def build(path: Path, rows: int) -> None:
    """Fill a log by SQL, in the time that the public door would need for a tenth of it."""
    with Log(path, run=BIG) as log:
        send(log)
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in ("sent", "ended", "requests", "responses"):
            connection.execute(f"DELETE FROM {table}")
        for statement in FILL:
            connection.execute(statement, {"rows": rows, "now": now()})


def send(log: Log) -> None:
    """Log one more command."""
    exchange = Exchange("calling.user_event", "simulated", now(), "one-more-call")
    exchange.request = {"command": exchange.command, "params": {"event": {"action": "more"}}}
    log.start(exchange)
    exchange.outcome, exchange.http_status, exchange.attempts = "accepted", 200, 1
    log.finish(exchange)


def read_sql(path: str) -> dict[str, float]:
    """Measure the plain reading that everyone knows."""
    import pandas as pd  # noqa: PLC0415 - not a part of what is measured

    with closing(sqlite3.connect(path)) as connection:
        started = time.perf_counter()
        frame = pd.read_sql(SELECT, connection)
        return {"seconds": time.perf_counter() - started, "rows": len(frame)}


def frame_of(path: str, run: str) -> dict[str, float]:
    """Measure the first read of a run's frame, then refreshes."""
    import swnb.log.reading.frames  # noqa: F401, PLC0415 - pandas, not a part of what is measured

    with Log(path, run=run) as log:
        for _ in range(10 * (run == SMALL)):
            send(log)
        started = time.perf_counter()
        rows = len(log.df)
        taken = time.perf_counter() - started
        refreshes = []
        for _ in range(REFRESHES):
            send(log)
            started = time.perf_counter()
            frame = log.df
            refreshes.append(time.perf_counter() - started)
        assert len(frame) == rows + REFRESHES
    return {
        "seconds": taken,
        "rows": rows,
        "refresh": statistics.median(refreshes),
        "slowest": max(refreshes),
    }


def measure(path: Path, way: str) -> dict[str, float]:
    """Measure one way of reading in a fresh process."""
    command = [sys.executable, __file__, "--measure", way, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def measured(way: str, path: str) -> dict[str, float]:
    """Be that process, and add its peak memory in GB."""
    figures = read_sql(path) if way == READ_SQL else frame_of(path, way)
    return {**figures, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}


def main(rows: int) -> None:
    """Build the log and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.sqlite"
        build(path, rows)
        print(
            f"{rows:,} exchanges, {path.stat().st_size / 1e6:,.0f} MB; medians of {ROUNDS} rounds"
        )
        rounds = [{way: measure(path, way) for way in WAYS} for _ in range(ROUNDS)]
    for way in WAYS:
        figures = {
            key: statistics.median(each[way][key] for each in rounds) for key in rounds[0][way]
        }
        line = f"{way:9} first read {figures['seconds']:6.2f} s"
        if way == BIG:
            ratios = [each[READ_SQL]["seconds"] / each[BIG]["seconds"] for each in rounds]
            line += f" = read_sql / {statistics.median(ratios):.1f} (target 2.0)"
        if "refresh" in figures:
            line += f"; refresh {figures['refresh'] * 1e3:.1f} ms, slowest {figures['slowest'] * 1e3:.1f}"
            line += " (target 100)"
        print(f"{line}; peak {figures['peak']:.2f} GB (target 1.5)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measured(*sys.argv[2:])))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
