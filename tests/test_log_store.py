import multiprocessing
import os
import random
import sqlite3
import stat
import subprocess
import sys
import threading

import pytest
from support.log_exchanges import accepted, logged, started

from swnb.errors import LogError, LogWarning
from swnb.log import Log
from swnb.log.writing import files
from swnb.log.writing.files import mounted

pytestmark = pytest.mark.sample(2)

MOUNTS = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
40 27 0:40 / /home rw,relatime shared:5 - nfs4 server:/home rw
41 40 0:41 / /home/my\\040disk rw,relatime - xfs /dev/vdb rw
42 27 0:42 / /over rw - ext4 /dev/vdc rw
43 27 0:43 / /over rw - cifs //server/share rw
"""
CONTEXT = multiprocessing.get_context("spawn")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.sqlite"


@pytest.fixture
def log(path):
    with Log(path) as log:
        yield log


def test_a_started_exchange_is_in_the_file_before_start_returns(log, path):
    exchange = started()
    log.start(exchange)
    with sqlite3.connect(path) as other:
        rows = other.execute("SELECT id, run, command FROM sent").fetchall()
    other.close()
    assert rows == [(exchange.id, log.run, "calling.user_event")]


def test_a_started_exchange_is_open_until_it_is_finished(log):
    exchange = started()
    log.start(exchange)
    assert log.get(exchange.id).outcome == "sent"
    log.finish(accepted(exchange))
    assert log.get(exchange.id).outcome == "accepted"


def test_an_exchange_comes_back_as_it_was(log):
    exchange = logged(log, charges=[("voice", 5_000_000), ("recording", 3_000_000)])
    assert log.get(exchange.id) == exchange


def test_a_recorded_exchange_comes_back_as_it_was(log):
    exchange = started(outcome="refused", error_message="play: required")
    log.record(exchange)
    assert log.get(exchange.id) == exchange


def test_the_end_of_a_dial_names_its_call(log):
    exchange = started(command="dial", call_id=None)
    log.start(exchange)
    log.finish(accepted(exchange, call_id="made-by-the-platform"))
    assert log.get(exchange.id).call_id == "made-by-the-platform"


def test_the_last_end_of_an_exchange_counts(log):
    exchange = logged(log)
    exchange.outcome = "unknown"
    log.finish(exchange)
    assert log.get(exchange.id).outcome == "unknown"


def test_an_exchange_that_was_not_started_cannot_be_finished(log):
    with pytest.raises(LogError, match="started before"):
        log.finish(started())


def test_an_unknown_id_is_a_log_error(log):
    with pytest.raises(LogError, match="no exchange with this id"):
        log.get(12)


@pytest.mark.parametrize(
    "body",
    [{"a": {1, 2}}, {"a": float("nan")}, {("a", "b"): 1}, {"a": object()}, {"a": b"bytes"}],
    ids=["set", "nan", "key", "object", "bytes"],
)
def test_a_body_that_json_cannot_hold_is_kept_by_name(log, body):
    exchange = started(request=body, outcome="refused")
    log.record(exchange)
    assert len(log.get(exchange.id).request) == 1


def test_a_body_that_holds_itself_is_kept_to_some_depth(log):
    body = {}
    body["again"] = body
    exchange = started(request=body, outcome="refused")
    log.record(exchange)
    assert log.get(exchange.id).request["again"]["again"]


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("duration_ms", 2**70, None),
        ("error_message", "\ud800!", "?!"),
        ("error_message", "\x00\x1f\u2028", "\x00\x1f\u2028"),
        ("error_code", {"odd": 1}, "{'odd': 1}"),
    ],
    ids=["big", "surrogate", "control", "object"],
)
def test_a_value_that_sqlite_cannot_hold_costs_only_itself(log, field, value, kept):
    exchange = logged(log, **{field: value})
    found = log.get(exchange.id)
    assert (getattr(found, field), found.outcome) == (kept, "accepted")


def test_what_was_sent_with_a_control_id_is_found_in_any_run(path):
    with Log(path) as first:
        play = started(0, command="calling.play", control_id="play-2")
        first.start(play)
        first.finish(accepted(play))
        first.start(started(3, control_id="play-9"))
        replayed = started(0, control_id="play-3")
        replayed.space = "replayed"
        first.start(replayed)
        run = first.run
    with Log(path) as second:
        second.start(started(1, command="calling.play.stop", control_id="play-1"))
        second.start(started(2))
        stop = ("calling.play.stop", "play-1", "sent")
        call_id = started().call_id
        assert second.control_ids_sent(call_id) == [("calling.play", "play-2", "accepted"), stop]
        assert second.control_ids_sent(call_id, but=run) == [stop]


def test_each_log_begins_a_run_of_its_own(path):
    with Log(path) as first, Log(path) as second:
        assert first.run != second.run


def test_a_given_run_keeps_its_name_and_goes_on(path):
    for number in range(2):
        with Log(path, run="night") as log:
            logged(log, number)
            assert len(log.df) == number + 1


def test_a_log_that_wrote_nothing_adds_no_run(path):
    with Log(path) as log:
        logged(log)
    with Log(path) as reading:
        assert list(reading.runs()["name"]) == [log.run]


def test_the_repr_names_path_run_and_number_of_exchanges(log, path):
    logged(log)
    assert repr(log) == f"Log({str(path)!r}, run={log.run!r}, exchanges=1)"


def test_a_log_in_memory_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Log(":memory:") as log:
        logged(log)
        assert len(log.df) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_relative_path_survives_a_change_of_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "below").mkdir()
    with Log("log.sqlite") as log:
        monkeypatch.chdir(tmp_path / "below")
        logged(log)
    assert list((tmp_path / "below").iterdir()) == []


def test_only_the_owner_may_read_a_new_log(log, path):
    logged(log)
    modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {0o600}


def test_a_closed_log_holds_one_file(path):
    with Log(path) as log:
        logged(log)
    assert [file.name for file in path.parent.iterdir()] == ["log.sqlite"]


def test_a_closed_log_says_so(path):
    log = Log(path)
    log.close()
    log.close()
    with pytest.raises(LogError, match="it is closed"):
        log.exchanges()
    with pytest.warns(LogWarning, match="it is closed"):
        log.start(started())


def test_a_log_is_in_wal_mode(log):
    assert log._journal.read("PRAGMA journal_mode") == [("wal",)]


def test_a_network_file_system_gets_a_rollback_journal_and_a_warning(path, tmp_path, monkeypatch):
    # A real network file system cannot be had here: the kernel's table of mounts is replaced.
    table = tmp_path / "mountinfo"
    table.write_text(f"1 1 0:1 / {tmp_path} rw - nfs4 server:/ rw\n")
    monkeypatch.setattr(files, "MOUNTS", table)
    with pytest.warns(LogWarning, match=r"network file system \(nfs4\)"):
        log = Log(path)
    with log:
        logged(log)
        assert log._journal.read("PRAGMA journal_mode") == [("delete",)]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/tmp/log.sqlite", "ext4"),
        ("/home/me/log.sqlite", "nfs4"),
        ("/home/my disk/log.sqlite", "xfs"),
        ("/homes/log.sqlite", "ext4"),
        ("/over/log.sqlite", "cifs"),
    ],
)
def test_a_path_lies_on_the_innermost_and_latest_mount(path, kind):
    assert mounted(path, MOUNTS) == kind


def test_a_table_of_no_mounts_tells_nothing():
    assert mounted("/tmp", "nonsense\n") is None


def test_threads_write_one_log_at_once(log):
    def write():
        for number in range(100):
            logged(log, number)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    frame = log.df
    assert (len(frame), set(frame["outcome"]), frame["id"].is_unique) == (400, {"accepted"}, True)


def begin_at_once(paths, barrier, count):
    """Open one new log after the other together with other processes, and write to each."""
    for path in paths:
        barrier.wait()
        with Log(path) as log:
            for number in range(count):
                logged(log, number)


@pytest.mark.slow
def test_processes_begin_one_new_log_at_once(tmp_path):
    paths = [tmp_path / f"{trial}.sqlite" for trial in range(20)]
    barrier = CONTEXT.Barrier(6, timeout=120)
    processes = [CONTEXT.Process(target=begin_at_once, args=(paths, barrier, 3)) for _ in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 6
    for path in paths:
        with Log(path) as log:
            frame = log.exchanges()
        assert (len(frame), frame["run"].nunique()) == (18, 6)


def begin_twice(path, barrier):
    """Write from two threads of this process, each through a log of its own."""
    arguments = ([path], barrier, 200)
    threads = [threading.Thread(target=begin_at_once, args=arguments) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.slow
def test_processes_with_threads_write_one_log_at_once(path):
    barrier = CONTEXT.Barrier(4, timeout=120)
    processes = [CONTEXT.Process(target=begin_twice, args=(path, barrier)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    with Log(path) as log:
        assert log.runs()["exchanges"].tolist() == [200] * 4


def test_a_forked_child_writes_beside_its_parent(path):
    # Its own interpreter: forking the one of the tests, which may have threads, is deprecated.
    code = """
