"""What happens to the files of an open log: its journal is deleted or replaced, it is copied."""

import contextlib
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading

import pytest
from support.log_exchanges import accepted, logged, started

from swnb.errors import LogError, LogWarning
from swnb.log import Log

pytestmark = pytest.mark.slow

LOST = "lost its journal"
# Another program: opens the log, writes where asked to, says so, and waits until it is told to end.
OTHER = """
import sys, warnings
warnings.simplefilter("ignore")
from support.log_exchanges import logged
from swnb.log import Log
log = Log(sys.argv[1], run="other")
for number in range(int(sys.argv[2])):
    logged(log, 1_000 + number)
print(len(log.exchanges()), flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[2])):
    logged(log, 2_000 + number)
if sys.argv[3:] != ["killed"]:
    log.close()
else:
    import os; os._exit(1)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.sqlite"


def beside(path, *suffixes):
    return [path.with_name(path.name + suffix) for suffix in suffixes]


@contextlib.contextmanager
def another(path, count, *how):
    """Run another program on the log; it ends when the block does."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, path, str(count), *how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as running:
        yield int(running.stdout.readline())
        running.stdin.write("\n")


def on_disk(path):
    """Read a log as one who has never opened it, from a process of its own."""
    code = (
        "import sys, json; from swnb.log import Log\n"
        "log = Log(sys.argv[1]); frame = log.exchanges(bodies=True)\n"
        "print(json.dumps([[r['params']['event']['n'], o] for r, o in"
        " zip(frame.request, frame.outcome)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    return sorted((n, outcome) for n, outcome in json.loads(done.stdout))


def all_accepted(numbers):
    return [(number, "accepted") for number in sorted(numbers)]


@pytest.mark.slow
@pytest.mark.parametrize("gone", [("-wal", "-shm"), ("-wal",), ("-shm",)], ids="".join)
def test_a_journal_that_was_deleted_is_noticed_and_nothing_is_lost(path, gone):
    log = Log(path)
    made = [logged(log, number) for number in range(40)]
    for file in beside(path, *gone):
        file.unlink()
    with pytest.warns(LogWarning, match=LOST) as caught:
        made += [logged(log, number) for number in range(40, 80)]
    assert len(caught) == 1
    assert on_disk(path) == all_accepted(range(80))
    assert len(log.df) == 80
    assert [log.get(each.id).request for each in made] == [each.request for each in made]
    log.close()
    assert on_disk(path) == all_accepted(range(80))


def test_a_journal_that_was_deleted_last_is_noticed_at_the_close(path):
    log = Log(path)
    for number in range(40):
        logged(log, number)
    for file in beside(path, "-wal", "-shm"):
        file.unlink()
    with pytest.warns(LogWarning, match=LOST):
        log.close()
    assert on_disk(path) == all_accepted(range(40))


def test_a_journal_that_was_deleted_is_noticed_when_a_frame_is_read(path):
    log = Log(path)
    for number in range(40):
        logged(log, number)
    for file in beside(path, "-wal", "-shm"):
        file.unlink()
    with another(path, 0, "killed"), pytest.warns(LogWarning, match=LOST):
        assert len(log.df) == 40
    assert on_disk(path) == all_accepted(range(40))
    log.close()


@pytest.mark.slow
def test_a_journal_that_another_began_since_is_not_overwritten(path):
    log = Log(path)
    for number in range(40):
        logged(log, number)
    for file in beside(path, "-wal", "-shm"):
        file.unlink()
    with another(path, 10, "killed"):
        with pytest.warns(LogWarning, match=LOST):
            logged(log, 40)
        assert on_disk(path) == all_accepted([*range(41), *range(1_000, 1_010)])
    logged(log, 41)
    log.close()
    expected = [*range(42), *range(1_000, 1_010), *range(2_000, 2_010)]
    assert on_disk(path) == all_accepted(expected)
    with contextlib.closing(sqlite3.connect(path)) as other:
        assert other.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.slow
def test_a_journal_of_one_who_is_gone_is_not_overwritten(path):
    log = Log(path)
    for number in range(40):
        logged(log, number)
    for file in beside(path, "-wal", "-shm"):
        file.unlink()
    with another(path, 10, "killed"):
        pass
    with pytest.warns(LogWarning, match=LOST):
        log.close()
    expected = [*range(40), *range(1_000, 1_010), *range(2_000, 2_010)]
    assert on_disk(path) == all_accepted(expected)


@pytest.mark.slow
def test_two_programs_whose_journal_was_deleted_both_go_on(path):
    log = Log(path)
    for number in range(40):
        logged(log, number)
    with another(path, 10):
        for file in beside(path, "-wal", "-shm"):
            file.unlink()
        with pytest.warns(LogWarning, match=LOST):
            logged(log, 40)
    logged(log, 41)
    log.close()
    expected = [*range(42), *range(1_000, 1_010), *range(2_000, 2_010)]
    assert on_disk(path) == all_accepted(expected)


def test_rows_are_held_no_longer_than_until_they_are_in_the_file(path):
    with Log(path) as log:
        for number in range(600):
            logged(log, number)
        assert len(log._journal._recent) < 1_000


@pytest.mark.slow
def test_a_backup_holds_all_that_an_open_log_holds(path, tmp_path):
    with Log(path) as log:
        for number in range(20):
            logged(log, number)
        copied = tmp_path / "plain-copy.sqlite"
        subprocess.run(["cp", path, copied], check=True)
        with another(path, 10):
            target = log.backup(tmp_path / "backup.sqlite")
            assert on_disk(target) == all_accepted([*range(20), *range(1_000, 1_010)])
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        assert target == tmp_path / "backup.sqlite"
        with Log(copied) as short:
            assert len(short.exchanges()) < 20  # docs/log.md says so


@pytest.mark.slow
def test_a_copy_made_by_the_kernel_itself_costs_nothing(path, tmp_path):
    # Reading the file drops the process's locks on it, so that another deletes the journal.
    log = Log(path)
    for number in range(20):
        logged(log, number)
    shutil.copy(path, tmp_path / "copy.sqlite")
    with another(path, 10):
        pass
    with pytest.warns(LogWarning, match=LOST):
        logged(log, 20)
    log.close()
    expected = [*range(21), *range(1_000, 1_010), *range(2_000, 2_010)]
    assert on_disk(path) == all_accepted(expected)


def test_a_backup_holds_the_rows_that_could_not_be_written(path, tmp_path):
    log = Log(path, timeout=0.05)
    logged(log, 0)
    path.unlink()
    with pytest.warns(LogWarning, match="put the file back, or save all of it with log.backup"):
        logged(log, 1)
    saved = log.backup(tmp_path / "saved.sqlite")
    assert on_disk(saved) == all_accepted([0, 1])
    with pytest.warns(LogWarning, match="never written"):
        log.close()


def test_a_log_in_memory_can_be_backed_up(tmp_path):
    with Log(":memory:") as log:
        logged(log)
        assert on_disk(log.backup(tmp_path / "kept.sqlite")) == all_accepted([0])


@pytest.mark.parametrize("name", ["log.sqlite", "note.txt"])
def test_a_backup_overwrites_nothing(path, tmp_path, name):
    with Log(path) as log:
        logged(log)
        (tmp_path / "note.txt").write_text("mine")
        before = (tmp_path / name).read_bytes()
        with pytest.raises(LogError, match="already exists"):
            log.backup(tmp_path / name)
        assert (tmp_path / name).read_bytes() == before


@pytest.mark.parametrize(
    ("name", "message"),
    [("absent/log.sqlite", "does not exist"), (".", "already exists"), ("a\0b", "NUL")],
)
def test_a_backup_to_nowhere_is_one_error(path, tmp_path, monkeypatch, name, message):
    monkeypatch.chdir(tmp_path)
    with Log(path) as log, pytest.raises(LogError, match=message):
        log.backup(name)


def test_a_dial_is_written_to_survive_a_loss_of_power_and_nothing_else_is(path):
    with Log(path) as log:
        said = []
        log._journal._database._connection.set_trace_callback(said.append)
        logged(log, 0)
        assert not [line for line in said if "synchronous" in line]
        dial = started(1, command="dial")
        log.start(dial)
        assert said.index("PRAGMA synchronous = FULL") < said.index("PRAGMA synchronous = NORMAL")
        said.clear()
        log.finish(accepted(dial))
        replayed = started(2, command="dial")
        replayed.space = "replayed"
        log.start(replayed)
        assert not [line for line in said if "synchronous" in line]


def test_the_switch_to_a_journal_is_tried_again(path):
    """SQLite refuses the switch at once, whatever the timeout, while another writes."""
    Log(path).close()
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("PRAGMA journal_mode = delete")
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, other.rollback).start()
    with Log(path, timeout=30) as log:
        assert log._journal._database.writable
        assert beside(path, "-wal")[0].exists()
        logged(log)
    other.close()


def test_a_forked_child_does_not_write_what_its_parent_keeps(path):
    code = """
import os, sqlite3, sys, warnings
warnings.simplefilter("ignore")
from support.log_exchanges import logged
from swnb.log import Log
log = Log(sys.argv[1], run="both", timeout=0.05)
logged(log, 0)
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN IMMEDIATE")
logged(log, 1)
child = os.fork()
if not child:
    print(len(log._journal.unwritten()), flush=True)
    os._exit(0)
os.waitpid(child, 0)
other.execute("ROLLBACK")
other.close()
child = os.fork()
if not child:
    logged(log, 2)
    log.close()
    os._exit(0)
os.waitpid(child, 0)
log.close()
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("0\n", "")
    assert on_disk(path) == all_accepted(range(3))
