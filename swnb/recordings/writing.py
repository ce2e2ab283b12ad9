"""Writing a recording: whole or not at all, with a header that counts what follows."""

from __future__ import annotations

import json
import os
import tempfile
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swnb.drafts import draft_of
from swnb.errors import RecordingError
from swnb.recordings.event_lines import encode_event
from swnb.recordings.lines import encode
from swnb.redact import Masker, known_numbers, redact
from swnb.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from swnb.event import Event
    from swnb.exchange import Exchange

FORMAT = 2  # version 1 had no events
KIND = "swnb recording"
OUT_OF_REACH = (
    "numbers of fewer than 7 digits; numbers in words, in encoded text, or behind a URL (recordings, "
    "faxes); numbers without + that are not an address in this run and match no numbering plan"
)
RULES = 2  # the redaction rules; version 1 knew fewer names, and its files have no version


def write_recording(
    path: str | os.PathLike[str],
    exchanges: Iterable[Exchange],
    facts: Mapping[str, Any],
    *,
    events: Iterable[tuple[int, Event]] = (),
    mask: bool = False,
) -> Path:
    """Write a recording, whole or not at all, and return its path.

    An existing file is replaced, and missing folders are created. The same exchanges give the same
    text.

    Parameters
    ----------
    path : str or os.PathLike
        Where to write it.
    exchanges : iterable of Exchange
        The exchanges of the run, in the order in which they were sent.
    facts : mapping
        The facts of the run, for the header.
    events : iterable of (int, Event), optional
        The events of the run in order, each with the number of exchanges that came before it.
    mask : bool, default False
        Whether to mask phone numbers.

    Returns
    -------
    Path
        The path of the recording.

    Raises
    ------
    RecordingError
        If the file cannot be written.

    """
    target = Path(path)
    if target.is_dir():
        raise RecordingError(
            f"recording {os.fspath(path)!r}: is a folder; give the name of a file in it"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, _Lines(exchanges, events), facts, mask=mask)
    except OSError as error:
        raise unusable(target, "written", error) from None
    return target


class _Lines:
    """The lines of exchanges and events in order; counts them as they are read."""

    def __init__(self, exchanges: Iterable[Exchange], events: Iterable[tuple[int, Event]]) -> None:
        self.exchanges = self.events = 0
        self._exchanges = exchanges
        self._waiting = deque(events)

    def __iter__(self) -> Iterator[str]:
        for exchange in self._exchanges:
            yield from self._heard_by_now()
            self.exchanges += 1
            yield encode(exchange)
        yield from self._heard_by_now(last=True)

    def _heard_by_now(self, *, last: bool = False) -> Iterator[str]:
        while self._waiting and (last or self._waiting[0][0] <= self.exchanges):
            self.events += 1
            yield encode_event(self._waiting.popleft()[1])


def _write(target: Path, lines: _Lines, facts: Mapping[str, Any], *, mask: bool) -> None:
    # The counts of the header and the numbers to mask are known only after the last line.
    with draft_of(target) as draft, tempfile.TemporaryFile("w+", encoding="utf-8") as body:
        numbers = set(known_numbers(dict(facts)) if mask else ())
        for line in lines:
            if mask:
                numbers.update(known_numbers(json.loads(line)))
            body.write(line + "\n")
        body.seek(0)
        masker = Masker(numbers) if mask else None
        with draft.open("w", encoding="utf-8") as file:
            file.write(header_of(facts, lines.exchanges, lines.events, masker) + "\n")
            file.writelines(_masked(line, masker) if masker else line for line in body)


def _masked(line: str, masker: Masker) -> str:
    return json.dumps(masker.mask(json.loads(line)), sort_keys=True) + "\n"


def unusable(path: str | os.PathLike[str], what: str, error: OSError) -> RecordingError:
    """Return the error of a recording that cannot be read or written."""
    reason = (error.strerror or type(error).__name__).lower()
    return RecordingError(f"recording {os.fspath(path)!r}: cannot be {what}, {reason}")


def header_of(
    facts: Mapping[str, Any],
    count: int | None,
    events: int | None = None,
    masker: Masker | None = None,
) -> str:
    """Return the first line; the numbers of exchanges and events are None if not known yet."""
    run = redact(dict(facts))
    header = {
        "events": events,
        "exchanges": count,
        "format": FORMAT,
        "kind": KIND,
        "numbers_masked": masker is not None,
        "redaction": RULES,
        "run": masker.mask(run) if masker else run,
        "swnb": VERSION,
    }
    if masker:
        header["not_masked"] = OUT_OF_REACH
    return json.dumps(header, sort_keys=True)
