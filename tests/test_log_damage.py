import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from support.log_exchanges import accepted, logged, started

from swnb.errors import LogError, LogWarning
from swnb.log import Log

pytestmark = pytest.mark.sample(3)

NOBODY = 65534
PAGE = 4096


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.sqlite"


@pytest.fixture
def log(path):
    """A log that does not wait long for others."""
    with Log(path, timeout=0.05) as log:
        yield log


@contextlib.contextmanager
def locked(path):
    """Hold the file's write lock, as another program's transaction does."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextlib.contextmanager
def refused(path):
    """Hold the file locked, and expect to be warned of it."""
    reason = "cannot be written, another program has locked it"
    with locked(path), pytest.warns(LogWarning, match=reason) as caught:
        yield caught


def in_process(code, *arguments):
    """Run code in a process of its own and give what it printed; it imports what tests import."""
    prelude = (
        "import os, sys, resource, warnings\n"
        "import swnb.log.reading.frames\n"  # before the privileges go
        "from support.log_exchanges import accepted, logged, started\n"
        "from swnb.log import Log\n"
        "warnings.simplefilter('always')\n"
        f"if os.geteuid() == 0 and {'nobody' in arguments}: os.setuid({NOBODY})\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", prelude + code, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), done.stderr


@pytest.fixture
def open_folder():
    """A folder that an unprivileged process can reach; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        yield folder


def another_database(path):
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE cookies (host TEXT)")


def newer_log(path):
    Log(path).close()
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 999")


def torn_log(path):
    with Log(path) as log:
        for number in range(200):
            logged(log, number)
    with path.open("r+b") as file:
        file.truncate(3 * PAGE)


def scribbled_log(path):
    torn_log(path)
    with path.open("r+b") as file:
        file.seek(PAGE)
        file.write(b"\xaa" * 2 * PAGE)


@pytest.mark.parametrize(
    ("spoil", "message", "advice"),
    [
        (
            lambda path: path.write_text("Dear diary,\n" * 400),
            "damaged or not a log",
            "move it away",
        ),
        (lambda path: path.write_bytes(b"x"), "damaged or not a log", "move it away"),
        (torn_log, "damaged or not a log", "move it away"),
        (scribbled_log, "damaged or not a log", "move it away"),
        (another_database, "a database of another program", "log="),
        (newer_log, "written by a newer swnb", "upgrade swnb"),
    ],
    ids=["text", "a byte", "torn", "scribbled", "another's", "newer"],
)
def test_a_file_that_is_no_log_is_refused_and_left_as_it_was(path, spoil, message, advice):
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(LogError, match=message) as caught:
        Log(path)
    assert repr(str(path)) in caught.value.message
    assert advice in caught.value.advice
    assert path.read_bytes() == before


def test_a_folder_is_no_log(tmp_path):
    with pytest.raises(LogError, match="it is a folder"):
        Log(tmp_path)


def test_a_log_in_no_folder_is_refused(tmp_path):
    with pytest.raises(LogError, match="folder does not exist"):
        Log(tmp_path / "absent" / "log.sqlite")


def test_an_empty_file_becomes_a_log(path):
    path.touch()
    with Log(path) as log:
        logged(log)
        assert len(log.df) == 1


def test_damage_deep_in_a_file_is_told_when_it_is_read(path):
    with Log(path) as log:
        for number in range(2_000):
            logged(log, number)
    with contextlib.closing(sqlite3.connect(path)) as other:
        # The first leaf that holds exchanges; the last ones, which opening looks at, are whole.
        (root,) = other.execute("SELECT rootpage FROM sqlite_master WHERE name = 'sent'").fetchone()
    data = path.read_bytes()
    leaf = int.from_bytes(data[(root - 1) * PAGE + 12 :][:2], "big")
    child = int.from_bytes(data[(root - 1) * PAGE + leaf :][:4], "big")
    with path.open("r+b") as file:
        file.seek((child - 1) * PAGE)
        file.write(b"\xaa" * PAGE)
    with Log(path) as log, pytest.raises(LogError, match="cannot be read, it is damaged"):
        log.exchanges()


def test_a_locked_log_keeps_rows_and_shows_them_last(log, path):
    logged(log)
    with refused(path) as caught:
        exchange = logged(log, 1)
        frame = log.df
    assert exchange.id < 0
    assert frame["id"].tolist() == [1, exchange.id]
    assert frame["outcome"].tolist() == ["accepted", "accepted"]
    assert repr(str(path)) in str(caught[0].message)
    logged(log, 2)


