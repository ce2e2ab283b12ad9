"""A far end as data: how it answers, what it is, what it says and presses, and when it hangs up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from swnb.commands import COMMANDS
from swnb.commands.base import Command
from swnb.errors import ConfigurationError

# What one entry of `says` or `presses` may be: what, what and when, or all of it by name.
Entry = str | tuple[str, float] | Mapping[str, Any]
IsA = Literal["human", "machine", "fax"]
Failure = Literal["no-answer", "busy", "failed"]

_A_WEEK = 7 * 86_400
Seconds = Annotated[float, Field(ge=0, le=_A_WEEK, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Chance = Annotated[float, Field(ge=0, le=1)]


@cache
def moments() -> frozenset[str]:
    """Return what an entry can wait for: a command, or an operation's end (`play.finished`)."""
    models = COMMANDS.values()
    starts = {model.starts or model.method() for model in models if not model.controls}
    commands = {model.method() for model in models if model.on_call}
    ends = {f"{operation}.{state}" for operation in starts for state in Command.ends_of(operation)}
    faxes = {f"fax.{state}" for state in ("page", *Command.ends_of("send_fax"))}
    return frozenset(commands | ends | faxes)


def _moment(name: str) -> str:
    known = moments()
    if name in known:
        return name
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else "write 'play', or 'play.finished'"
    raise _wrong(f"is not a command or the end of one; {hint}")


def _wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("script", "{text}", {"text": message})


def _digits(text: str) -> str:
    if text and not set(text.upper()) - set("0123456789ABCD*#"):
        return text.upper()
    raise _wrong("must be DTMF digits: 0-9, A-D, * and #")


def _by_name(entry: Any) -> Any:
    """Return an entry with its parts by name."""
    if isinstance(entry, str):
        return {"what": entry}
    if isinstance(entry, tuple | list):
        if len(entry) != len(("what", "after")):
            raise _wrong("must be a pair: what, and after how many seconds")
        return {"what": entry[0], "after": entry[1]}
    return entry


def _as_tuple(entries: Any) -> Any:
    if isinstance(entries, str) or not isinstance(entries, Sequence):
        raise _wrong("must be a list")
    return tuple(entries)


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Cue(_Data):
    """When something happens: after the answer, or after what `on` names for the `nth` time.

    `after` counts virtual seconds, `polls` looks at the call's voice log instead. With `chance` it
    happens that often, by the space's seed.
    """

    after: Seconds | None = None
    on: Annotated[str, AfterValidator(_moment)] | None = None
    nth: Count = 1
    polls: Count | None = None
    chance: Chance = 1.0

    def model_post_init(self, _context: Any) -> None:
        """Refuse two ways of counting."""
        if self.after is not None and self.polls is not None:
            raise _wrong("takes after or polls, not both")


class Saying(Cue):
    """Something that the far end says; a confidence of 0 is not understood."""

    what: Annotated[str, Field(min_length=1)]
    confidence: Chance = 0.9
    lasts: Seconds | None = None


class Press(Cue):
    """Keys that the far end presses, one after the other at one moment."""

    what: Annotated[str, AfterValidator(_digits)]


def _hang_up(value: Any) -> Any:
    return {"after": value} if isinstance(value, int | float) else value


class Script(_Data):
    """What a `FarEnd` was given, checked."""

    rings: Seconds
    polls: Count | None
    answers: bool | Chance
    because: Failure
    is_a: IsA
    says: Annotated[
        tuple[Annotated[Saying, BeforeValidator(_by_name)], ...], BeforeValidator(_as_tuple)
    ]
    presses: Annotated[
        tuple[Annotated[Press, BeforeValidator(_by_name)], ...], BeforeValidator(_as_tuple)
    ]
    hangs_up_after: Annotated[Cue, BeforeValidator(_hang_up)] | None

    parts: ClassVar[dict[str, type[BaseModel]]] = {"says": Saying, "presses": Press}


M = TypeVar("M", bound=_Data)


def checked(model: type[M], name: str, **values: Any) -> M:
    """Return one part of a script, or raise `ConfigurationError` with what is wrong in it."""
    try:
        return model(**values)
    except ValidationError as error:
        problems = list(_problems(error, name))
    # Outside the handler, so that pydantic's error is not chained.
    raise ConfigurationError("\n".join(problems))


