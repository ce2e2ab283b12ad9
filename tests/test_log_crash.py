"""`kill -9` loses nothing that was acknowledged: real processes, killed while they write."""

import os
import signal
import subprocess
import sys

import pytest

from swnb.log import Log

pytestmark = pytest.mark.sample(1)

# Says on its standard output what the log has taken, as soon as it has.
WRITER = """
import sys
from support.log_exchanges import accepted, started
from swnb.log import Log
log = Log(sys.argv[1], run=sys.argv[2])
for number in range(int(sys.argv[3])):
    exchange = started(number)
    print("started", log.start(exchange), flush=True)
    log.finish(accepted(exchange))
    print("ended", exchange.id, flush=True)
"""
STUCK = """
import sys
from support.log_exchanges import started
from swnb.log import Log
print(Log(sys.argv[1]).start(started()), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.sqlite"


def run(code, *arguments, **pipes):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        **pipes,
    )


def read_lines(process, count):
    return [process.stdout.readline() for _ in range(count)]


def kill(process):
    """Kill a process and give what it had still said."""
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.readlines()
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    return rest


@pytest.mark.slow
@pytest.mark.parametrize("place", [1, 1_000, 4_003], ids=str)
def test_nothing_acknowledged_is_lost_when_two_writers_are_killed(path, place):
    first, second = (run(WRITER, path, name, 5_000) for name in ("first", "second"))
    said = read_lines(first, place)
    said += kill(first)
    said += read_lines(second, 2 * place)
    said += kill(second)
    told = {
        word: {
            int(line.split()[1]) for line in said if line.startswith(word) and line.endswith("\n")
        }
        for word in ("started", "ended")
    }
    with Log(path) as log:
        frame = log.exchanges().set_index("id")
    assert len(told["started"]) > place
    assert told["started"] <= set(frame.index)
    assert set(frame.loc[list(told["ended"]), "outcome"]) <= {"accepted"}
    assert len(frame) - len(told["started"]) <= 2


@pytest.mark.slow
def test_a_survivor_of_two_writers_writes_all_of_its_ten_thousand(path):
    killed, survivor = (run(WRITER, path, name, 5_000) for name in ("killed", "survivor"))
    said = read_lines(killed, 500)
    said += kill(killed)
    rest, _ = survivor.communicate()
    assert survivor.returncode == 0
    assert len(rest.splitlines()) == 10_000
    with Log(path) as log:
        runs = log.runs().set_index("name")
    assert runs.loc["survivor", "exchanges"] == 5_000
    assert runs.loc["killed", "exchanges"] >= sum(line.startswith("started") for line in said)


def test_the_exchange_of_a_killed_process_stays_visible_as_open(path):
    process = run(STUCK, path, stdin=subprocess.PIPE)
    key = int(process.stdout.readline())
    kill(process)
    process.stdin.close()
    with Log(path) as log:
        assert log.exchanges()[["id", "outcome"]].to_numpy().tolist() == [[key, "sent"]]
