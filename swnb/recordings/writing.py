"""Writing a recording: whole or not at all, with a header that counts what follows."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swnb.drafts import draft_of
from swnb.errors import RecordingError
from swnb.recordings.lines import encode
from swnb.redact import Masker, known_numbers, redact
from swnb.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from swnb.exchange import Exchange

FORMAT = 1
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
        _write(target, exchanges, facts, mask=mask)
    except OSError as error:
        raise unusable(target, "written", error) from None
    return target


def _write(
    target: Path, exchanges: Iterable[Exchange], facts: Mapping[str, Any], *, mask: bool
) -> None:
    # The count of the header and the numbers to mask are known only after the last exchange.
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
    """Return the error of a recording that cannot be read or written."""
    reason = (error.strerror or type(error).__name__).lower()
    return RecordingError(f"recording {os.fspath(path)!r}: cannot be {what}, {reason}")


def header_of(facts: Mapping[str, Any], count: int | None, masker: Masker | None = None) -> str:
    """Return the first line; `count` is None if the number of exchanges is not known yet."""
    run = redact(dict(facts))
    header = {
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