import os, sys
from support.log_exchanges import logged
from swnb.log import Log
log = Log(sys.argv[1], run="both")
logged(log, 0)
child = os.fork()
for number in range(1, 4):
    logged(log, number)
if not child:
    log.close()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
logged(log, 9)
print(len(log.df), log.df["outcome"].unique().tolist())
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
    assert (done.stdout, done.stderr) == ("8 ['accepted']\n", "")


def test_opening_and_writing_loads_no_pandas(path):
    code = (
        "import sys; from support.log_exchanges import logged; from swnb.log import Log\n"
        f"log = Log({str(path)!r}); logged(log); log.get(1); log.close()\n"
        "print('pandas' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )
    assert done.stdout == "False\n"


def test_the_exchanges_of_a_run_are_read_again_in_any_order(path):
    with Log(path) as log:
        for number in range(600):
            log.begin("other" if number % 7 == 0 else "long")
            logged(log, number)
        source = log.source("long")
        whole = dict(source.places())
        places = list(whole)
        assert len(places) == 514
        shuffled = random.Random(7).sample(places, len(places))
        skipping = [place for place in places for _ in range(place % 3)]
        for order in (places, places[::-1], shuffled, skipping, places):
            assert [source.get(place) for place in order] == [whole[place] for place in order]
        with pytest.raises(LogError, match="no exchange with this id"):
            source.get(places[-1] + 1_000)
        with pytest.raises(LogError, match="no exchange with this id"):
            source.get(1)  # another run's
