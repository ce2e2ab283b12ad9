"""The exchanges, or what was sent and heard, as a file for others: CSV, Parquet or JSONL, by the suffix.

CSV
    Times in ISO 8601, missing cells empty, bodies as JSON text. Read numbers as strings
    (`dtype={"from": str, "to": str}`), or they lose their `+`. A cell that a spreadsheet would read as a
    formula (it begins with `=`, `+`, `-`, `@`, a tab or a line break and is not a number) gets a `'` in
    front; `+15550101` is a number and stays. docs/log.md says how to remove the `'`.
Parquet
    As the frame, but `charge` is `charge_nano`: whole nano-dollars, whose sums are exact, and `signed`
    is `boolean`. Bodies are JSON text. Needs pyarrow.
JSONL
    One object per line with the columns as keys, missing values null, bodies as objects.

A file is written completely or not at all, and is readable by its owner only, like the log.
docs/security.md says what a masked export hides and what it cannot hide.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from swnb.drafts import draft_of
from swnb.errors import ConfigurationError
from swnb.event import said
from swnb.log.columns import BODIES, COLUMNS, HEARD
from swnb.log.reading.frames import Frames
from swnb.redact import Masker, is_clean, known_numbers, redact, redact_text

# Lines are written in slices, so that decoded bodies are never all in memory at once.
_SLICE = 10_000
_BODIES = tuple(column.name for column in BODIES)
_BODY = "body"  # of an event
_WHAT = "what"
_LABELS = {column.name for column in (*COLUMNS, *HEARD) if column.dtype == "category"}
_ENDS = ("from", "to")
# What a spreadsheet may read as a formula, also in full width; and what it reads as a number.
_FORMULA = re.compile(r"'*[\s]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_CRLF = "\r\n"  # as in RFC 4180; only then is a cell quoted that contains one of the two
_TIME = "%Y-%m-%dT%H:%M:%S.%f%z"


def export(
    frames: Frames,
    path: str | os.PathLike[str],
    *,
    mask: bool = False,
    run: str | None = None,
    bodies: bool | None = None,
    events: pd.DataFrame | None = None,
) -> Path:
    """Write exchanges, or these events, to `path` and return it.

    Raises `ConfigurationError` for another suffix.
    """
    target = Path(path)
    writer = _WRITERS.get(target.suffix.lower())
    if writer is None:
        message = "export: the path has no known suffix"
        raise ConfigurationError(message, advice=f"end it with one of {', '.join(_WRITERS)}")
    with_bodies = writer is _write_jsonl if bodies is None else bodies
    frame = frames.exchanges(run=run) if events is None else events
    masker = _masker(frames, frames.exchanges(run=run), events) if mask else None
    if events is None and writer is _write_parquet:
        frame["charge_nano"] = frames.nano_of(frame)
    # An empty log is one empty part, so that it has a header.
    cuts = range(0, max(len(frame), 1), _SLICE)

    def parts() -> Iterator[pd.DataFrame]:
        for cut in cuts:
            part = frame.iloc[cut : cut + _SLICE]
            if events is None:
                part = frames.with_bodies(part) if with_bodies or masker else part
            elif not with_bodies:
                part = part.drop(columns=_BODY)
            part = _masked(part, masker) if masker else part
            left_out = [] if with_bodies or events is not None else list(_BODIES)
            yield _clean(part.drop(columns=left_out, errors="ignore"))

    with draft_of(target) as draft:
        writer(draft, parts())
    return target


def _masker(frames: Frames, frame: pd.DataFrame, events: pd.DataFrame | None) -> Masker:
    """Return a masker for the numbers of a frame: an address in a body may occur in any string.

    An event may tell a number that only the exchange of its call shows to be one.
    """
    numbers: set[str] = set()
    if events is not None:
        numbers.update(known_numbers(list(events[_BODY])))
    for name in _ENDS:
        numbers.update(
            known_numbers([{"to": address} for address in frame[name].dropna().unique()])
        )
    for cut in range(0, len(frame), _SLICE):
        part = frames.with_bodies(frame.iloc[cut : cut + _SLICE])
        for name in _BODIES:
            numbers.update(known_numbers(list(part[name])))
    return Masker(numbers)


def _masked(frame: pd.DataFrame, masker: Masker) -> pd.DataFrame:
    """Return a frame with the phone numbers masked in every string, including bodies."""
    masked = frame.copy()
    for name in frame.columns[(frame.dtypes == "category") | (frame.dtypes == "object")]:
        hide = masker.address if name in _ENDS else masker.mask
        masked[name] = frame[name].astype(object).map(hide, na_action="ignore").astype(object)
    if _WHAT in masked and "request" in masked:
        # Of what was cut, a number may be left that is not known by its beginning.
        pairs = zip(masked["command"], masked["request"], strict=True)
        masked[_WHAT] = pd.Series(
            [said(command, request) or None for command, request in pairs], masked.index, object
        )
    return masked


def _clean(part: pd.DataFrame) -> pd.DataFrame:
    """Return a part without the secrets that an older swnb may have logged in what was said."""
    if _WHAT not in part:
        return part
    texts = [
        text if text is None or is_clean(text.encode()) else redact_text(text)
        for text in part[_WHAT]
    ]
    return part.assign(what=pd.Series(texts, part.index, dtype=object))


def _as_text(body: Any) -> str | None:
    if body is None:
        return None
    text = json.dumps(body)
    # An older swnb, which recognized fewer secrets, may have logged some: they are not exported.
    return text if is_clean(text.encode()) else json.dumps(redact(body))


def _texts(part: pd.DataFrame) -> pd.DataFrame:
    bodies = {name: part[name] for name in (*_BODIES, _BODY) if name in part}
    return part.assign(
        **{
            name: pd.Series([_as_text(body) for body in column], part.index, dtype=object)
            for name, column in bodies.items()
        }
    )


def _for_sheets(cell: Any) -> Any:
    formula = isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if formula else cell


def _write_csv(target: Path, parts: Iterable[pd.DataFrame]) -> None:
    with target.open("w", encoding="utf-8", newline="") as file:
        for place, part in enumerate(parts):
            cells = _texts(part)
            for name in cells.columns[(cells.dtypes == "category") | (cells.dtypes == "object")]:
                cells[name] = cells[name].astype(object).map(_for_sheets, na_action="ignore")
            cells.to_csv(
                file, index=False, header=not place, date_format=_TIME, lineterminator=_CRLF
            )


def _write_parquet(target: Path, parts: Iterable[pd.DataFrame]) -> None:
    if find_spec("pyarrow") is None:
        message = "export: Parquet needs pyarrow, which is not installed"
        raise ConfigurationError(message, advice="pip install 'swnb[scale]', or export to .jsonl")
    frame = pd.concat([_texts(part) for part in parts], ignore_index=True)
    frame = frame.astype({name: "category" for name in frame.columns if name in _LABELS})
    if "charge" in frame:
        nano = frame.pop("charge_nano")
        frame.insert(list(frame.columns).index("charge"), "charge_nano", nano)
        frame = frame.drop(columns="charge")
    if "signed" in frame:  # else its type would be that of the values that happen to be there
        frame = frame.astype({"signed": "boolean"})
    frame.to_parquet(target, engine="pyarrow", index=False)


def _spelt(time: pd.Timestamp) -> str:
    return time.strftime(_TIME)


def _write_jsonl(target: Path, parts: Iterable[pd.DataFrame]) -> None:
    with target.open("w", encoding="utf-8") as file:
        for part in parts:
            times = {
                name: part[name].map(_spelt, na_action="ignore").astype(object)
                for name in part.columns[part.dtypes == "datetime64[us, UTC]"]
            }
            plain = part.assign(**times).astype(object)
            records = plain.where(plain.notna(), None).to_dict("records")
            file.writelines(f"{_as_text(record)}\n" for record in records)


_WRITERS: dict[str, Callable[[Path, Iterable[pd.DataFrame]], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".jsonl": _write_jsonl,
}
