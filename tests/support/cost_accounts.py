"""Accounts for the tests of `swnb.costs`: one small enough for hand calculation, and random ones."""

import os
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest

from swnb.costs.tables.tables import flatten

CENT = 10_000_000  # nano-dollars


def needs(module):
    """Skip where a module is missing; in CI that is an error."""
    if find_spec(module) is None:
        report = pytest.fail if os.environ.get("CI") else pytest.skip
        report(f"{module} is not installed")


def small():
    """Six calls in two months; the comment gives what is due for each."""
    calls = pd.DataFrame(
        [
            # id, time, type, direction, status, to, run, command, cents, used, billed, error
            ("a", "2026-01-31T23:30:00.5Z", "pstn", "outbound", "completed", "+12125550100", "r1", "dial", 10, 30_000, 60_000, None),
            ("b", "2026-01-31T23:59:59Z", "pstn", "outbound", "ended", "+12125550100", "r1", "dial", 20, 120_000, 120_000, None),
            ("c", "2026-02-01T00:00:00Z", "pstn", "outbound", "busy", "+442071838750", "r1", "dial", 0, 0, 0, "busy_here"),
            ("d", "2026-02-01T04:00:00.25Z", "sip", "inbound", "completed", "sip:a@example.com", None, None, 5, 45_000, 60_000, None),
            ("e", "2026-02-02T12:00:00Z", "sip", "inbound", "ended", None, "r2", "calling.play", 0, 0, 0, None),
            ("f", "2026-02-02T13:00:00Z", "fabric", "inbound", None, None, None, None, 0, None, None, None),
        ],
        columns=["id", "created_at", "type", "direction", "status", "to", "run", "command", "charge", "duration_ms", "billing_ms", "error_code"],
    )  # fmt: skip
    calls["charge"] *= CENT
    lines = pd.DataFrame(
        [
            ("a", "PSTN", 6),
            ("a", "Recording", 2),
            ("a", "Recording", 2),
            ("b", "PSTN", 20),
            ("d", "SIP", 5),
        ],
        columns=["call_id", "description", "charge"],
    )
    lines["charge"] *= CENT
    return flatten(calls, lines, unit="nano")


def exchanges():
    """What was sent to the calls of `small`, as a log's frame has it."""
    frame = pd.DataFrame(
        [
            ("r1", "dial", "a", "accepted", 100.0, None),
            ("r1", "calling.play", "a", "accepted", 10.0, None),
            ("r2", "calling.play", "a", "accepted", 20.0, None),
            ("r1", "dial", "b", "accepted", 300.0, None),
            ("r2", "calling.play", "d", "rejected", 30.0, "not_found"),
            ("r2", "calling.play", "unknown", "rejected", None, "not_found"),
            ("r2", "dial", None, "rejected", 50.0, "not_e164"),
            ("r2", "dial", None, "refused", None, None),
        ],
        columns=["run", "command", "call_id", "outcome", "elapsed_ms", "error_code"],
    )
    frame["sent_at"] = pd.Timestamp("2026-01-31", tz="UTC") + pd.to_timedelta(frame.index, unit="s")
    return frame


def some(seed, size=400):
    """Make a random account over both changes of the clocks in New York, with every kind of gap."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2025-10-25", tz="UTC")
    span = 150 * 86_400 * 10**6
    billed = rng.integers(0, 90, size) * 60_000
    used = np.maximum(billed - rng.integers(-5_000, 60_000, size), 0)
    calls = pd.DataFrame(
        {
            "id": [f"{number:08x}" for number in rng.permutation(size)],
            "created_at": start + pd.to_timedelta(rng.integers(0, span, size), unit="us"),
            "type": pick(rng, ("pstn", "sip", "fabric", None), size),
            "direction": pick(rng, ("inbound", "outbound"), size),
            "status": pick(rng, ("completed", "ended", "busy", "failed", "ringing", None), size),
            "source": pick(rng, ("realtime_api", None), size),
            "from": "+15550100",
            "to": pick(rng, ("+12125550100", "+442071838750", "sip:a@example.com", None), size),
            "run": pick(rng, ("nightly", "once", None), size),
            "command": pick(rng, ("dial", "calling.play", None), size),
            "error_code": pick(rng, ("not_e164", "busy_here", None, None, None), size),
            "duration_ms": pd.array(used, dtype="Int64"),
            "billing_ms": pd.array(billed, dtype="Int64"),
        }
    )
    calls.loc[rng.random(size) < 0.1, ["duration_ms", "billing_ms"]] = None
    owners = np.repeat(calls["id"].to_numpy(), rng.integers(0, 5, size))
    # Prime nano-dollars: no float has these sums by luck.
    lines = pd.DataFrame(
        {
            "call_id": owners,
            "description": pick(rng, ("PSTN", "Recording", "Text to speech"), len(owners)),
            "charge": rng.integers(0, 10**6, len(owners)) * 104_729,
        }
    )
    charged = lines.groupby("call_id")["charge"].sum().reindex(calls["id"], fill_value=0)
    calls["charge"] = charged.to_numpy()
    calls.loc[calls["id"] == "00000000", "charge"] += 10**15  # a million dollars, for the floats
    return flatten(calls, lines, unit="nano")


def pick(rng, labels, size):
    return np.array(labels, dtype=object)[rng.integers(0, len(labels), size)]
