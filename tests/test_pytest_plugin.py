"""The pytest plugin, in a pytest of its own."""

import json
import os
from importlib.metadata import entry_points
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[1]
INSTALLED = any(point.name == "swnb" for point in entry_points(group="pytest11"))
# A checkout that was installed before there was a plugin does not know of it.
PLUGIN = () if INSTALLED else ("-p", "swnb.pytest_plugin")
DIALLING = """
    import pytest

    DIAL = {"from_": "+15550100", "to": "+15550101", "url": "https://example.com/swml"}

    @pytest.mark.swnb_recording("dialling")
    def test_dialling(sw):
        call = sw.dial(**DIAL)
        assert call.status == "queued"
"""


@pytest.fixture
def run(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    pytester.makeini("[pytest]\naddopts = --strict-markers\nfilterwarnings = error\n")

    def running(*options):
        return pytester.runpytest_subprocess(*PLUGIN, "-p", "no:cacheprovider", *options)

    return running


def recording(pytester):
    return pytester.path / "recordings" / "dialling.jsonl"


def test_sw_is_a_client_on_the_simulated_space(pytester, run):
    pytester.makepyfile(
        """
        def test_a_call(sw, simulated_space):
            call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
            assert list(simulated_space.calls) == [call.id]
            assert sw.space == "simulated"
        """
    )
    run().assert_outcomes(passed=1)


def test_a_missing_recording_is_a_failure_that_says_how_to_make_it(pytester, run):
    pytester.makepyfile(DIALLING)
    result = run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*has not been recorded; record it with --swnb-record=once*"])
    assert not recording(pytester).exists()


def test_once_makes_the_recording_and_none_replays_it(pytester, run):
    pytester.makepyfile(DIALLING)
    run("--swnb-record=once").assert_outcomes(passed=1)
    assert json.loads(recording(pytester).read_text().splitlines()[1])["command"] == "dial"
    pytester.makepyfile(DIALLING + "        assert sw.space == 'replayed'\n")
    run().assert_outcomes(passed=1)


@pytest.mark.slow
def test_once_replays_what_is_there(pytester, run):
    pytester.makepyfile(DIALLING)
    run("--swnb-record=once").assert_outcomes(passed=1)
    before = recording(pytester).read_text()
    run("--swnb-record=once").assert_outcomes(passed=1)
    assert recording(pytester).read_text() == before


@pytest.mark.slow
def test_all_records_anew_what_has_changed(pytester, run):
    pytester.makepyfile(DIALLING)
    run("--swnb-record=once").assert_outcomes(passed=1)
    pytester.makepyfile(DIALLING + "        call.end()\n")
    run("--swnb-record=once").assert_outcomes(failed=1)
    run("--swnb-record=all").assert_outcomes(passed=1)
    run().assert_outcomes(passed=1)
    commands = [
        json.loads(line).get("command") for line in recording(pytester).read_text().splitlines()
    ]
    assert commands == [None, "dial", "calling.end"]


@pytest.mark.slow
def test_a_failed_test_leaves_no_recording(pytester, run):
    pytester.makepyfile(DIALLING + "        assert False\n")
    run("--swnb-record=once").assert_outcomes(failed=1)
    assert not recording(pytester).exists()


@pytest.mark.slow
def test_what_a_test_no_longer_asks_for_is_an_error_unless_it_is_partial(pytester, run):
    pytester.makepyfile(DIALLING + "        call.end()\n")
    run("--swnb-record=once").assert_outcomes(passed=1)
    pytester.makepyfile(DIALLING)
    result = run()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*recorded, but never requested: calling.end; record it again*"])
    pytester.makepyfile(DIALLING.replace('"dialling")', '"dialling", partial=True)'))
    run().assert_outcomes(passed=1)


@pytest.mark.slow
def test_ignored_paths_need_not_match(pytester, run):
    sending = DIALLING + "        call.user_event(event={'nonce': 1})\n"
    pytester.makepyfile(sending)
    run("--swnb-record=once").assert_outcomes(passed=1)
    changed = sending.replace("'nonce': 1", "'nonce': 2")
    pytester.makepyfile(changed)
    run().assert_outcomes(failed=1)
    pytester.makepyfile(changed.replace('"dialling")', '"dialling", ignore="params.event.nonce")'))
    run().assert_outcomes(passed=1)


@pytest.mark.slow
def test_a_failed_test_is_not_told_what_it_never_came_to(pytester, run):
    pytester.makepyfile(DIALLING + "        call.end()\n")
    run("--swnb-record=once").assert_outcomes(passed=1)
    pytester.makepyfile(DIALLING + "        assert False\n")
    run().assert_outcomes(failed=1)


@pytest.mark.slow
def test_a_failed_test_shows_what_it_sent(pytester, run):
    pytester.makepyfile(
        """
        DIAL = {"from_": "+15550100", "to": "+15550101", "url": "https://example.com/swml"}

        def test_an_event(sw):
            sw.dial(**DIAL).user_event(event={"action": "order.paid"})
            assert len(sw.log.sent("user_event", event={"action": "order.confirmed"})) == 1

        def test_closed(sw):
            sw.dial(**DIAL)
            sw.close()
            assert False
        """
    )
    result = run()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "*where 0 = len(<0 of 1 sent in run * match calling.user_event *: event.action was 'order.paid'>)",
            "*exchanges of sw*",
            '   2  accepted  calling.user_event       {"event": {"action": "order.paid"}}',
            "*cannot be read*",
        ]
    )


