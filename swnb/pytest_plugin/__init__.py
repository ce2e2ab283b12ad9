"""The pytest plugin: a client on a simulated space, and tests that replay what they recorded.

`sw` is a client on `simulated_space`. In a test marked `swnb_recording`, it and every other client
that the test makes answer from one recording beside the test's file instead; `--swnb-record` makes
recordings, each when its test has passed. A test that passes without requesting all that was recorded
is an error, unless it is marked `partial`; `ignore` names paths of requests that need not match.

It costs nothing if it is not used: what it needs is imported when a test uses it, and a project's own
fixture named `sw` takes precedence, and is recorded and replayed as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from swnb.pytest_plugin.cases import MARKER, case_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from swnb.client import Client
    from swnb.simulator import Space

_SPACES = ("simulated", "live")
_passed = pytest.StashKey[bool]()
_client = pytest.StashKey["Client"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and the settings of the ini file."""
    group = parser.getgroup("swnb")
    group.addoption(
        "--swnb-record",
        choices=("none", "once", "new", "all"),
        default="none",
        help=f"record the tests marked {MARKER}: none of them (they replay, the default), once "
        "if the recording is missing, new also what a recording does not have yet, or all of them again",
    )
    group.addoption(
        "--swnb-space",
        choices=_SPACES,
        default="simulated",
        help="where recordings are made: a simulated space (the default), or the space of the "
        "credentials in the environment, which costs money",
    )
    group.addoption(
        "--swnb-budget",
        type=float,
        metavar="USD",
        help="the most that each client sw may spend on a live space (in the ini file: swnb_budget)",
    )
    group.addoption(
        "--swnb-unused",
        action="store_true",
        help="after a whole run, list the recordings and the lines that no test used",
    )
    parser.addini("swnb_budget", "the most that each client sw may spend on a live space, in USD")
    parser.addini("swnb_price_per_minute", "the price of a dial that names no limit itself, in USD")
    parser.addini("swnb_mask_numbers", "mask phone numbers in recordings", "bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and refuse a live space that nothing would be recorded of."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(name=…, partial=False, ignore=()): let every client of the test answer from "
        "recordings/NAME.jsonl, all of which must be requested unless partial; {parameters} of the case "
        "may be in the name, and without one it is made of the test's; paths in ignore need not match",
    )
    live = config.getoption("--swnb-space") == "live"
    if live and config.getoption("--swnb-record") == "none":
        raise pytest.UsageError("--swnb-space=live: also say what to record, with --swnb-record")
    if config.getoption("--swnb-unused"):
        from swnb.pytest_plugin.unused import Unused  # noqa: PLC0415 - only if it is asked for

        config.pluginmanager.register(Unused(config), "swnb-unused")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether a test has passed, and show what a failed one sent and what came of it."""
    report = yield
    if report.when == "call":
        item.stash[_passed] = report.passed
        client = item.stash.get(_client, None)
        if report.failed and client is not None:
            from swnb.pytest_plugin.sections import sections_of  # noqa: PLC0415 - a failure

            sections = sections_of(client)
            report.sections += sections
            item.user_properties += sections  # which a JUnit report has, whatever it logs
    return report


@pytest.fixture(autouse=True)
def _swnb_recording(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let every client of a marked test answer from its recording, or be recorded."""
    case = case_of(request.node)
    if case is None:
        yield
        return
    from swnb.pytest_plugin.playing import played  # noqa: PLC0415 - only for marked tests

    with played(case, request.config, lambda: request.node.stash.get(_passed, False)):
        yield


@pytest.fixture
def simulated_space() -> Space:
    """Return a simulated space with a fixed seed; `sw` serves it."""
    from swnb.simulator import Space  # noqa: PLC0415 - loaded by the tests that use it

    return Space()


@pytest.fixture
def sw(request: pytest.FixtureRequest, _swnb_recording: None) -> Iterator[Client]:
    """Return a client on the simulated space, on the test's recording, or on a live space."""
    from swnb.pytest_plugin.playing import client_for  # noqa: PLC0415 - as above

    with client_for(request) as client:
        request.node.stash[_client] = client
        yield client
