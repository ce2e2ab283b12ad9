"""The exchanges as a file for others: CSV, Parquet or JSONL, by the suffix.

CSV
    Times in ISO 8601, missing cells empty, bodies as JSON text. Read numbers as text
    (`dtype={"from": str, "to": str}`), or their `+` is lost. Cells that begin with `+`, `=`,
    `-` or `@` are written as they are, although spreadsheets take some of them for formulas: phone
    numbers begin with `+`, and a file that is read back must be equal to what was written. Import
    such a file as text where its content is not trusted.
Parquet
    As the frame, but `charge` is `charge_nano`: whole nano-dollars, whose sums are exact. Bodies
    are JSON text. Needs pyarrow.
JSONL
    One object a line with the columns as keys, missing values null, bodies as objects.

A masked export holds no phone number in any cell; numbers without a `+` are masked in `from`, `to`
and `caller_id`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from swnb.errors import ConfigurationError
from swnb.log.columns import BODIES, COLUMNS
from swnb.log.frames import Frames, to_nano
from swnb.redact import mask_number, mask_numbers

# Lines are written in slices, so that decoded bodies are never all in memory at once.
_SLICE = 10_000
_BODIES = tuple(column.name for column in BODIES)
_ENDS = ("from", "to")
_TIME = "%Y-%m-%dT%H:%M:%S.%f%z"


def export(
    frames: Frames,
    path: str | os.PathLike[str],
    *,
    mask: bool = False,
    run: str | None = None,
    bodies: bool | None = None,
) -> Path:
    """Write exchanges to `path` and give it. Raises `ConfigurationError` for another suffix."""
    target = Path(path)
    writer = _WRITERS.get(target.suffix.lower())
    if writer is None:
        message = "export: the suffix of the path names no format"
        raise ConfigurationError(message, advice=f"end it with one of {', '.join(_WRITERS)}")
    with_bodies = writer is _write_jsonl if bodies is None else bodies
    frame = frames.exchanges(run=run)
    # An empty log is one empty part, so that it has a header.
    cuts = range(0, max(len(frame), 1), _SLICE)
    parts = (frame.iloc[cut : cut + _SLICE] for cut in cuts)
    if with_bodies:
        parts = (frames.with_bodies(part) for part in parts)
    writer(target, (_masked(part) for part in parts) if mask else parts, mask)
    return target


def _masked(frame: pd.DataFrame) -> pd.DataFrame:
    """Mask the phone numbers in every text of a frame, bodies included."""
    masked = frame.copy()
    for name in frame.columns[(frame.dtypes == "category") | (frame.dtypes == "object")]:
        hide = mask_number if name in _ENDS else mask_numbers
        masked[name] = frame[name].astype(object).map(hide, na_action="ignore").astype(object)
    return masked


def _as_text(body: Any, mask: bool) -> str | None:
    if body is None:
        return None
    text = json.dumps(body)
    # Once more as text: a number may be the key of an object.
    return str(mask_numbers(text)) if mask else text


def _texts(part: pd.DataFrame, mask: bool) -> pd.DataFrame:
    bodies = {name: part[name] for name in _BODIES if name in part}
    return part.assign(
        **{
            name: pd.Series([_as_text(body, mask) for body in column], part.index, dtype=object)
            for name, column in bodies.items()
        }
    )


def _write_csv(target: Path, parts: Iterable[pd.DataFrame], mask: bool) -> None:
    with target.open("w", encoding="utf-8", newline="") as file:
        for place, part in enumerate(parts):
            _texts(part, mask).to_csv(file, index=False, header=not place, date_format=_TIME)


def _write_parquet(target: Path, parts: Iterable[pd.DataFrame], mask: bool) -> None:
    if find_spec("pyarrow") is None:
        message = "export: Parquet needs pyarrow, which is not installed"
        raise ConfigurationError(message, advice="pip install 'swnb[scale]', or export to .jsonl")
    frame = pd.concat([_texts(part, mask) for part in parts], ignore_index=True)
    labels = [column.name for column in COLUMNS if column.dtype == "category"]
    frame = frame.astype(dict.fromkeys(labels, "category"))
    frame.insert(list(frame.columns).index("charge"), "charge_nano", to_nano(frame.pop("charge")))
    frame.to_parquet(target, engine="pyarrow", index=False)


def _write_jsonl(target: Path, parts: Iterable[pd.DataFrame], mask: bool) -> None:
    with target.open("w", encoding="utf-8") as file:
        for part in parts:
            times = (
                part["sent_at"]
                .map(lambda time: time.strftime(_TIME), na_action="ignore")
                .astype(object)
            )
            plain = part.assign(sent_at=times).astype(object)
            records = plain.where(plain.notna(), None).to_dict("records")
            file.writelines(f"{_as_text(record, mask)}\n" for record in records)


_WRITERS: dict[str, Callable[[Path, Iterable[pd.DataFrame], bool], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".jsonl": _write_jsonl,
}