@pytest.mark.slow
@pytest.mark.parametrize("arguments", ['("a", "b")', "(1)", '("")', '("a", once=True)'])
def test_a_marker_with_other_arguments_is_an_error(pytester, run, arguments):
    pytester.makepyfile(DIALLING.replace('("dialling")', arguments))
    result = run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*swnb_recording: takes *name*"])


def test_a_fixture_of_the_projects_own_takes_precedence(pytester, run):
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture
        def sw():
            return "mine"
        """
    )
    pytester.makepyfile("def test_mine(sw):\n    assert sw == 'mine'\n")
    run().assert_outcomes(passed=1)


def test_the_plugin_is_inert_where_it_is_not_used(pytester, run):
    pytester.makepyfile(
        """
        import sys

        def test_nothing_is_loaded():
            heavy = {"swnb.client", "swnb.simulator", "pandas", "pydantic", "tornado", "requests"}
            assert heavy & set(sys.modules) == set()
        """
    )
    run().assert_outcomes(passed=1)


def test_the_plugin_is_declared():
    assert 'swnb = "swnb.pytest_plugin"' in (ROOT / "pyproject.toml").read_text()


def test_what_a_test_heard_is_recorded_and_replayed_without_a_socket(pytester, run):
    hearing = """
    import pytest
    from swnb.simulator import FarEnd

    DIAL = {"from_": "+15550100", "to": "+15550101", "url": "https://example.com/swml"}

    @pytest.mark.swnb_recording("dialling")
    def test_hearing(sw, monkeypatch):
        if sw.space == "replayed":
            monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("connected"))
        else:
            sw.simulated_space.far_end("+15550101", FarEnd(presses=[("1234", 8)]))
        with sw.listen() as inbox, sw.dial(**DIAL) as call:
            call.wait_until("answered")
            call.user_event({"action": "greeted"})
            assert inbox.wait_for("user_event", call=call).payload == {"action": "greeted"}
            assert call.collect(digits={"max": 4}).wait().result["digits"] == "1234"
        assert sw.log.heard("user_event", event={"action": "greeted"})
        assert len(sw.log.sent("user_event")) == 1
    """
    pytester.makepyfile(hearing)
    run("--swnb-record=once").assert_outcomes(passed=1)
    lines = [json.loads(line) for line in recording(pytester).read_text().splitlines()]
    assert any("event" in line for line in lines)
    pytester.makepyfile(hearing + '\n        assert sw.space == "replayed"\n')
    run().assert_outcomes(passed=1)
