"""What is given to a command becomes JSON, or is refused with its path and a way out."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections import OrderedDict, UserDict, namedtuple
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd
import pydantic
import pytest
from support.rule_cases import dial

from swnb.commands import COMMANDS, Dial, UserEvent
from swnb.errors import InvalidCommand
from swnb.json_values import DEEPEST, MOST_PROBLEMS, printable

pytestmark = pytest.mark.sample(8)

HALF = "caf\u00e9 \ud83c"


def refused(method: str, **params: Any) -> dict[str, str]:
    with pytest.raises(InvalidCommand) as error:
        COMMANDS[method](**params)
    found = {problem.path: problem.message for problem in error.value.problems}
    assert len(found) == len(error.value.problems)  # nothing is said twice
    return found


class Word(str):
    """A string that cannot be shown."""

    __slots__ = ()

    def __str__(self) -> str:
        raise RuntimeError("not to be asked")

    __repr__ = __str__


class Action(StrEnum):
    CONFIRMED = "order.confirmed"


class Place(IntEnum):
    FIRST = 1


class Colour(Enum):
    RED = "red"


class Order(pydantic.BaseModel):
    number: int = 1


@dataclasses.dataclass
class Item:
    name: str = "a"


class Unshown:
    """Raises whatever is asked of it."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __repr__(self) -> str:
        raise RuntimeError("repr")

    __str__ = __repr__


class Empty(list[Any]):
    def __iter__(self) -> Any:
        raise RuntimeError("canary")


class Torn(dict[str, Any]):
    def items(self) -> Any:
        raise KeyError("canary")


