"""A suite of recorded flows as a team keeps it: any client, one recording a case, quiet files."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import swnb

pytestmark = pytest.mark.slow

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[1]
# What a project's own fixture may make; a host that is not there fails at once.
CLIENTS = {
    "a client of a live space": "swnb.Client('project', 'PT' + 'c' * 40, 'example.signalwire.com', log=':memory:')",
    "a simulated space": "swnb.simulate()",
}
FLOW = """
    import pytest

    DIAL = {"from_": "+15550100", "to": "+15550101", "url": "https://example.com/swml"}

    @pytest.mark.swnb_recording("flow")
    def test_flow(sw):
        call = sw.dial(**DIAL)
        call.user_event(event={"a": 1})
"""
CASES = """
    import pytest

    @pytest.mark.swnb_recording(NAME)
    @pytest.mark.parametrize("to", ["+15550101", "+15550102", "sip:a@example.com"])
    @pytest.mark.parametrize("event", [{"a": 1}, {"b": [2]}])
    def test_orders(sw, to, event):
        url = "https://example.com/swml"
        sw.dial(from_="+15550100", to=to, url=url).user_event(event=event)
"""


@pytest.fixture
def run(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    for name in ("SIGNALWIRE_PROJECT_ID", "SIGNALWIRE_API_TOKEN", "SIGNALWIRE_SPACE"):
        monkeypatch.delenv(name, raising=False)
    pytester.makeini("[pytest]\naddopts = --strict-markers\nfilterwarnings = error\n")

    def running(*options):
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)

    return running


def recordings(pytester):
    return {path.stem: path.read_text() for path in (pytester.path / "recordings").glob("*.jsonl")}


def commands(text):
    return [json.loads(line)["command"] for line in text.splitlines() if '"command"' in line]


def own_client(pytester, code, *, scope="function"):
    pytester.makeconftest(
        f"""
    import pytest
    import swnb

    @pytest.fixture(scope={scope!r})
    def sw():
        with {code} as client:
            yield client
    """
    )


def test_a_projects_own_client_is_recorded_and_replayed(pytester, run):
    own_client(pytester, CLIENTS["a simulated space"])
    pytester.makepyfile(FLOW)
    run("--swnb-record=once").assert_outcomes(passed=1)
    assert commands(recordings(pytester)["flow"]) == ["dial", "calling.user_event"]
    own_client(pytester, CLIENTS["a client of a live space"])
    pytester.makepyfile(FLOW + "        assert sw.space == 'replayed'\n")
    run().assert_outcomes(passed=1)


def test_all_clients_of_a_test_share_its_recording(pytester, run):
    pytester.makepyfile(
        FLOW
        + """
        import swnb
        with swnb.simulate(seed=9) as other:
            other.dial(**DIAL | {"to": "+15550102"})
    """
    )
    run("--swnb-record=once").assert_outcomes(passed=1)
    assert commands(recordings(pytester)["flow"]) == ["dial", "calling.user_event", "dial"]
    run().assert_outcomes(passed=1)


def test_a_recording_is_not_made_of_a_live_space_unless_that_is_said(pytester, run):
    own_client(pytester, CLIENTS["a client of a live space"])
    pytester.makepyfile(FLOW)
    result = run("--swnb-record=once")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*this run is simulated and must not reach a live space*"])
    assert recordings(pytester) == {}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_that_was_made_before_the_test_sends_nothing_in_a_replay(pytester, run, client):
    pytester.makepyfile(FLOW)
    run("--swnb-record=once").assert_outcomes(passed=1)
    own_client(pytester, CLIENTS[client], scope="session")
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*dial: this client was made before the recording was opened*"])


def test_a_marker_without_an_effect_is_an_error(pytester, run):
    pytester.makepyfile(FLOW)
    run("--swnb-record=once").assert_outcomes(passed=1)
    pytester.makepyfile(
        FLOW.replace('"flow")', '"flow", partial=True)').split("call =")[0] + "pass\n"
    )
    result = run()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*the marker had no effect*"])
    result = run("--swnb-record=all")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*nothing was recorded*"])


def test_a_live_space_is_recorded_within_a_budget(pytester, run, server, space, monkeypatch):
    """The space is a simulated one on loopback, which the client's credentials name."""
    result = run("--swnb-space=live")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--swnb-space=live: also say what to record*"])
    monkeypatch.setenv("SIGNALWIRE_PROJECT_ID", space.project)
    monkeypatch.setenv("SIGNALWIRE_API_TOKEN", space.token)
    monkeypatch.setenv("SIGNALWIRE_SPACE", server.host)
    pytester.makepyfile(FLOW)
    run("--swnb-space=live", "--swnb-record=once").assert_outcomes(passed=1)
    assert len(space.calls) == 1
    assert space.token not in recordings(pytester)["flow"]
    priced = ["-o", "swnb_price_per_minute=0.02"]
    for given in (["--swnb-budget=0.01"], ["-o", "swnb_budget=0.01"]):
        result = run("--swnb-space=live", "--swnb-record=all", *given, *priced)
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["*$0.01*"])
    assert len(space.calls) == 1
    run("--swnb-space=live", "--swnb-record=all", "--swnb-budget=5", *priced).assert_outcomes(
        passed=1
    )
    assert len(space.calls) == 2
    with swnb.Log(pytester.path / "swnb-log.sqlite") as log:
        assert len(log.calls()) == 2
    assert run("--swnb-space=live", "--swnb-record=all", "-o", "swnb_budget=much").ret != 0


