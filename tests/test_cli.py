"""The command line, as a shell runs it."""

import os
import re
import signal
import socket
import subprocess
import sys

import pytest
import requests

import swnb

EVENT = {"event": {"action": "from-a-shell"}}


@pytest.fixture
def simulating():
    """`python -m swnb simulate` on a free port, and what it printed."""
    command = [sys.executable, "-u", "-m", "swnb", "simulate", "--port", "0", "--seed", "3"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        lines = [process.stdout.readline() for _ in range(5)]
        yield process, "".join(lines)
        process.kill()


def exported(printed: str) -> dict[str, str]:
    return dict(re.findall(r"^export (\w+)=(\S+)$", printed, re.MULTILINE))


def test_simulate_prints_what_a_client_needs_and_serves_it(simulating, monkeypatch):
    _, printed = simulating
    for name, value in exported(printed).items():
        monkeypatch.setenv(name, value)
    with swnb.Client(log=":memory:") as sw, sw.listen() as inbox:
        call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
        assert call.user_event(**EVENT)["id"] == call.id
        assert inbox.wait_for("user_event", call=call).payload == EVENT["event"]
    assert "nothing in it is real" in printed


def test_simulate_gives_the_same_credentials_for_the_same_seed(simulating):
    space = swnb.Space(3)
    found = exported(simulating[1])
    assert found["SIGNALWIRE_PROJECT_ID"] == space.project
    assert found["SIGNALWIRE_API_TOKEN"] == space.token


def test_simulate_serves_on_loopback_only(simulating):
    host = exported(simulating[1])["SIGNALWIRE_SPACE"]
    assert host.startswith("127.0.0.1:")
    assert requests.get(f"http://{host}/api/voice/logs", timeout=5).status_code == 401


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_ctrl_c_ends_it_without_a_traceback(simulating):
    process, _ = simulating
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in errors


@pytest.mark.slow
def test_a_taken_port_is_said_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "swnb", "simulate", "--port", port],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: port {port} cannot be used")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", [["swnb"], [sys.executable, "-m", "swnb"]])
def test_version(command):
    if command == ["swnb"]:
        command = [os.path.join(os.path.dirname(sys.executable), "swnb")]  # noqa: PTH118, PTH120
        if not os.path.exists(command[0]):  # noqa: PTH110
            pytest.skip("swnb is not installed beside this Python")
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    assert swnb.__version__ in done.stdout
