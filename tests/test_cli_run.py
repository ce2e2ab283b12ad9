"""`swnb run` and its neighbours, as a shell runs them, with real kernels."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from shutil import which
from xml.etree import ElementTree as ET

import pytest
from support.recorded_run import DIAL, checkout, recorded

import swnb
from swnb.cli.run import _parameter as parameter

pytestmark = [pytest.mark.slow, pytest.mark.sample(1)]

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
START = "import swnb\nsw = swnb.simulate(seed=7)"
DIALLING = f"call = sw.dial(**{DIAL!r})"
# Found by every Python that is started with its folder on the path, kernels included.
NO_SOCKETS = """
import socket

def refuse(*_):
    raise AssertionError("a socket was to be connected")

socket.socket.connect = socket.socket.connect_ex = refuse
"""


def wait_for(condition, seconds=30):
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never did"
        time.sleep(0.05)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def shell(tmp_path):
    """Run `swnb` with arguments in a folder of its own, and give what came of it."""

    def run(*arguments, path=(), **variables):
        python_path = os.pathsep.join(map(str, [*path, ROOT]))
        return subprocess.run(
            [sys.executable, "-m", "swnb", *map(str, arguments)],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": python_path} | variables,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture
def notebook(tmp_path):
    """Write a notebook of these cells; what one begins with says its tag."""
    import nbformat  # noqa: PLC0415 - takes seconds to load

    def write(*sources):
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        for cell in cells:
            if cell.source.startswith("# parameters"):
                cell.metadata["tags"] = ["parameters"]
            if cell.source.startswith("# mistake"):
                cell.metadata["tags"] = ["raises-exception"]
            if cell.source.startswith("# skipped"):
                cell.metadata["tags"] = ["skip-execution"]
        made = nbformat.v4.new_notebook(cells=cells)
        made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        path = tmp_path / "checkout.ipynb"
        nbformat.write(made, path)
        return path

    return write


def replayed(shell, path, **variables):
    """Record a notebook, replay it, and give what came of the latter."""
    done = shell("run", path, "--record", "run.jsonl")
    assert done.returncode == 0, done.stderr
    return shell("run", path, "--replay", "run.jsonl", **variables)


@pytest.mark.kernel
def test_what_a_run_writes_is_as_private_as_its_log(shell, notebook, tmp_path):
    path = notebook("import swnb", "swnb.simulate().log.df")
    written = {"--html": "page.html", "--junit": "report.xml", "--record": "run.jsonl"}
    assert shell("run", path, *(word for pair in written.items() for word in pair)).returncode == 0
    for name in written.values():
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


@pytest.mark.kernel
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_every_notebook_of_the_repository_runs_on_the_simulated_space(shell, tmp_path, path):
    done = shell("run", path, "--cwd", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "cells ran" in done.stdout


@pytest.mark.kernel
@pytest.mark.parametrize("name", ["04-reproducible-runs", "05-events"])
def test_a_notebook_of_the_repository_is_replayed_with_sockets_forbidden(shell, tmp_path, name):
    path = ROOT / "notebooks" / f"{name}.ipynb"
    (tmp_path / "forbidden").mkdir()
    (tmp_path / "forbidden" / "sitecustomize.py").write_text(NO_SOCKETS)
    forbidden = {"path": [tmp_path / "forbidden"]}
    recording = tmp_path / "recording.jsonl"
    assert shell("run", path, "--cwd", tmp_path, "--record", recording).returncode == 0
    done = shell("run", path, "--cwd", tmp_path, "--replay", recording, **forbidden)
    assert done.returncode == 0, done.stderr
    # The prohibition holds in the kernel: without the recording, the same notebook meets it.
    done = shell("run", path, "--cwd", tmp_path, **forbidden)
    assert done.returncode == 1
    assert "a socket was to be connected" in done.stderr


@pytest.mark.kernel
def test_parameters_reach_the_notebook_and_its_runs(shell, notebook, tmp_path):
    path = notebook(
        "# parameters\namount = 1\nname = 'a'",
        "import swnb\nsw = swnb.simulate(log='log.sqlite')\nrun = sw.run('checkout')",
        DIALLING,
        "assert (amount, name) == (59.99, 'b')",
    )
    done = shell("run", path, "-p", "amount=59.99", "-p", "name=b")
    assert done.returncode == 0, done.stderr
    with swnb.Log(tmp_path / "log.sqlite") as log:
        facts = log.source("checkout").facts
    assert facts["parameters"] == {"amount": 59.99, "name": "b"}
    assert facts["notebook"] == "checkout.ipynb"


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("59.99", 59.99),
        ("+15550100", "+15550100"),
        ("False", False),
        ("None", None),
        ('["a"]', ["a"]),
        ("NaN", "NaN"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_a_parameter_is_json_or_text(given, value):
    assert parameter(f"name={given}") == ("name", value)


@pytest.mark.kernel
def test_secret_parameters_and_the_token_are_not_shown(shell, notebook, tmp_path):
    path = notebook(
        "# parameters\napi_token = ''\nauth = ''",
        "import os",
        "print(api_token, os.environ['SIGNALWIRE_API_TOKEN'])",
        "raise ValueError(api_token + auth)",
    )
    options = ["-p", "api_token=canary-one", "-p", "auth=abc", "--space", "live"]
    written = ["--html", "page.html", "--junit", "report.xml"]
    done = shell("run", path, *options, *written, SIGNALWIRE_API_TOKEN="canary-two")
    assert "ValueError: [redacted]" in done.stderr
    page, report = (tmp_path / name for name in ("page.html", "report.xml"))
    assert "[redacted]" in page.read_text()
    for text in (done.stdout, done.stderr, page.read_text(), report.read_text()):
        assert "canary" not in text
    assert "auth = &quot;abc" not in page.read_text()


@pytest.mark.kernel
def test_a_recorded_notebook_is_replayed(shell, notebook, tmp_path):
    path = notebook(START, DIALLING, "call.user_event(event={'n': 1})")
    recording = tmp_path / "recordings" / "run.jsonl"
    done = shell("run", path, "--record", recording)
    assert done.returncode == 0, done.stderr
    assert "cell" in done.stderr  # the progress bar
    lines = [json.loads(line) for line in recording.read_text().splitlines()]
    assert lines[0]["run"]["notebook"] == "checkout.ipynb"
    assert [line["command"] for line in lines[1:]] == ["dial", "calling.user_event"]
    assert done.stdout == f"checkout.ipynb: 3 cells ran, 2 exchanges recorded in {recording}\n"
    again = shell("run", path, "--replay", recording)
    assert again.returncode == 0, again.stderr
    assert again.stdout == "checkout.ipynb: 3 cells ran, 2 exchanges replayed\n"


@pytest.mark.kernel
def test_a_client_with_credentials_is_replayed_too(shell, notebook, tmp_path):
    path = notebook("import swnb\nsw = swnb.Client()", DIALLING, "print(sw.host)")
    named = {"SIGNALWIRE_SPACE": "example.invalid", "SIGNALWIRE_PROJECT_ID": "p"}
    done = replayed(shell, path, SIGNALWIRE_API_TOKEN="t", **named)
    assert done.returncode == 0, done.stderr


@pytest.mark.kernel
def test_a_simulated_run_reaches_no_live_space_that_a_cell_names(shell, notebook):
    named = "project='p', token='token-of-a-test', host='example.signalwire.com'"
    path = notebook(f"import swnb\nsw = swnb.Client({named}, dry_run=True)", DIALLING)
    done = shell("run", path)
    assert done.returncode == 1
    assert "host: this run is simulated and must not reach a live space" in done.stderr
    assert shell("run", path, "--space", "live").returncode == 0


@pytest.mark.kernel
def test_two_clients_of_a_notebook_are_replayed_as_they_were_recorded(shell, notebook):
    path = notebook(
        START,
        "other = swnb.simulate(seed=8)",
        "call = sw.dial(from_='+15550100', to='+15550101', url='https://example.com/swml')",
        "again = other.dial(from_='+15550100', to='+15550101', url='https://example.com/swml')",
        "assert call.id != again.id",
    )
    done = replayed(shell, path)
    assert done.returncode == 0, done.stderr


@pytest.mark.kernel
def test_a_call_that_nobody_dialled_is_replayed(shell, notebook):
    path = notebook(
        START,
        DIALLING,
        "called = sw.call(sw.simulated_space.inbound(from_='+15550122'))",
        "called.user_event(event={'n': 1})",
        "again = sw.call(sw.simulated_space.inbound(from_='+15550122'))",
        "again.end()",
    )
    done = replayed(shell, path)
    assert done.returncode == 0, done.stderr


@pytest.mark.kernel
def test_what_was_not_recorded_fails_the_replay(shell, notebook):
    path = notebook(START, DIALLING)
    assert shell("run", path, "--record", "run.jsonl").returncode == 0
    path = notebook(START, DIALLING, "# mistake\ncall.user_event(event={'n': 1})")
    done = shell("run", path, "--replay", "run.jsonl")
    assert done.returncode == 1
    assert "replay: calling.user_event: " in done.stderr


@pytest.mark.kernel
def test_ignored_paths_need_not_match(shell, notebook):
    path = notebook(
        START, DIALLING, "import time; call.user_event(event={'nonce': time.time_ns()})"
    )
    assert replayed(shell, path).returncode == 1
    done = shell("run", path, "--replay", "run.jsonl", "--ignore", "params.event.nonce")
    assert done.returncode == 0, done.stderr


@pytest.mark.kernel
def test_what_is_left_over_fails_the_replay(shell, notebook):
    path = notebook(START, DIALLING, "call.user_event(event={'n': 1})")
    assert shell("run", path, "--record", "run.jsonl").returncode == 0
    done = shell("run", notebook(START, DIALLING), "--replay", "run.jsonl")
    assert done.returncode == 1
    assert "replay: calling.user_event: recorded, but never requested" in done.stderr


@pytest.mark.kernel
def test_a_failing_cell_is_shown_as_its_error(shell, notebook, tmp_path):
    path = notebook(START, "sw.dial(to='+15550101')", "print('never')")
    done = shell("run", path, "--record", "run.jsonl", "--junit", "report.xml")
    assert done.returncode == 1
    assert "checkout.ipynb, cell 2 failed:" in done.stderr
    assert "InvalidCommand: dial.from: " in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run.jsonl").exists()
    suite = ET.parse(tmp_path / "report.xml").getroot()
    assert [suite.get(name) for name in ("tests", "failures", "skipped")] == ["3", "1", "1"]
    assert suite.find(".//failure").get("message").startswith("InvalidCommand: dial.from")


@pytest.mark.kernel
def test_a_run_that_fails_leaves_what_it_had_which_can_be_compared(shell, notebook, tmp_path):
    whole = (START, DIALLING, "call.user_event(event={'a': 1})")
    assert shell("run", notebook(*whole), "--record", "whole.jsonl").returncode == 0
    broken = notebook(START, DIALLING, "1 / 0", "call.user_event(event={'a': 1})")
    done = shell("run", broken, "--record", "run.jsonl")
    assert done.returncode == 1
    assert "what was sent is in run.partial.jsonl" in done.stderr
    assert not (tmp_path / "run.jsonl").exists()
    done = shell("compare", "whole.jsonl", "run.partial.jsonl")
    assert (done.returncode, done.stdout.count("missing")) == (1, 1)
    assert shell("run", notebook(*whole), "--record", "run.jsonl").returncode == 0
    assert not (tmp_path / "run.partial.jsonl").exists()


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("default", "option", "value"),
    [
        ("'0000'", "-p", "'4321'"),
        ("'0000'", "-r", "'4321'"),
        ("0", "-p", "4321"),
        ("0", "-r", "'4321'"),
        ("None", "-p", "4321"),
    ],
)
def test_a_parameter_is_text_where_the_notebooks_own_is_or_where_that_is_said(
    shell, notebook, default, option, value
):
    path = notebook(
        f"# parameters\ncode = {default}", f"assert code == {value}, repr(code)", "import swnb"
    )
    assert shell("run", path, option, "code=4321").returncode == 0


@pytest.mark.kernel
def test_an_error_that_its_cell_announces_is_none(shell, notebook):
    path = notebook(START, "# mistake\nsw.dial(to='+15550101')", "print('reached')")
    assert shell("run", path).returncode == 0


@pytest.mark.kernel
def test_a_group_of_errors_fails_the_run(shell, notebook):
    done = shell("run", notebook("raise ExceptionGroup('both', [ValueError(1), TypeError(2)])"))
    assert done.returncode == 1
    assert "cell 1 failed:" in done.stderr
    assert "TypeError: 2" in done.stderr


@pytest.mark.kernel
def test_a_cell_that_is_not_to_be_executed_is_none_that_failed(shell, notebook):
    done = shell("run", notebook("1", "# skipped\n1 / 0"))
    assert done.returncode == 0, done.stderr
    assert "1 cell ran" in done.stdout


@pytest.mark.kernel
def test_an_interrupt_ends_the_run_with_its_kernel(notebook, tmp_path):
    path = notebook(
        "open('pid', 'w').write(str(__import__('os').getpid()))", "import time; time.sleep(60)"
    )
    command = [sys.executable, "-m", "swnb", "run", str(path)]
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as run:
        wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
        time.sleep(0.5)
        run.send_signal(signal.SIGINT)
        stderr = run.communicate(timeout=60)[1]
    assert run.returncode == 1
    assert "checkout.ipynb: interrupted" in stderr
    assert "Traceback" not in stderr
    wait_for(lambda: not alive(int((tmp_path / "pid").read_text())))


@pytest.mark.parametrize("text", ["", "{ torn", "[]", '{"nbformat": 4}'])
def test_what_is_no_notebook_is_refused(shell, tmp_path, text):
    (tmp_path / "other.ipynb").write_text(text)
    done = shell("run", "other.ipynb")
    assert done.returncode == 1
    assert done.stderr == "Error: run: other.ipynb is not a readable notebook\n"


def test_a_kernel_that_is_not_installed_is_named(shell, notebook):
    path = notebook("1")
    path.write_text(path.read_text().replace('"python3"', '"julia-1.9"'))
    done = shell("run", path)
    assert done.returncode == 1
    assert "Error: run: the notebook's kernel 'julia-1.9' is not installed" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.kernel
def test_a_parameter_that_the_notebook_does_not_have_names_the_closest(shell, notebook):
    path = notebook("# parameters\namount, name = 1, 'a'", "amount")
    done = shell("run", path, "-p", "amuont=2")
    assert done.returncode == 1
    assert "-p: the notebook has no parameter 'amuont'" in done.stderr
    assert "Did you mean 'amount'?" in done.stderr
    assert shell("run", path, "-p", "name=b").returncode == 0


@pytest.mark.kernel
def test_a_kernel_that_dies_fails_the_run(shell, notebook):
    done = shell("run", notebook("import os\nos._exit(1)", "print('never')"))
    assert done.returncode == 1
    assert "the kernel died" in done.stderr


@pytest.mark.kernel
def test_the_page_and_the_report_are_written(shell, notebook, tmp_path):
    path = notebook(START, DIALLING, "call")
    done = shell("run", path, "--html", "out/page.html", "--junit", "out/report.xml")
    assert done.returncode == 0, done.stderr
    assert "+15550101" in (tmp_path / "out" / "page.html").read_text()
    suite = ET.parse(tmp_path / "out" / "report.xml").getroot()
    cases = [case.get("name") for case in suite.iter("testcase")]
    assert cases == ["cell 1", "cell 2", "cell 3"]


def test_a_recording_that_cannot_be_used_is_refused_before_anything_runs(shell, notebook, tmp_path):
    (tmp_path / "run.jsonl").write_text("{}\n")
    done = shell("run", notebook("open('ran', 'w')"), "--replay", "run.jsonl")
    assert done.returncode == 1
    assert "Error: recording 'run.jsonl', line 1: is not the header" in done.stderr
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--record", "a.jsonl", "--replay", "b.jsonl"], "two different runs"),
        (["-p", "amount"], "-p: must be NAME=VALUE"),
        (["--ignore", "params.event.nonce"], "--ignore is for --replay"),
        (["-p", "1a=2"], "-p: must be NAME=VALUE"),
    ],
)
def test_options_that_make_no_sense_are_refused(shell, notebook, options, reason):
    done = shell("run", notebook("1"), *options)
    assert done.returncode != 0
    assert reason in done.stderr


@pytest.mark.kernel
def test_recorded_requests_that_are_no_longer_valid_are_named(shell, notebook, tmp_path):
    path = notebook(START, DIALLING, "call.user_event(event={'n': 1})")
    assert shell("run", path, "--record", "run.jsonl").returncode == 0
    recording = tmp_path / "run.jsonl"
    recording.write_text(recording.read_text().replace('"event": {', '"payload": {'))
    done = shell("run", path, "--replay", "run.jsonl")
    assert done.returncode == 1
    assert "run.jsonl, line 3 is no longer valid: user_event.event: is required" in done.stderr
    assert "NoRecording: calling.user_event" in done.stderr


@pytest.mark.kernel
def test_a_record_that_cannot_be_written_fails_the_cell(shell, notebook, tmp_path):
    path = notebook(START, DIALLING)
    done = shell("run", path, SWNB_RECORD=str(tmp_path / "nowhere" / "sent.jsonl"))
    assert done.returncode == 0, "swnb run has a file of its own"
    script = f"import swnb; swnb.simulate(log='log.sqlite').dial(**{DIAL!r})"
    variables = os.environ | {"SWNB_RECORD": "nowhere/sent.jsonl", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path, env=variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "RecordingError: recording 'nowhere/sent.jsonl': cannot be written" in done.stderr
    with swnb.Log(tmp_path / "log.sqlite") as log:
        assert log.exchanges()["outcome"].tolist() == ["accepted"]


def test_without_papermill_the_way_to_it_is_named(shell, notebook, tmp_path):
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "sitecustomize.py").write_text(
        "import importlib.util as util\nfind = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'papermill' else find(name, *rest)\n"
    )
    done = shell("run", notebook("1"), path=[tmp_path / "without"])
    assert done.returncode == 1
    assert "pip install 'swnb[lab]'" in done.stderr


@pytest.fixture
def log(tmp_path):
    """A log with two runs that differ."""
    with swnb.simulate(seed=7, log=tmp_path / "swnb-log.sqlite") as sw:
        with sw.run("one", note="first"):
            checkout(sw)
        with sw.run("other"):
            checkout(sw, amount=59.99)


def test_runs_lists_the_runs_of_a_log(shell, log):
    done = shell("runs")
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["name", "one", "other"]


def test_runs_of_a_log_that_is_not_there_are_an_error(shell, tmp_path):
    done = shell("runs", "--log", "nothing.sqlite")
    assert done.returncode == 1
    assert "there is no such file" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_compare_says_what_differs_by_its_exit_status(shell, log):
    assert shell("compare", "one", "one").returncode == 0
    done = shell("compare", "one", "other")
    assert done.returncode == 1
    assert "request.params.event.amount was 49.99, is 59.99" in done.stdout
    assert shell("compare", "one", "other", "--ignore", "amount").returncode == 0
    assert shell("compare", "one", "other", "--tolerance", "amount=10").returncode == 0
    done = shell("compare", "one", "oter")
    assert done.returncode == 2
    assert "did you mean 'other'" in done.stderr


def test_a_log_is_exported(shell, log, tmp_path):
    done = shell("log", "export", "one.csv", "--run", "one", "--mask-numbers")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "one.csv").read_text()
    assert "other" not in text
    assert "5550100" not in text


def test_a_run_is_exported_as_a_recording(shell, log, tmp_path):
    done = shell("log", "export", "one.jsonl", "--run", "one", "--recording")
    assert done.returncode == 0, done.stderr
    assert shell("compare", "one.jsonl", "one").returncode == 0


def test_a_misspelt_run_is_not_exported(shell, log, tmp_path):
    done = shell("log", "export", "one.csv", "--run", "onee")
    assert done.returncode == 1
    assert "did you mean 'one'" in done.stderr
    assert not (tmp_path / "one.csv").exists()


@pytest.mark.skipif(not which("bash"), reason="it is bash that opens the pipe")
def test_a_recording_is_compared_through_a_pipe(tmp_path):
    path = recorded(tmp_path / "one.jsonl")
    (tmp_path / "other.jsonl").write_text(path.read_text().replace("49.99", "50.99"))
    found = []
    for name in ("one", "other"):
        command = f'exec "$0" -m swnb compare <(cat one.jsonl) {name}.jsonl'
        done = subprocess.run(
            ["bash", "-c", command, sys.executable],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        found.append((done.returncode, "amount" in done.stdout, done.stderr))
    assert found == [(0, False, ""), (1, True, "")]