@pytest.mark.parametrize("marker", ["", '"orders-{to}-{event}"'])
def test_each_case_has_a_recording_of_its_own(pytester, run, marker):
    pytester.makepyfile(CASES.replace("NAME", marker))
    run("--swnb-record=all").assert_outcomes(passed=6)
    made = recordings(pytester)
    assert len(made) == 6
    facts = [json.loads(text.splitlines()[0])["run"]["test"] for text in made.values()]
    assert len({*facts}) == 6
    assert all("::test_orders[" in each for each in facts)
    run().assert_outcomes(passed=6)
    # pytest's own ids of the cases depend on the order of the parameters.
    lines = CASES.replace("NAME", marker).splitlines()
    places = [place for place, line in enumerate(lines) if "parametrize" in line]
    lines[places[0]], lines[places[1]] = lines[places[1]], lines[places[0]]
    pytester.makepyfile("\n".join(lines))
    run().assert_outcomes(passed=6)


def test_cases_are_recorded_and_replayed_by_several_processes(pytester, run):
    pytester.makepyfile(CASES.replace("NAME", ""))
    run("-n2", "--swnb-record=all").assert_outcomes(passed=6)
    assert len(recordings(pytester)) == 6
    run("-n2").assert_outcomes(passed=6)


@pytest.mark.parametrize("processes", ["-n0", "-n2"])
def test_two_cases_that_would_write_one_file_are_an_error(pytester, run, processes):
    pytester.makepyfile(CASES.replace("NAME", '"orders"'))
    result = run("--swnb-record=all", processes)
    outcomes = result.parseoutcomes()
    assert outcomes["errors"] == 5
    result.stdout.fnmatch_lines(
        ["*has recorded other requests in this file; give each case its own*"]
    )


def test_a_name_with_an_unknown_parameter_is_an_error(pytester, run):
    pytester.makepyfile(CASES.replace("NAME", '"orders-{form}"'))
    result = run("--swnb-record=all")
    result.assert_outcomes(errors=6)
    result.stdout.fnmatch_lines(["*names a parameter that the test does not have; it has {*"])


