"""`swnb compare` of folders and pipes: file by file, and the exit status says how it ended."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.dialing import DIAL

import swnb
from swnb.cli import main

ROOT = Path(__file__).resolve().parents[1]


def record(path, event="order.confirmed"):
    with swnb.simulate() as sw, sw.run("flow"):
        sw.dial(**DIAL).user_event(event={"action": event})
        sw.log.export_run("flow", path)


@pytest.fixture
def nights(tmp_path):
    """Two folders: one flow the same in both, one other, one in a folder of its own."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours, theirs):
        record(folder / "same.jsonl")
        record(folder / "deeper" / "flow.jsonl")
    return ours, theirs


def compare(*arguments):
    return CliRunner().invoke(main, ["compare", *map(str, arguments)])


def test_equal_folders_are_the_same(nights):
    result = compare(*nights)
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "deeper/flow.jsonl  the same",
        "same.jsonl         the same",
    ]


def test_a_table_says_which_differ_and_below_it_how(nights):
    ours, theirs = nights
    record(theirs / "same.jsonl", "order.shipped")
    record(ours / "gone.jsonl")
    record(theirs / "new.jsonl")
    result = compare(ours, theirs)
    assert result.exit_code == 1
    table, details = result.output.split("\n\n", 1)
    assert [" ".join(line.split()) for line in table.splitlines()] == [
        "deeper/flow.jsonl the same",
        f"gone.jsonl only in {ours}",
        f"new.jsonl only in {theirs}",
        "same.jsonl 1 difference",
    ]
    assert "order.shipped" in details


def test_options_hold_for_every_file(nights):
    ours, theirs = nights
    record(theirs / "same.jsonl", "order.shipped")
    assert compare(ours, theirs, "--ignore", "request.params.event").exit_code == 0
    assert compare(ours, theirs, "--ignore", "#2").exit_code == 0


def test_a_file_that_cannot_be_read_is_said_and_the_others_are_compared(nights):
    ours, theirs = nights
    (theirs / "same.jsonl").write_text("torn")
    result = compare(ours, theirs)
    assert result.exit_code == 2
    assert "cannot be compared" in result.output
    assert "the same" in result.output
    assert "line 1" in result.output


def test_what_is_no_pair_of_folders_cannot_be_compared(nights, tmp_path):
    (tmp_path / "empty").mkdir()
    for pair in ((nights[0], nights[0] / "same.jsonl"), (tmp_path / "empty", tmp_path / "empty")):
        result = compare(*pair)
        assert result.exit_code == 2
        assert result.output.startswith("Error: ")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes of this kind")
@pytest.mark.parametrize(("event", "status"), [("order.confirmed", 0), ("order.shipped", 1)])
def test_a_reader_that_leaves_early_changes_no_status(nights, event, status):
    ours, theirs = nights
    record(theirs / "same.jsonl", event)
    command = [sys.executable, "-m", "swnb", "compare", str(ours), str(theirs)]
    read, write = os.pipe()
    os.close(read)  # nobody reads
    done = subprocess.run(
        command,
        stdout=write,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (status, b"")
