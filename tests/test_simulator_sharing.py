"""Simulated spaces of one seed in one log: each call has an id, and a charge, of its own."""

from __future__ import annotations

import sqlite3
import subprocess
import sys

import pytest
from support.recorded_run import DIAL

import swnb
from swnb.log import Log
from swnb.simulator import Space

PROCESS = f"""
import sys, swnb
with swnb.simulate(seed=7, log=sys.argv[1]) as sw:
    print(flush=True)
    sys.stdin.readline()
    call = sw.dial(**{DIAL!r}).wait_until("answered")
    sw.simulated_space.advance(90)
    call.end()
    sw.reconcile()
    print(call.id)
"""


def one_call(log):
    with swnb.simulate(seed=7, log=log) as sw:
        call = sw.dial(**DIAL).wait_until("answered")
        sw.simulated_space.advance(90)
        inbound = sw.simulated_space.inbound()
        call.end()
        sw.sync()
    return call.id, inbound


@pytest.mark.slow
def test_two_processes_of_one_seed_make_two_calls_each_with_its_charge(tmp_path):
    path = tmp_path / "log.sqlite"
    command = [sys.executable, "-c", PROCESS, str(path)]
    both = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in both:
        process.stdout.readline()
    for process in both:  # all at once
        process.stdin.write("\n")
        process.stdin.flush()
    ids = {process.communicate(timeout=60)[0].strip() for process in both}
    with Log(path) as log:
        calls = log.calls()
        assert set(calls["call_id"]) == ids
        assert len(ids) == 2
        charges = calls["charge"].tolist()
        assert charges[0] == charges[1] > 0
        assert log.charges()["charge"].sum() == pytest.approx(sum(charges))
        assert log.runs()["charge"].tolist() == charges


def test_one_seed_makes_the_same_ids_in_every_fresh_log(tmp_path):
    first = one_call(tmp_path / "a.sqlite")
    assert one_call(tmp_path / "b.sqlite") == first
    assert one_call(":memory:") == first
    space = Space(7)
    assert space.inbound() == first[1]
    again = one_call(tmp_path / "a.sqlite")
    assert not {*again} & {*first}
    with Log(tmp_path / "a.sqlite") as log:
        assert set(log.calls()["call_id"]) == {*again, *first}


def test_the_past_of_a_seed_is_brought_in_once(tmp_path):
    for new in (20, 0):
        with swnb.simulate(seed=7, history=20, log=tmp_path / "log.sqlite") as sw:
            assert sw.sync().new == new


def test_a_space_of_which_nothing_was_made_takes_no_number(tmp_path):
    for _ in range(2):
        with swnb.simulate(seed=7, log=tmp_path / "a.sqlite") as sw:
            sw.sync()
    assert one_call(tmp_path / "a.sqlite") == one_call(":memory:")


def test_a_log_that_cannot_be_written_keeps_calls_apart_too(tmp_path):
    log = Log(tmp_path / "log.sqlite", timeout=0.01)
    with swnb.simulate(seed=7, log=log) as sw:
        other = sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.warns(swnb.LogWarning):
            call = sw.dial(**DIAL)
        other.close()
    assert call.id != one_call(":memory:")[0]