def test_a_parameter_cannot_lead_out_of_the_folder_or_be_too_long(pytester, run):
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.swnb_recording("{name}")
        @pytest.mark.parametrize("name", ["../../outside", "long" * 100, "long" * 101, "ä" * 100])
        def test_names(sw, name):
            sw.dial(from_="+15550100", to="+15550101", url=f"https://example.com/{len(name)}")
    """
    )
    run("--swnb-record=all").assert_outcomes(passed=4)
    made = recordings(pytester)
    assert len(made) == 4
    assert all(len(name.encode()) <= 130 for name in made)
    assert not list(pytester.path.parent.glob("outside*"))
    run().assert_outcomes(passed=4)


def test_an_unchanged_flow_that_is_recorded_again_changes_no_line(pytester, run):
    """With ten recordings, one of which hears events, under git."""
    pytester.makepyfile(
        """
        import pytest

        DIAL = {"from_": "+15550100", "to": "+15550101", "url": "https://example.com/swml"}

        @pytest.mark.swnb_recording
        @pytest.mark.parametrize("number", range(9))
        def test_flows(sw, number):
            call = sw.dial(**DIAL).wait_until("answered")
            call.user_event(event={"number": number, "order": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"})
            call.end()

        @pytest.mark.swnb_recording
        def test_hearing(sw):
            with sw.listen() as inbox:
                call = sw.dial(**DIAL).wait_until("answered")
                call.user_event({"action": "greeted"})
                inbox.wait_for("user_event", call=call)
                call.end()
    """
    )
    run("--swnb-record=all").assert_outcomes(passed=10)
    for command in (
        ["init", "-q"],
        ["add", "."],
        [*["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]],
    ):
        subprocess.run(["git", *command], cwd=pytester.path, check=True)
    run("--swnb-record=all").assert_outcomes(passed=10)
    done = subprocess.run(
        ["git", "diff", "--stat", "--", "recordings"],
        cwd=pytester.path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == ""
    run().assert_outcomes(passed=10)


def test_new_adds_what_is_not_recorded_and_keeps_the_rest(pytester, run):
    pytester.makepyfile(FLOW + "        call.end()\n")
    run("--swnb-record=once").assert_outcomes(passed=1)
    before = recordings(pytester)["flow"].splitlines()
    pytester.makepyfile(FLOW + "        call.user_event(event={'b': 2})\n        call.end()\n")
    run().assert_outcomes(failed=1)
    run("--swnb-record=new").assert_outcomes(passed=1)
    after = recordings(pytester)["flow"].splitlines()
    assert commands("\n".join(after)) == ["dial", *["calling.user_event"] * 2, "calling.end"]
    assert [line for line in after[1:] if line in before] == before[1:]
    run().assert_outcomes(passed=1)
    pytester.makepyfile(FLOW)
    run("--swnb-record=new").assert_outcomes(passed=1)
    assert recordings(pytester)["flow"].splitlines()[1:] == after[1:]


def test_numbers_are_masked_if_the_ini_file_says_so(pytester, run):
    pytester.makepyfile(FLOW)
    for _ in range(2):
        run("--swnb-record=all", "-o", "swnb_mask_numbers=true").assert_outcomes(passed=1)
    text = recordings(pytester)["flow"]
    assert "+15550101" not in text
    assert json.loads(text.splitlines()[0])["numbers_masked"] is True
    run().assert_outcomes(passed=1)


@pytest.mark.parametrize("processes", ["-n0", "-n2"])
def test_what_no_test_used_is_listed_after_a_whole_run(pytester, run, processes):
    pytester.makepyfile(CASES.replace("NAME", '"orders-{to}-{event}"'), test_flow=FLOW)
    run("--swnb-record=all").assert_outcomes(passed=7)
    folder = pytester.path / "recordings"
    (folder / "flow.jsonl").rename(folder / "old.jsonl")
    shorter = FLOW.replace('"flow"', '"old", partial=True')
    pytester.makepyfile(test_flow=shorter.split("call.user_event")[0])
    (folder / "nobody.jsonl").write_text((folder / "old.jsonl").read_text())
    result = run("--swnb-unused", processes)
    result.stdout.fnmatch_lines(
        [
            "*unused recordings*",
            "recordings?nobody.jsonl: no test asks for it",
            "recordings?old.jsonl: 1 exchange that no test used: calling.user_event",
        ]
    )
    assert (
        "orders" not in result.stdout.str().partition("unused recordings")[2].partition("short")[0]
    )


@pytest.mark.parametrize(
    "options", [["-k", "flow"], ["test_flow.py"], ["--deselect", "test_flow.py"]]
)
def test_a_part_of_a_suite_judges_nothing(pytester, run, options):
    pytester.makepyfile(CASES.replace("NAME", '"orders-{to}-{event}"'), test_flow=FLOW)
    run("--swnb-record=all").assert_outcomes(passed=7)
    result = run("--swnb-unused", *options)
    result.stdout.fnmatch_lines(["not judged: *"])
    assert "no test asks for it" not in result.stdout.str()


HIDDEN = {
    "a name": "socket.create_connection(('api.example.com', 443), timeout=1)",
    "an address": "socket.socket().connect(('93.184.216.34', 80))",
    "requests": "__import__('requests').get('https://hooks.example.com/x', timeout=1)",
}


@pytest.mark.parametrize("kind", HIDDEN)
def test_a_hidden_connection_fails_a_replay_and_says_where_it_went(pytester, run, kind):
    pytester.makepyfile(FLOW)
    run("--swnb-record=once").assert_outcomes(passed=1)
    pytester.makepyfile(FLOW + f"        import socket\n        {HIDDEN[kind]}\n")
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*hidden network: * this wanted *:*, from *test_*.py:*"])


def test_a_hidden_connection_that_a_thread_swallows_is_an_error(pytester, run):
    pytester.makepyfile(FLOW)
    run("--swnb-record=once").assert_outcomes(passed=1)
    pytester.makepyfile(
        FLOW
        + """
        import contextlib, socket, threading
        def call_home():
            with contextlib.suppress(BaseException):
                socket.create_connection(("api.example.com", 443), timeout=1)
        thread = threading.Thread(target=call_home)
        thread.start()
        thread.join()
    """
    )
    result = run()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*hidden network*api.example.com:443*"])


def test_loopback_stays_reachable_in_a_replay(pytester, run):
    pytester.makepyfile(FLOW)
    run("--swnb-record=once").assert_outcomes(passed=1)
    pytester.makepyfile(
        FLOW
        + """
        import socket
        for host in ("127.0.0.1", "localhost"):
            with socket.create_server(("127.0.0.1", 0)) as listening:
                socket.create_connection((host, listening.getsockname()[1]), timeout=5).close()
    """
    )
    run().assert_outcomes(passed=1)


DAMAGES = {
    "torn": (lambda text: text[:-40], "*recording*line *"),
    "newer": (lambda text: text.replace('"format": 2', '"format": 9'), "*written by a newer swnb*"),
    "conflict": (
        lambda text: f"<<<<<<< ours\n{text}=======\n{text}>>>>>>> theirs\n",
        "*line 1*conflict*",
    ),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_recording_that_cannot_be_used_is_one_clear_error(pytester, run, kind):
    pytester.makepyfile(FLOW)
    run("--swnb-record=once").assert_outcomes(passed=1)
    path = pytester.path / "recordings" / "flow.jsonl"
    damage, words = DAMAGES[kind]
    path.write_text(damage(path.read_text()))
    result = run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([words])
    assert "Traceback" not in result.stdout.str()
    run("--swnb-record=all").assert_outcomes(passed=1)
    run().assert_outcomes(passed=1)


def test_a_failed_test_shows_the_timeline_of_its_call_and_a_junit_report_has_it(pytester, run):
    pytester.makepyfile(
        FLOW.replace('@pytest.mark.swnb_recording("flow")', "")
        + "        assert call.status == 'ended'\n"
    )
    result = run("--junitxml=report.xml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*timeline of call *", "*dial*", "*user event*"])
    report = (pytester.path / "report.xml").read_text()
    assert 'property name="timeline of call' in report
    assert "exchanges of sw" in report


@pytest.fixture
def update(pytester, monkeypatch):
    """`swnb update` of the recording `flow`, at a terminal, with an answer; gives its exit status and text."""

    def updating(*options, answer=None):
        command = [sys.executable, "-m", "swnb", "update", "recordings/flow.jsonl", *options]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        environment.pop("CI", None)
        if answer is None:
            done = subprocess.run(
                command,
                cwd=pytester.path,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            return done.returncode, done.stdout + done.stderr
        ours, theirs = os.openpty()
        with subprocess.Popen(
            command,
            cwd=pytester.path,
            env=environment,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            os.write(ours, f"{answer}\n".encode())
            text = process.communicate(timeout=60)[0]
        os.close(ours)
        os.close(theirs)
        return process.returncode, text

    return updating


@pytest.mark.skipif(os.name == "nt", reason="Windows has no terminals of this kind")
def test_a_recording_is_updated_on_purpose(pytester, run, update):
    pytester.makepyfile(test_flow=FLOW)
    run("--swnb-record=once").assert_outcomes(passed=1)
    before = recordings(pytester)["flow"]
    status, text = update(answer="y")
    assert (status, recordings(pytester)["flow"]) == (0, before)
    assert "as the flow is now" in text
    pytester.makepyfile(test_flow=FLOW + "        call.end()\n")
    status, text = update()
    assert status == 1
    assert "pytest test_flow.py::test_flow --swnb-record=all" in text
    assert recordings(pytester)["flow"] == before
    status, text = update(answer="n")
    assert (status, recordings(pytester)["flow"]) == (1, before)
    assert "calling.end #3: added" in text
    status, text = update(answer="y")
    assert status == 0
    assert commands(recordings(pytester)["flow"])[-1] == "calling.end"
    assert list((pytester.path / "recordings").iterdir()) == [
        pytester.path / "recordings" / "flow.jsonl"
    ]
    pytester.makepyfile(test_flow=FLOW + "        assert False\n")
    kept = recordings(pytester)["flow"]
    status, text = update("--yes")
    assert (status, recordings(pytester)["flow"]) == (1, kept)
    assert "unchanged: its test failed" in text


def test_only_what_a_test_recorded_can_be_updated(pytester, run, update):
    pytester.makepyfile(test_flow=FLOW)
    run("--swnb-record=once").assert_outcomes(passed=1)
    path = pytester.path / "recordings" / "flow.jsonl"
    lines = path.read_text().splitlines()
    header = json.loads(lines[0])
    header["run"].pop("test")
    path.write_text("\n".join([json.dumps(header), *lines[1:]]) + "\n")
    status, text = update("--yes")
    assert status == 1
    assert "does not name the test" in text