def test_a_cause_is_warned_of_once_until_writing_works_again(log, path):
    logged(log)
    for number in (10, 20):
        with refused(path) as caught:
            logged(log, number)
            logged(log, number + 1)
        logged(log, number + 2)
        assert len(caught) == 1


def test_kept_rows_are_written_in_order_when_writing_works_again(log, path):
    logged(log)
    with refused(path):
        first, second = logged(log, 1), logged(log, 2)
    last = logged(log, 3)
    ids = [log.get(exchange.id).id for exchange in (first, second, last)]
    assert ids == [2, 3, 4]
    with Log(path) as other:
        frame = other.exchanges()
    assert frame["outcome"].tolist() == ["accepted"] * 4
    assert frame["sent_at"].is_monotonic_increasing


def test_an_end_that_was_kept_shows_and_is_written_later(log, path):
    exchange = started()
    log.start(exchange)
    with refused(path):
        log.finish(accepted(exchange, charges=[("voice", 8_000_000)]))
        shown = log.df["outcome"].tolist(), log.charges()["charge"].tolist(), log.get(1).outcome
    assert shown == (["accepted"], [0.008], "accepted")
    logged(log, 3)
    with Log(path) as other:
        assert other.get(1) == exchange


def test_an_exchange_that_began_in_trouble_may_end_after_it(log, path):
    logged(log)
    exchange = started(1)
    with refused(path):
        log.start(exchange)
    logged(log, 2)
    log.finish(accepted(exchange))
    assert exchange.id == 2
    assert log.df["outcome"].tolist() == ["accepted"] * 3


def test_all_frames_show_kept_rows(log, path):
    logged(log, 0, charges=[("voice", 1)], control_id="play-0")
    with refused(path):
        logged(log, 1, charges=[("voice", 2)], call_status="ended", control_id="play-1")
        logged(log, 3, charges=[("voice", 3)])
        frames = {
            "calls": log.calls()["status"].tolist(),
            "charges": log.charges()["charge"].tolist(),
            "events": log.user_events()["event"].tolist(),
            "runs": log.runs()["exchanges"].tolist(),
            "bodies": log.exchanges(bodies=True)["response"].notna().tolist(),
            "uses": log.control_ids_sent(started(0).call_id),
        }
    assert frames == {
        "calls": ["ended", "answered"],
        "charges": [2e-9, 3e-9],
        "events": [{"n": 0}, {"n": 1}, {"n": 3}],
        "runs": [3],
        "bodies": [True] * 3,
        "uses": [
            ("calling.user_event", "play-0", "accepted"),
            ("calling.user_event", "play-1", "accepted"),
        ],
    }
    logged(log, 4)


def test_a_kept_row_of_a_replay_did_not_reach_the_call(log, path):
    replayed = started(0, command="calling.play", control_id="play-1")
    replayed.space = "replayed"
    with refused(path):
        log.record(accepted(replayed))
        assert log.control_ids_sent(replayed.call_id) == []
    assert log.control_ids_sent(replayed.call_id) == []


def test_the_cache_is_none_the_worse_for_having_shown_kept_rows(log, path):
    open_one = started(0)
    log.start(open_one)
    log.exchanges()
    with refused(path):
        log.finish(accepted(open_one, call_status="never seen before"))
        log.start(started(1, command="calling.play", control_id="play-1"))
        assert log.exchanges()["outcome"].tolist() == ["accepted", "sent"]
    logged(log, 2, call_status="new")
    with Log(path) as other:
        expected = other.exchanges().astype(str)
    assert log.exchanges().astype(str).equals(expected)


def test_a_locked_new_file_is_written_when_it_is_free(path):
    path.touch()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        log = Log(path, timeout=0.05)
        with pytest.warns(LogWarning, match="locked"):
            logged(log)
        assert log.df["outcome"].tolist() == ["accepted"]
        other.execute("ROLLBACK")
    logged(log, 1)
    assert log.df["id"].tolist() == [1, 2]
    log.close()


def test_closing_writes_what_was_kept(path):
    log = Log(path, timeout=0.05)
    with refused(path):
        logged(log)
    log.close()
    with Log(path) as other:
        assert other.exchanges()["outcome"].tolist() == ["accepted"]