class FarEnd:
    """The far end of simulated calls, as data for `Space.far_end`.

    Parameters
    ----------
    rings : float, default 1
        How many virtual seconds it rings before it answers, or is busy.
    polls : int, optional
        Answer at that look at the call's voice log instead.
    answers : bool or float, default True
        Whether it answers, or how often: 0.8 is four times out of five, by the space's seed.
    because : {"no-answer", "busy", "failed"}, default "no-answer"
        How a call ends that it does not answer.
    is_a : {"human", "machine", "fax"}, default "human"
        What a detection finds. A machine says a greeting if `says` is empty.
    says, presses : list, default empty
        What it says, and the keys that it presses: a string, a pair of it and the virtual seconds
        after the answer, or a dict with `what` and any of `after` (seconds), `on` (a command such
        as `"play"`, or an end such as `"play.finished"`, that it waits for), `nth` (which of
        these), `polls` (looks at the voice log instead of seconds) and `chance` (0 to 1). What it
        says may also have a `confidence` (0 to 1; 0 is not understood) and how long it `lasts`.
    hangs_up_after : float or dict, optional
        When it hangs up: virtual seconds after the answer, or a dict with `after`, `on`, `nth`,
        `polls` and `chance`.

    Raises
    ------
    ConfigurationError
        If a key is unknown or a value is out of range; every problem is named.

    Examples
    --------
    >>> FarEnd(rings=3, hangs_up_after=40)
    FarEnd(rings=3, hangs_up_after=40)
    >>> FarEnd(rigns=3)
    Traceback (most recent call last):
    ...
    swnb.errors.ConfigurationError: FarEnd.rigns: is not a key; did you mean 'rings'?

    """

    __slots__ = ("_given", "_script")

    def __init__(
        self,
        *,
        rings: float = 1.0,
        polls: int | None = None,
        answers: bool | float = True,
        because: Failure = "no-answer",
        is_a: IsA = "human",
        says: Sequence[Entry] = (),
        presses: Sequence[Entry] = (),
        hangs_up_after: float | Mapping[str, Any] | None = None,
        **unknown: Any,
    ) -> None:
        self._given: dict[str, Any] = {
            "rings": rings,
            "polls": polls,
            "answers": answers,
            "because": because,
            "is_a": is_a,
            "says": says,
            "presses": presses,
            "hangs_up_after": hangs_up_after,
            **unknown,
        }
        self._script = checked(Script, "FarEnd", **self._given)

    def __repr__(self) -> str:
        defaults = FarEnd.__init__.__kwdefaults__ or {}
        shown = [f"{k}={v!r}" for k, v in self._given.items() if v != defaults.get(k)]
        return f"FarEnd({', '.join(shown)})"


def script_of(far_end: FarEnd) -> Script:
    """Return the checked script of a far end."""
    return far_end._script  # noqa: SLF001 - it is not for users


def _problems(error: ValidationError, name: str) -> Iterator[str]:
    found: dict[str, str] = {}
    for entry in error.errors(include_url=False, include_input=False):
        loc = [step for step in entry["loc"] if not _is_branch(step)]
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
        if entry["type"] == "extra_forbidden":
            found.setdefault(path, _unknown(loc))
        else:
            found.setdefault(path, _message(entry["type"], entry.get("ctx", {}), entry["msg"]))
    for path, message in found.items():
        yield f"{name}{path}: {message}"


def _is_branch(step: int | str) -> bool:
    """Return whether a step of pydantic's location is the branch of a union, not a key."""
    return isinstance(step, str) and ("[" in step or step in ("bool", "float", "constrained-float"))


def _unknown(loc: Sequence[int | str]) -> str:
    model = Script if len(loc) == 1 else Script.parts.get(str(loc[0]), Cue)
    close = get_close_matches(str(loc[-1]), model.model_fields, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(model.model_fields)}"
    return f"is not a key; {hint}"


_MESSAGES = {
    "missing": "is required",
    "literal_error": "must be one of {expected}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "float_type": "must be a number",
    "bool_type": "must be True, False or a number",
    "int_type": "must be a whole number",
    "string_type": "must be a string",
    "string_too_short": "must be a non-empty string",
    "finite_number": "must be a finite number",
    "model_type": "must be a string, a pair or a dict",
    "script": "{text}",
}


def _message(kind: str, context: Mapping[str, Any], fallback: str) -> str:
    text = _MESSAGES.get(kind)
    return text.format(**context) if text else fallback[:1].lower() + fallback[1:]
