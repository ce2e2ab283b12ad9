"""Recording again without noise: what only differs from run to run stays as it was in the file.

Times, durations of requests, ports, request ids, ids of calls and keys of events are other ones each
time. If nothing else has changed, neither does the file; otherwise the lines that have not changed stay
as they are, and new lines speak of the ids that the file has.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swnb.drafts import draft_of
from swnb.errors import RecordingError
from swnb.recordings.file import RecordingFile
from swnb.recordings.matching import TIME, normalized
from swnb.recordings.writing import unusable, write_recording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from swnb.event import Event
    from swnb.exchange import Exchange

# Ids of calls, operations and requests, and the keys of events.
ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{24}\b")
_PORT = re.compile(r"\b(127\.0\.0\.1|localhost):\d+")
_NEAR = timedelta(days=2)  # of a time to that of its line, if it says when something happened
_VOLATILE = frozenset({"sent_at", "elapsed_us", "request_id", "seen_at", "attempts"})


@dataclass(frozen=True, slots=True)
class Settled:
    """The lines of a recording, the first its header; `asked` is a digest of its requests."""

    lines: list[str]
    asked: bytes


def settled(
    path: Path,
    exchanges: Iterable[Exchange],
    facts: Mapping[str, Any],
    events: Iterable[tuple[int, Event]] = (),
    *,
    mask: bool = False,
    add: bool = False,
) -> Settled:
    """Return the lines of a new recording, in which what has not changed is as it was in the file.

    Parameters
    ----------
    path : Path
        The file, which may not be there yet.
    exchanges, facts, events, mask
        As for `write_recording`.
    add : bool, default False
        Whether everything that the file has stays, its answers too, and only what it lacks is added,
        each after the last line before it that it has.

    Raises
    ------
    RecordingError
        If the file is to be added to and cannot be used, or a new one cannot be written.

    """
    with tempfile.TemporaryDirectory() as folder:
        draft = write_recording(
            Path(folder) / "new.jsonl", exchanges, facts, events=events, mask=mask
        )
        new = draft.read_text(encoding="utf-8").splitlines()
    asked = blake2b("\n".join(_key(line) for line in new[1:]).encode(), digest_size=16).digest()
    old = _lines(path, needed=add)
    if not old:
        return Settled(new, asked)
    ids = _same_ids(old[1:], new[1:])
    new = [new[0], *(_renamed(line, ids) for line in new[1:])]
    if not add and _parts(old[1:]) == _parts(new[1:]):
        return Settled(old, asked)
    body = _merged(old[1:], new[1:], add=add)
    return Settled(old if body == old[1:] else [_counted(new[0], body), *body], asked)


def write_settled(path: Path, settled_lines: Settled) -> None:
    """Write a recording, whole or not at all; a file that has just these lines is not touched."""
    text = "\n".join(settled_lines.lines) + "\n"
    try:
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(path) as draft:
            draft.write_text(text, encoding="utf-8")
    except OSError as error:
        raise unusable(path, "written", error) from None


def _lines(path: Path, *, needed: bool) -> list[str]:
    """Return the lines of a file; none if it cannot be used, unless it is needed."""
    if not os.path.lexists(path):
        return []
    try:
        RecordingFile(path).close()
        return path.read_text(encoding="utf-8").splitlines()
    except (RecordingError, UnicodeDecodeError):
        if needed:
            raise
        return []


def _same_ids(old: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """Return which new id stands for which of the file: those in the same places of equal lines."""
    ids: dict[str, str] = {}
    made = _made_by_test(new)
    for place, other, length in _matcher(old, new).get_matching_blocks():
        for before, after in zip(
            old[place : place + length], new[other : other + length], strict=True
        ):
            found, given = ID.findall(before), ID.findall(after)
            if len(found) == len(given):
                for id_, name in zip(given, found, strict=True):
                    if id_ not in ids and name not in ids.values() and id_ not in made:
                        ids[id_] = name
    return ids


def _made_by_test(lines: Sequence[str]) -> set[str]:
    """Return the ids that a flow sends before any answer has them, such as the number of an order."""
    seen: set[str] = set()
    made: set[str] = set()
    for line in lines:
        value = json.loads(line)
        request = value.get("request")
        params = request.get("params") if isinstance(request, dict) else None
        made |= set(ID.findall(json.dumps(params))) - seen
        seen |= set(ID.findall(line))
    return made


def _renamed(line: str, ids: Mapping[str, str]) -> str:
    return ID.sub(lambda match: ids.get(match[0], match[0]), line)


def _matcher(old: Sequence[str], new: Sequence[str]) -> SequenceMatcher[str]:
    return SequenceMatcher(None, list(map(_key, old)), list(map(_key, new)), autojunk=False)


def _key(line: str) -> str:
    """Return what a line is about: the request of an exchange, or what was heard, without ids."""
    value = json.loads(line)
    event = value.get("event")
    if event is not None:
        about = [event.get(name) for name in ("source", "kind", "state", "control_id")]
    else:
        about = [value.get("command"), normalized(value.get("request"))]
    return ID.sub("id", json.dumps(about, sort_keys=True))


def still(value: Any, now: datetime | None = None) -> Any:
    """Return what stays the same in another run of the same flow.

    Times do not: all of them, or those near to `now`, which are not the flow's own.
    """
    if isinstance(value, dict):
        return {name: still(item, now) for name, item in value.items() if name not in _VOLATILE}
    if isinstance(value, list):
        return [still(item, now) for item in value]
    if not isinstance(value, str):
        return value
    timeless = TIME.sub(lambda match: "time" if _is_near(match[0], now) else match[0], value)
    return _PORT.sub(r"\1", timeless)


def _is_near(text: str, now: datetime | None) -> bool:
    try:
        return now is None or abs(datetime.fromisoformat(text) - now) < _NEAR
    except (ValueError, TypeError):  # no time after all, or one without a zone
        return False


def _form(line: str) -> str:
    value = json.loads(line)
    event = value.get("event")
    told = event.get("seen_at") if event is not None else value.get("sent_at")
    return json.dumps(still(value, datetime.fromisoformat(told)), sort_keys=True)


def _parts(lines: Sequence[str]) -> list[str | Counter[str]]:
    """Return the forms of the exchanges in order, and of what was heard between them in any."""
    parts: list[str | Counter[str]] = [Counter()]
    for line in lines:
        if line.startswith('{"event"'):
            parts[-1].update([_form(line)])  # type: ignore[union-attr] # every other one counts
        else:
            parts += [_form(line), Counter()]
    return parts


def _merged(old: Sequence[str], new: Sequence[str], *, add: bool) -> list[str]:
    """Return the lines of both, those that have not changed as they were."""
    merged: list[str] = []
    for kind, start, stop, begin, end in _matcher(old, new).get_opcodes():
        before, after = old[start:stop], new[begin:end]
        if kind == "equal":
            pairs = zip(before, after, strict=True)
            merged += [one if add else _changed(one, two) for one, two in pairs]
        else:
            merged += [*(before if add else ()), *after]
    return merged


def _changed(old: str, new: str) -> str:
    """Return a new line with the times and request ids of the old one, of which it is another answer."""
    if _form(old) == _form(new):
        return old
    before, after = json.loads(old), json.loads(new)
    pairs = [(before, after), (before.get("event"), after.get("event"))]
    for had, has in pairs:
        if isinstance(had, dict) and isinstance(has, dict):
            has.update({name: had[name] for name in _VOLATILE & had.keys() & has.keys()})
    return json.dumps(after, sort_keys=True)


def _counted(header: str, body: Sequence[str]) -> str:
    """Return a header that counts these lines."""
    value = json.loads(header)
    value["events"] = sum(line.startswith('{"event"') for line in body)
    value["exchanges"] = len(body) - value["events"]
    return json.dumps(value, sort_keys=True)
