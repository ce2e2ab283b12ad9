"""The pytest plugin: a client on a simulated space, and tests that replay what they recorded.

`sw` is a client on `simulated_space`. A test marked `swnb_recording("checkout")` gets one that
answers from `recordings/checkout.jsonl` beside its file instead; `--swnb-record=once` makes the
recordings that are missing, and `--swnb-record=all` makes all of them again, each when its test has
passed. A test that passes without requesting all that was recorded is an error, unless it is marked
`partial`;
`ignore` names paths of requests that need not match.

It costs nothing if it is not used: what it needs is imported inside the fixtures, and a project's
own fixture named `sw` takes precedence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from swnb.client import Client
    from swnb.client.replay import ReplayClient
    from swnb.exchange import Exchange
    from swnb.simulator import Space

MARKER = "swnb_recording"
_OPTION = "--swnb-record"
_NAMED = 5
_SHOWN = 20
_WIDTH = 100
_passed = pytest.StashKey[bool]()
_client = pytest.StashKey["Client"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--swnb-record`."""
    parser.getgroup("swnb").addoption(
        _OPTION,
        choices=("none", "once", "all"),
        default="none",
        help=f"record the tests marked {MARKER}: none of them (they replay, the default), once "
        "if the recording is missing, or all of them again",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(name, partial=False, ignore=()): let the fixture sw answer from "
        "recordings/NAME.jsonl, all of which must be requested unless partial; paths in ignore need not "
        "match",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether a test has passed, and show what a failed one sent."""
    report = yield
    if report.when == "call":
        item.stash[_passed] = report.passed
        client = item.stash.get(_client, None)
        if report.failed and client is not None:
            report.sections.append(("exchanges of sw", _exchanges(client)))
    return report


@pytest.fixture
def simulated_space() -> Space:
    """Return a simulated space with a fixed seed; `sw` serves it."""
    from swnb.simulator import Space  # noqa: PLC0415 - loaded by the tests that use it

    return Space()


@pytest.fixture
def sw(request: pytest.FixtureRequest, simulated_space: Space) -> Iterator[Client]:
    """Return a client on the simulated space, or on the test's recording."""
    for client in _clients(request, simulated_space):
        request.node.stash[_client] = client
        yield client


def _clients(request: pytest.FixtureRequest, simulated_space: Space) -> Iterator[Client]:
    marker = request.node.get_closest_marker(MARKER)
    if marker is None:
        with _simulating(simulated_space) as client:
            yield client
        return
    path = recording_of(request, marker)
    record = request.config.getoption(_OPTION)
    if record == "none" or (record == "once" and path.exists()):
        with _replaying(path, marker.kwargs.get("ignore", ())) as client:
            yield client
            left = [] if marker.kwargs.get("partial") else client.unused()
        if left and request.node.stash.get(_passed, False):
            pytest.fail(_left_over(path, left), pytrace=False)
        return
    with _simulating(simulated_space) as client:
        client.run(path.stem)
        yield client
        if request.node.stash.get(_passed, False):
            client.log.export_run(path.stem, path)


def recording_of(request: pytest.FixtureRequest, marker: pytest.Mark) -> Path:
    """Return the path of the recording that a marker names, beside the test's file.

    Parameters
    ----------
    request : pytest.FixtureRequest
        The test's request.
    marker : pytest.Mark
        Its marker.

    Raises
    ------
    pytest.UsageError
        If the marker does not have one name.

    """
    has_name = len(marker.args) == 1 and isinstance(marker.args[0], str)
    if not has_name or set(marker.kwargs) - {"partial", "ignore"}:
        raise pytest.UsageError(
            f'{MARKER}: takes one name, as in {MARKER}("checkout"), and partial= and ignore='
        )
    path: Path = request.path.parent / "recordings" / f"{marker.args[0]}.jsonl"
    return path


def _simulating(space: Space) -> Client:
    from swnb.client.simulated import SimulatedClient  # noqa: PLC0415 - as above

    return SimulatedClient(space, log=":memory:")


def _replaying(path: Path, ignore: str | Sequence[str]) -> ReplayClient:
    from swnb.client.replay import replay  # noqa: PLC0415 - as above

    if not path.exists():
        pytest.fail(f"{path}: has not been recorded; record it with {_OPTION}=once", pytrace=False)
    return replay(path, ignore=ignore)


def _left_over(path: Path, left: Sequence[Exchange]) -> str:
    names = ", ".join(exchange.command for exchange in left[:_NAMED])
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    return (
        f"{path}: recorded, but never requested: {names}{more}; record it again with {_OPTION}=all, "
        f'or mark the test {MARKER}("{path.stem}", partial=True)'
    )


def _exchanges(client: Client) -> str:
    """Return the last exchanges of a test: outcome, command, parameters or path, and error."""
    from swnb.errors import LogError  # noqa: PLC0415 - as above
    from swnb.recordings.matching import display_text  # noqa: PLC0415 - as above

    try:
        places = list(client.log.source().places())
    except LogError as error:  # the test may have closed it
        return str(error)
    lines = []
    for number, (_, exchange) in enumerate(places, 1):
        sent = exchange.request if isinstance(exchange.request, dict) else {}
        what = display_text(sent["params"]) if "params" in sent else sent.get("path", "")
        shown = what if len(what) <= _WIDTH else f"{what[:_WIDTH]}…"
        lines.append(f"{number:>4}  {exchange.outcome:<9} {exchange.command:<24} {shown}".rstrip())
        if exchange.error_message:
            lines.append(f"      {display_text(exchange.error_message)}")
    more = [f"      … and {len(lines) - _SHOWN} lines before"] if len(lines) > _SHOWN else []
    return "\n".join([*more, *lines[-_SHOWN:]]) or "nothing was sent"