Point = namedtuple("Point", "x y")  # noqa: PYI024 - the untyped kind


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (np.int64(5), 5),
        (np.uint8(5), 5),
        (np.float64(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (np.longdouble(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (pd.Series([1, 2]).iloc[0], 1),
        (pd.Series([1, None], dtype="Int64").iloc[0], 1),
        (Action.CONFIRMED, "order.confirmed"),
        (Place.FIRST, 1),
        (Word("a"), "a"),
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (UserDict(a=np.int8(1)), {"a": 1}),
        (MappingProxyType({"a": (1, 2)}), {"a": [1, 2]}),
        (Point(1, 2), [1, 2]),
        (2**63, 2**63),
        ("\ud83d\ude00", "\U0001f600"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_a_form_in_json_is_sent_as_that(value, sent):
    params = UserEvent(event={"a": [value]}, extras={"more": value}).params
    assert json.loads(json.dumps(params)) == {"event": {"a": [sent]}, "more": sent}
    assert type(params["event"]["a"][0]) is type(sent)


def test_scalars_of_numpy_are_taken_in_every_parameter():
    command = Dial(
        from_=np.str_("+15550100"),
        to=np.str_("+15550101"),
        url="https://example.com",
        timeout=np.int64(30),
        max_price_per_minute=np.float32(0.5),
        status_events=[np.str_("ended")],
    )
    assert json.loads(command.body())["params"]["timeout"] == 30
    assert command.params["max_price_per_minute"] == 0.5
    playing = [{"type": "silence", "params": {"duration": np.int16(2)}}]
    assert COMMANDS["play"](control_id="a", play=playing).params["play"][0]["params"] == {
        "duration": 2
    }
    assert COMMANDS["denoise"](unchecked=np.bool_(True)).unchecked is True


def test_a_whole_number_is_a_number_and_a_bound_holds_for_numpy_too():
    assert Dial(**dial(max_price_per_minute=1)).params["max_price_per_minute"] == 1
    assert "at least 1" in refused("dial", **dial(timeout=np.int64(0)))["timeout"]
    assert "whole number" in refused("dial", **dial(timeout=np.float64(0.5)))["timeout"]


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        (
            datetime(2026, 8, 1, tzinfo=UTC),
            "datetime.datetime, which JSON cannot represent; use .isoformat()",
        ),
        (date(2026, 8, 1), "use .isoformat()"),
        (
            pd.Timestamp("2026-08-01"),
            "pandas.Timestamp, which JSON cannot represent; use .isoformat()",
        ),
        (pd.NaT, "use None"),
        (pd.NA, "use None"),
        (float("nan"), "must be a finite number"),
        (np.float64("nan"), "must be a finite number"),
        (np.float32("inf"), "use None"),
        (np.datetime64("2026-08-01"), "use str(…)"),
        (np.datetime64(1, "ns"), "numpy.datetime64, which JSON cannot represent; use str(…)"),
        (timedelta(1), "use .total_seconds()"),
        (pd.Timedelta(1), "use .total_seconds()"),
        (Decimal("1.50"), "use float(…)"),
        (Fraction(1, 2), "use float(…)"),
        (uuid4(), "use str(…)"),
        (Path("a"), "use str(…)"),
        (1j, "use str(…)"),
        (Colour.RED, "use .value"),
        (Order(), "use .model_dump()"),
        (Item(), "use dataclasses.asdict(…)"),
        (np.array([1]), "use .tolist()"),
        (pd.Series([1]), "use .to_dict()"),
        (pd.DataFrame({"a": [1]}), "use .to_dict()"),
        ({1}, "use list(…)"),
        (frozenset({1}), "use list(…)"),
        (range(2), "use list(…)"),
        ((n for n in "ab"), "use list(…)"),
        ({}.keys(), "use list(…)"),
        (b"x", "use .decode()"),
        (bytearray(b"x"), "use .decode()"),
        (10**5000, "use a string"),
        (-(10**400), "use a string"),
        (object(), "use a dict, a list, a string or a number"),
        (print, "use a dict, a list, a string or a number"),
        (Order, "use a dict, a list, a string or a number"),
        (Torn(), "cannot be read: its test_json_values.Torn raised KeyError"),
        (Empty(), "cannot be read: its test_json_values.Empty raised RuntimeError"),
        (HALF, "\\ud83c"),
        ({HALF: 1}, "is a key that contains half a character, \\ud83c"),
        ({None: 1}, "a key of type NoneType; JSON keys are strings, use str(…)"),
        ({np.int64(1): 1}, "a key of type numpy.int64"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_form_in_json_is_refused_at_its_place_with_a_remedy(value, remedy):
    for method, params in {
        "user_event": {"event": {"rows": [0, {"at": value}]}},
        "ai_message": {"global_data": {"rows": [0, {"at": value}]}},
        "denoise": {"extras": {"rows": [0, {"at": value}]}},
        "transfer": {"dest": {"sections": {"main": [{"set": {"rows": [0, {"at": value}]}}]}}},
    }.items():
        (path, message), *others = refused(method, **params).items()
        assert ".rows[1].at" in path
        assert remedy in message
        assert not others


@pytest.mark.parametrize("name", ["from_", "to", "url", "timeout", "custom_variables", "region"])
@pytest.mark.parametrize(
    "value", [10**5000, HALF, pd.NaT, {1}, Decimal(1)], ids=lambda value: type(value).__name__
)
def test_in_typed_parameters_it_is_named_once(name, value):
    given = {"from_": "+15550100", "to": "+15550101", "url": "https://example.com", name: value}
    assert set(refused("dial", **given)) == {name}


def test_all_of_it_is_named_at_once_beside_what_breaks_a_rule():
    event = {"when": datetime(2026, 8, 1, tzinfo=UTC), "lines": [{"price": Decimal(1)}, {2: 3}]}
    assert set(refused("user_event", event=event, more=b"x")) == {
        "event.when",
        "event.lines[0].price",
        "event.lines[1]",
        "more",
    }
    assert set(refused("dial", **dial(timeout=0, to={1}, url=Decimal(1)))) == {
        "timeout",
        "to",
        "url",
    }


def test_a_column_of_times_is_not_ten_thousand_lines():
    times = list(pd.date_range("2026-08-01", periods=10_000))
    with pytest.raises(InvalidCommand) as error:
        UserEvent(event={"times": times})
    assert len(error.value.problems) == MOST_PROBLEMS + 1
    assert f"and {10_000 - MOST_PROBLEMS} more" in str(error.value)


def test_what_holds_itself_or_lies_deep_is_refused():
    endless: list[Any] = []
    endless += [endless, endless]
    assert refused("user_event", event={"a": endless}) == {
        "event.a[0]": "contains itself",
        "event.a[1]": "contains itself",
    }
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    (message,) = refused("user_event", event={"a": deep}).values()
    assert "nested too deeply" in message


def test_what_is_deep_enough_is_sent_and_twice_is_not_within_itself():
    twice = {"a": 1}
    assert UserEvent(event={"a": twice, "b": [twice, twice]}).params["event"]["b"] == [twice, twice]
    deep: Any = 1
    for _ in range(DEEPEST - 1):
        deep = [deep]
    assert UserEvent(event={"a": deep}).params == {"event": {"a": deep}}


@pytest.mark.parametrize(
    "value",
    [10**5000, HALF, {HALF: 1}, Torn(), pd.NA, float("nan")],
    ids=lambda value: type(value).__name__,
)
def test_a_refusal_of_anything_is_logged(sw, space, value):
    with pytest.raises(InvalidCommand):
        sw.calling.user_event("3b1c5a0e-5d3f-4a58-9a52-0c4f9f1d7e21", event={"a": value})
    assert list(sw.log.df.outcome) == ["refused"]
    assert space.requests == []
    json.dumps(printable(value)).encode()


def test_an_object_that_raises_whatever_it_is_asked_is_refused(sw, space):
    for params in ({"event": {"a": Unshown()}}, {"event": Unshown()}, {"event": {Unshown(): 1}}):
        with pytest.raises(InvalidCommand, match="Unshown"):
            sw.calling.user_event("3b1c5a0e-5d3f-4a58-9a52-0c4f9f1d7e21", **params)
    assert list(sw.log.df.outcome) == ["refused"] * 3
    assert space.requests == []


def test_half_a_character_in_a_call_id_is_refused(sw, space):
    with pytest.raises(InvalidCommand, match="call_id: contains half a character"):
        sw.calling.end(HALF, unchecked=True)
    with pytest.raises(InvalidCommand, match="call_id: contains half a character"):
        sw.voice_log(HALF, unchecked=True)
    with pytest.raises(InvalidCommand, match=r"update\.id: contains half a character"):
        sw.calling.update(id=HALF, status="completed", unchecked=True)
    assert space.requests == []
    str(sw.log.df), repr(sw.log.df)


def test_a_scalar_of_numpy_may_be_a_call_id(sw, space):
    call_id = np.str_(space.inbound())
    assert sw.calling.end(call_id).call_id == call_id


def test_nothing_of_pandas_is_loaded_to_find_out():
    code = (
        "import sys, decimal; from swnb.commands import UserEvent\n"
        "try: UserEvent(event={'a': decimal.Decimal(1)})\n"
        "except ValueError as error: print('float' in str(error), 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
