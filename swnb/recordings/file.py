"""A recording: JSON lines, first a header, then one exchange per line, made to be committed.

The header has the format, the version of swnb, the number of exchanges, whether phone numbers are
masked, and the facts of the run. The whole file is checked, line by line, when it is opened, and
only the positions of its lines are kept: an exchange is read again when it is needed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import warnings
import weakref
from array import array
from bisect import bisect_right
from codecs import BOM_UTF8
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from swnb.errors import RecordingError, RecordingWarning
from swnb.exchange import loads
from swnb.recordings.damage import AGAIN, damage
from swnb.recordings.event_lines import decode_event, is_event
from swnb.recordings.lines import Malformed, decode
from swnb.recordings.matching import differences
from swnb.recordings.source import DECLARED, declare, redacted_as_now
from swnb.recordings.writing import FORMAT, KIND, RULES, unusable
from swnb.redact import declared_secret, is_clean, redact, redact_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from swnb.event import Event
    from swnb.exchange import Exchange

_REVOKE = "Remove it from the file and from its history, and revoke it."


def read_sent(path: Path) -> tuple[dict[str, Any], list[Exchange], list[tuple[int, Event]]]:
    """Return the facts, exchanges and events that a notebook's clients appended while they sent.

    The file is this process's own, so it is not checked as a recording is. If nothing was sent,
    there is no file.
    """
    if not path.exists():
        return {}, [], []
    with path.open("rb") as file:
        facts = loads(file.readline())["run"]
        exchanges: list[Exchange] = []
        events: list[Event] = []
        for value in map(loads, file):
            if is_event(value):
                events.append(decode_event(value))
            else:
                exchanges.append(decode(value)[0])
    # An exchange is appended when it ends, and what it caused may have been heard before.
    exchanges.sort(key=lambda exchange: exchange.sent_at)
    begun = [exchange.sent_at for exchange in exchanges]
    return facts, exchanges, [(bisect_right(begun, event.seen_at), event) for event in events]


def _opened(path: str) -> BinaryIO:
    """Open a file for reading in any order; the content of a pipe is copied to a file first."""
    file = Path(path).open("rb")  # noqa: SIM115 - its reader closes it
    if file.seekable():
        return file
    with file:
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - as above
        shutil.copyfileobj(file, copy)
    copy.seek(0)
    return copy


def _secret_in(value: Any) -> str | None:
    """Return the path of the first secret in a JSON value."""
    return next((path for path, *_ in differences(value, redact(value))), None)


class RecordingFile:
    """An open recording that was checked; a `Source`.

    Parameters
    ----------
    path : str or os.PathLike
        The recording.

    Raises
    ------
    RecordingError
        With file, line and reason, if it is truncated, is not JSON, was written by a newer version
        or contains what looks like a secret.

    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self.name = self.path
        self._extras: dict[int, list[str]] = {}
        self._new_secrets: list[str] = []  # not known as secrets when it was written
        self._lock = threading.Lock()
        self._starts = array("Q")
        self._lines = array("Q")  # the number of each exchange's line
        self._events = array("Q")
        self._before = array("Q")  # how many exchanges stand before each event
        try:
            self._file = _opened(self.path)  # open for as long as it is replayed
        except OSError as error:
            raise unusable(self.path, "read", error) from None
        # If a client is dropped without being closed, the file is closed with it.
        self._finalizer = weakref.finalize(self, self._file.close)
        try:
            self._header = self._read_header()
            declare(self.facts)
            self._check()
        except BaseException:
            self.close()
            raise
        self._warn()

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts of the run, from the header."""
        run: Mapping[str, Any] = self._header["run"]
        return run

    @property
    def hears(self) -> bool:
        """Whether what was heard is in it: format 1 has exchanges alone."""
        return int(self._header["format"]) > 1

    @property
    def masked(self) -> bool:
        """Whether phone numbers are masked."""
        return self._header["numbers_masked"] is True

    def __len__(self) -> int:
        return len(self._starts)

    def places(self) -> Iterator[tuple[int, Exchange]]:
        """Yield every exchange with its place."""
        for place in range(len(self._starts)):
            yield place, self.get(place)

    def get(self, place: int) -> Exchange:
        """Return the exchange at a place, read again."""
        with self._lock:
            self._file.seek(self._starts[place])
            text = self._file.readline()
        try:  # it was checked for secrets when it was opened
            exchange = decode(loads(text))[0]
        except (ValueError, Malformed):
            raise self._error(
                self._lines[place], "has changed since the recording was opened"
            ) from None
        return redacted_as_now(exchange) if self._new_secrets else exchange

    def where(self, place: int) -> str:
        """Return the line of a place, for messages."""
        return f"line {self._lines[place]}"

    def events(self) -> Iterator[tuple[int, Event]]:
        """Yield every event with the number of exchanges before it, read again."""
        for before, start in zip(self._before, self._events, strict=True):
            with self._lock:
                self._file.seek(start)
                text = self._file.readline()
            try:
                event = decode_event(loads(text))
            except (ValueError, KeyError, TypeError, Malformed):
                raise self._error(1, "has changed since the recording was opened") from None
            if self._new_secrets:
                event.body = redact(event.body)
            yield before, event

    def extras_of(self, place: int, _exchange: Exchange) -> list[str]:
        """Return the names of parameters that the catalogue did not know when the line was written."""
        return self._extras.get(place, [])

    def close(self) -> None:
        """Close the file."""
        self._finalizer()

    def _read_header(self) -> dict[str, Any]:
        header = self._json(1, self._file.readline().removeprefix(BOM_UTF8))
        if not isinstance(header, dict) or header.get("kind") != KIND:
            raise self._error(1, "is not the header of a recording")
        version = header.get("format")
        if not isinstance(version, int) or version > FORMAT:
            raise self._error(
                1,
                f"was written by a newer swnb (format {version}; this one reads up to {FORMAT})",
                "Upgrade swnb, or record it again.",
            )
        counts = (header.get("exchanges", ""), header.get("events"))
        has_count = all(type(count) in (int, NoneType) for count in counts)
        if not isinstance(header.get("run"), dict) or not has_count:
            raise self._error(
                1, "is not a whole header: the run or the count of exchanges is missing"
            )
        return {"numbers_masked": False} | header

    def _check(self) -> None:
        start, blank = self._file.tell(), 0
        for number, text in enumerate(self._file, 2):
            if not text.strip():  # editors leave blank lines at the end
                blank, start = blank or number, start + len(text)
                continue
            if blank:
                raise self._error(blank, "is blank, in the middle of the file")
            self._note(number, start, text)
            start += len(text)
        self._compare("exchanges", len(self._starts))
        self._compare("events", len(self._events))

    def _note(self, number: int, start: int, text: bytes) -> None:
        """Check a line, and note where its exchange or event stands."""
        value = self._json(number, text)
        try:
            if is_event(value):
                decode_event(value)
                self._before.append(len(self._starts))
                self._events.append(start)
                return
            _, extras = decode(value)
        except Malformed as error:
            raise self._error(number, str(error)) from None
        if extras:
            self._extras[len(self._starts)] = extras
        self._lines.append(number)
        self._starts.append(start)

    def _compare(self, name: str, count: int) -> None:
        """Raise `RecordingError` if the header counts other lines than there are."""
        if self._header.get(name) not in (None, count):
            raise self._error(
                len(self._starts) + len(self._events) + 1,
                f"is the last one, but the header counts {self._header[name]} {name} and "
                f"there are {count}",
                f"{AGAIN} If you removed lines on purpose, correct {name!r} in line 1.",
            )

    def _json(self, number: int, text: bytes) -> Any:
        try:
            value = loads(text)
        except ValueError:
            raise self._error(number, *damage(text)) from None
        path = None if is_clean(text) else _secret_in(value)
        if path is not None:
            what = f"contains what looks like a secret, in {redact_text(path)}"
            if not self._is_older(value if number == 1 else self._header):
                raise self._error(number, what, _REVOKE)
            self._new_secrets.append(f"line {number} {what}")
        return value

    def _is_older(self, header: Any) -> bool:
        """Return whether the file was written when fewer values were known as secrets."""
        if not isinstance(header, dict) or not isinstance(header.get("run"), dict):
            return False
        declared = set(header["run"].get(DECLARED) or ())
        return header.get("redaction", 1) != RULES or not declared_secret() <= declared

    def _warn(self) -> None:
        """Warn of secrets that an older swnb, or a client without `secret_fields`, did not redact."""
        if self._new_secrets:
            more = f", and {len(self._new_secrets) - 1} more" if len(self._new_secrets) > 1 else ""
            warnings.warn(
                RecordingWarning(
                    f"recording {self.path!r}: {self._new_secrets[0]}{more}; it was written before "
                    f"that was known as a secret, and is read without it. {_REVOKE} Or record it again."
                ),
                stacklevel=3,
            )

    def _error(self, number: int, reason: str, advice: str = AGAIN) -> RecordingError:
        return RecordingError(f"recording {self.path!r}, line {number}: {reason}", advice=advice)