def test_closing_counts_what_was_never_written(path):
    log = Log(path, timeout=0.05)
    with locked(path):
        with pytest.warns(LogWarning, match="cannot be written"):
            logged(log)
        with pytest.warns(LogWarning, match="2 rows .* were never written: another program"):
            log.close()


def test_a_process_that_ends_without_closing_counts_what_was_never_written(path):
    Log(path).close()
    with locked(path):
        _, warned = in_process("log = Log(sys.argv[1], timeout=0); logged(log)", path)
    assert "2 rows (starts and ends of exchanges) were never written" in warned


@pytest.mark.parametrize("gone", ["moved", "deleted", "replaced"])
def test_a_file_that_is_gone_is_noticed_and_missed_by_no_row(log, path, gone):
    logged(log)
    aside = path.with_suffix(".aside")
    os.link(path, aside)
    path.unlink()
    if gone == "replaced":
        path.write_text("something else")
    with pytest.warns(LogWarning, match="deleted, moved or replaced. .* put the file back"):
        logged(log, 1)
    assert len(log.df) == 2
    aside.replace(path)
    logged(log, 2)
    assert log.df["id"].tolist() == [1, 2, 3]
    assert log.df["outcome"].tolist() == ["accepted"] * 3


def test_nothing_is_made_in_the_place_of_a_file_that_is_gone(path):
    log = Log(path)
    logged(log)
    shutil.rmtree(path.parent)
    with pytest.warns(LogWarning, match="deleted, moved or replaced"):
        logged(log, 1)
    with pytest.warns(LogWarning, match="never written"):
        log.close()
    assert not path.exists()


@pytest.mark.slow
def test_a_full_disk_keeps_rows_until_there_is_room(path):
    # A limit on the size of files is what can be had of a full disk without a file system.
    code = """
log = Log(sys.argv[1])
logged(log)
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))
made = [logged(log, number) for number in range(1, 300)]
print(min(each.id for each in made) < 0, len(log.df), len(log.df[log.df.outcome == "accepted"]))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
logged(log, 300)
print(log.df.id.tolist() == list(range(1, 302)), log.df.sent_at.is_monotonic_increasing)
log.close()
"""
    printed, warned = in_process(code, path)
    assert printed == ["True 300 300", "True True"]
    assert warned.count("LogWarning: ") == 1
    assert "the disk is full or failing" in warned


def test_a_read_only_log_can_be_read_and_keeps_what_is_sent(open_folder):
    code = """
path = sys.argv[1]
log = Log(path)
logged(log)
log.close()
os.chmod(path, 0o444)
os.chmod(os.path.dirname(path), 0o555)
log = Log(path)
print(log.exchanges().outcome.tolist())
exchange = logged(log, 1)
print(exchange.id < 0, log.exchanges().outcome.tolist(), log.get(exchange.id).outcome)
os.chmod(os.path.dirname(path), 0o755)
os.chmod(path, 0o600)
logged(log, 2)
print(log.exchanges().id.tolist())
log.close()
"""
    printed, warned = in_process(code, open_folder / "log.sqlite", "nobody")
    assert printed == [
        "['accepted']",
        "True ['accepted', 'accepted'] accepted",
        "[1, 2, 3]",
    ]
    assert warned.count("LogWarning: ") == 1


@pytest.mark.slow
def test_a_read_only_folder_keeps_what_is_sent(open_folder):
    code = """
path = sys.argv[1]
os.chmod(os.path.dirname(path), 0o555)
log = Log(path)
exchange = logged(log)
print(exchange.id < 0, log.df.outcome.tolist(), log.runs().name.tolist() == [log.run])
log.close()
os.chmod(os.path.dirname(path), 0o755)
"""
    printed, warned = in_process(code, open_folder / "log.sqlite", "nobody")
    assert printed == ["True ['accepted'] True"]
    assert "its file or folder is read-only" in warned
    assert "never written" in warned


def test_an_unreadable_log_is_a_log_error(open_folder):
    code = """
path = sys.argv[1]
Log(path).close()
os.chmod(path, 0)
try:
    Log(path)
except Exception as error:
    print(type(error).__name__, error.message.endswith("it cannot be read"))
"""
    printed, _ = in_process(code, open_folder / "log.sqlite", "nobody")
    assert printed == ["LogError True"]
