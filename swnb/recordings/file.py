"""A recording: JSON lines, the first a header, then one exchange a line, made to be committed.

The header says the format, the version of swnb, how many exchanges follow, whether phone numbers
are masked, and the facts of the run. A file is checked whole when it is opened, a line at a time,
and only the places of its lines are kept: an exchange is read again when it is asked for.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
import warnings
import weakref
from array import array
from codecs import BOM_UTF8
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from swnb.drafts import draft_of
from swnb.errors import RecordingError, RecordingWarning
from swnb.exchange import loads
from swnb.recordings.damage import AGAIN, damage
from swnb.recordings.lines import Malformed, decode, encode
from swnb.recordings.matching import differences
from swnb.recordings.source import DECLARED, declare, redacted_as_now
from swnb.redact import Masker, declared_secret, is_clean, known_numbers, redact, redact_text
from swnb.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import BinaryIO

    from swnb.exchange import Exchange

FORMAT = 1
_KIND = "swnb recording"
OUT_OF_REACH = (
    "numbers of fewer than 7 digits; numbers in words, in encoded text, or behind a URL (recordings, "
    "faxes); numbers without + that are no address of this run and that no numbering plan explains"
)
RULES = 2  # of redaction: 1 knew fewer names and places, and wrote no number
_REVOKE = "Take it out of the file and out of its history, and revoke it."


def write_recording(
    path: str | os.PathLike[str],
    exchanges: Iterable[Exchange],
    facts: Mapping[str, Any],
    *,
    mask: bool = False,
) -> Path:
    """Write a recording in the place of what is at `path`, whole or not at all, and give the path.

    Folders on the way are made. The same exchanges give the same text. Raises `RecordingError`
    where the file cannot be written.
    """
    target = Path(path)
    if target.is_dir():
        raise RecordingError(f"recording {os.fspath(path)!r}: is a folder; name a file in it")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, exchanges, facts, mask=mask)
    except OSError as error:
        raise unusable(target, "written", error) from None
    return target


def _write(
    target: Path, exchanges: Iterable[Exchange], facts: Mapping[str, Any], *, mask: bool
) -> None:
    # The header counts the lines, and a mask knows the numbers, only after all were taken.
    with draft_of(target) as draft, tempfile.TemporaryFile("w+", encoding="utf-8") as body:
        count, numbers = 0, set(known_numbers(dict(facts)) if mask else ())
        for exchange in exchanges:
            count += 1
            line = encode(exchange)
            if mask:
                numbers.update(known_numbers(json.loads(line)))
            body.write(line + "\n")
        body.seek(0)
        masker = Masker(numbers) if mask else None
        with draft.open("w", encoding="utf-8") as file:
            file.write(header_of(facts, count, masker) + "\n")
            file.writelines(_masked(line, masker) if masker else line for line in body)


def _masked(line: str, masker: Masker) -> str:
    return json.dumps(masker.mask(json.loads(line)), sort_keys=True) + "\n"


def unusable(path: str | os.PathLike[str], what: str, error: OSError) -> RecordingError:
    """Say that a recording cannot be read, or written."""
    reason = (error.strerror or type(error).__name__).lower()
    return RecordingError(f"recording {os.fspath(path)!r}: cannot be {what}, {reason}")


def read_sent(path: Path) -> tuple[dict[str, Any], list[Exchange]]:
    """Read what a notebook's clients appended while they sent: facts, and exchanges.

    That file is this process's own, and not looked through as a recording is. Nothing sent, no file.
    """
    if not path.exists():
        return {}, []
    with path.open("rb") as file:
        facts = loads(file.readline())["run"]
        return facts, [decode(loads(line))[0] for line in file]


def header_of(facts: Mapping[str, Any], count: int | None, masker: Masker | None = None) -> str:
    """Write the first line; `count` is None if nobody knows yet how many exchanges will follow."""
    run = redact(dict(facts))
    header = {
        "exchanges": count,
        "format": FORMAT,
        "kind": _KIND,
        "numbers_masked": masker is not None,
        "redaction": RULES,
        "run": masker.mask(run) if masker else run,
        "swnb": VERSION,
    }
    if masker:
        header["not_masked"] = OUT_OF_REACH
    return json.dumps(header, sort_keys=True)


def _opened(path: str) -> BinaryIO:
    """Open a file to read in any order; what comes through a pipe is kept aside for that."""
    file = Path(path).open("rb")  # noqa: SIM115 - its reader closes it
    if file.seekable():
        return file
    with file:
        kept = tempfile.TemporaryFile()  # noqa: SIM115 - as above
        shutil.copyfileobj(file, kept)
    kept.seek(0)
    return kept


def _secret_in(value: Any) -> str | None:
    """Return the path of the first secret in a JSON value."""
    return next((path for path, *_ in differences(value, redact(value))), None)


class RecordingFile:
    """A recording that was opened and found sound; a `Source`.

    Raises `RecordingError` with file, line and reason for one that is torn, is no JSON, comes from
    a newer version or holds what looks like a secret.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self.name = self.path
        self._extras: dict[int, list[str]] = {}
        self._found: list[str] = []  # secrets that were none when the file was written
        self._lock = threading.Lock()
        self._starts = array("Q")
        try:
            self._file = _opened(self.path)  # read as long as it is replayed
        except OSError as error:
            raise unusable(self.path, "read", error) from None
        # A client that is let go without being closed leaves no file open.
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
        """What the header says of the run."""
        run: Mapping[str, Any] = self._header["run"]
        return run

    @property
    def masked(self) -> bool:
        """Whether phone numbers are masked."""
        return self._header["numbers_masked"] is True

    def __len__(self) -> int:
        return len(self._starts)

    def places(self) -> Iterator[tuple[int, Exchange]]:
        """Give every exchange with its place."""
        for place in range(len(self._starts)):
            yield place, self.get(place)

    def get(self, place: int) -> Exchange:
        """Read one exchange again."""
        with self._lock:
            self._file.seek(self._starts[place])
            text = self._file.readline()
        try:  # it was looked through for secrets when it was opened
            exchange = decode(loads(text))[0]
        except (ValueError, Malformed):
            raise self._error(place + 2, "was changed since the recording was opened") from None
        return redacted_as_now(exchange) if self._found else exchange

    def where(self, place: int) -> str:
        """Give the line of a place."""
        return f"line {place + 2}"

    def extras_of(self, place: int, _exchange: Exchange) -> list[str]:
        """Name the parameters that the catalogue did not know when the line was written."""
        return self._extras.get(place, [])

    def close(self) -> None:
        """Close the file."""
        self._finalizer()

    def _read_header(self) -> dict[str, Any]:
        header = self._json(1, self._file.readline().removeprefix(BOM_UTF8))
        if not isinstance(header, dict) or header.get("kind") != _KIND:
            raise self._error(1, "is no header of a recording")
        found = header.get("format")
        if not isinstance(found, int) or found > FORMAT:
            raise self._error(
                1,
                f"was written by a newer swnb (format {found}, known up to {FORMAT})",
                "Upgrade swnb, or record it again.",
            )
        counted = type(header.get("exchanges", "")) in (int, NoneType)
        if not isinstance(header.get("run"), dict) or not counted:
            raise self._error(1, "is no whole header: it lacks the run or the count of exchanges")
        return {"numbers_masked": False} | header

    def _check(self) -> None:
        start, blank = self._file.tell(), 0
        for number, text in enumerate(self._file, 2):
            if not text.strip():  # at the end it is what editors leave
                blank, start = blank or number, start + len(text)
                continue
            if blank:
                raise self._error(blank, "is blank, in the middle")
            _, extras = self._decoded(number, text)
            if extras:
                self._extras[len(self._starts)] = extras
            self._starts.append(start)
            start += len(text)
        if self._header["exchanges"] not in (None, len(self._starts)):
            raise self._error(
                len(self._starts) + 1,
                f"is the last, of {self._header['exchanges']} exchanges that the header counts "
                f"there are {len(self._starts)}",
                f"{AGAIN} If lines were taken out on purpose, correct 'exchanges' in line 1.",
            )

    def _decoded(self, number: int, text: bytes) -> tuple[Exchange, list[str]]:
        value = self._json(number, text)
        try:
            return decode(value)
        except Malformed as error:
            raise self._error(number, str(error)) from None

    def _json(self, number: int, text: bytes) -> Any:
        try:
            value = loads(text)
        except ValueError:
            raise self._error(number, *damage(text)) from None
        path = None if is_clean(text) else _secret_in(value)
        if path is not None:
            what = f"holds what looks like a secret, in {redact_text(path)}"
            if not self._is_older(value if number == 1 else self._header):
                raise self._error(number, what, _REVOKE)
            self._found.append(f"line {number} {what}")
        return value

    def _is_older(self, header: Any) -> bool:
        """Return whether what is secret by now was not known to be when the file was written."""
        if not isinstance(header, dict) or not isinstance(header.get("run"), dict):
            return False
        known = set(header["run"].get(DECLARED) or ())
        return header.get("redaction", 1) != RULES or not declared_secret() <= known

    def _warn(self) -> None:
        """Tell of what was found that an older swnb, or a client without `secret_fields`, left in."""
        if self._found:
            more = f", and {len(self._found) - 1} more" if len(self._found) > 1 else ""
            warnings.warn(
                RecordingWarning(
                    f"recording {self.path!r}: {self._found[0]}{more}; it was written before that was "
                    f"known to be secret, and is read without it. {_REVOKE} Or record it again."
                ),
                stacklevel=3,
            )

    def _error(self, number: int, reason: str, advice: str = AGAIN) -> RecordingError:
        return RecordingError(f"recording {self.path!r}, line {number}: {reason}", advice=advice)
