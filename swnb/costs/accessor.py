"""`df.sw`: the cost questions, and a view to read, as methods of a DataFrame.

The frame becomes the table that its columns identify, and the function of the same name answers. Frames
of the log (`sw.log.calls()`) name some columns differently; those are renamed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import pandas as pd

from swnb.costs.questions import charging, forecast as forecasting, outliers, sent, statuses
from swnb.costs.tables.money import Unit, checked
from swnb.costs.tables.tables import Tables
from swnb.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from swnb.views import View

_P = ParamSpec("_P")
# The log's names for columns of calls.
_LOG_NAMES = {"call_id": "id", "created": "created_at"}


def _tables(frame: pd.DataFrame, unit: Unit | None) -> Tables:
    """Return a frame as charge lines if it has descriptions, else as calls."""
    if "description" in frame:
        return Tables(charges=frame, unit=unit)
    if "id" not in frame:
        frame = frame.rename(columns=_LOG_NAMES)
    return Tables(calls=frame, unit=unit)


def _of_tables(
    question: Callable[Concatenate[Tables, _P], pd.DataFrame],
) -> Callable[Concatenate[Accessor, _P], pd.DataFrame]:
    @wraps(question)
    def method(self: Accessor, /, *args: _P.args, **kwargs: _P.kwargs) -> pd.DataFrame:
        return question(_tables(self.frame, self.unit), *args, **kwargs)

    return method


def _of_exchanges(
    question: Callable[Concatenate[Any, _P], pd.DataFrame],
) -> Callable[Concatenate[Accessor, _P], pd.DataFrame]:
    @wraps(question)
    def method(self: Accessor, /, *args: _P.args, **kwargs: _P.kwargs) -> pd.DataFrame:
        return question(self.frame, *args, **kwargs)

    return method


@pd.api.extensions.register_dataframe_accessor("sw")
class Accessor:
    """What calls, charge lines or exchanges cost and how they went: `calls.sw.by("day")`.

    Frames of exchanges and events can be read, too: `call.events().sw.show()`.
    """

    unit: Unit | None = None

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def __call__(self, *, unit: Unit) -> Accessor:
        """Name the unit of a `charge` column of integers.

        Parameters
        ----------
        unit : {"usd", "nano"}
            US dollars or nano-dollars.

        Returns
        -------
        Accessor
            The same questions about the same frame: `calls.sw(unit="usd").by("day")`.

        Raises
        ------
        ValueError
            If the unit is neither of the two.

        """
        named = Accessor(self.frame)
        named.unit = checked(unit)
        return named

    def show(
        self,
        command: str | Iterable[str] | None = None,
        outcome: str | Iterable[str] | None = None,
        text: str | None = None,
        *,
        most: int = 1000,
    ) -> View:
        """Return a frame of exchanges or events to read, as `sw.log.show()` does for the log.

        Parameters
        ----------
        command : str or iterable of str, optional
            Commands, such as `"play"`; of events, what they are about, such as `"state"`.
        outcome : str or iterable of str, optional
            Outcomes, such as `"rejected"`; of events, states.
        text : str, optional
            A part of what was said, of an error, an id or a number, in capitals or not.
        most : int, default 1000
            How many rows a notebook shows: the last. A terminal shows at most 60.

        Returns
        -------
        View
            A table in a notebook, text in a terminal; `len()` counts its rows and `df` has them all.

        Raises
        ------
        ConfigurationError
            If the frame is of neither, or if there is no such outcome.

        Examples
        --------
        >>> call.events().sw.show("state")

        """
        if not {"kind", "state"} <= {*self.frame} and not {"command", "outcome"} <= {*self.frame}:
            advice = "use a frame of the log, such as sw.log.df or call.events()"
            raise ConfigurationError("show: not a frame of exchanges or events", advice=advice)
        from swnb.views import view_of  # noqa: PLC0415 - a question about costs needs no view

        return view_of(self.frame, command, outcome, text, most=most)

    by = _of_tables(charging.by)
    per_minute = _of_tables(charging.per_minute)
    rounding = _of_tables(charging.rounding)
    top = _of_tables(charging.top)
    answer_rate = _of_tables(statuses.answer_rate)
    status_counts = _of_tables(statuses.status_counts)
    failures = _of_tables(statuses.failures)
    growth = _of_tables(forecasting.growth)
    forecast = _of_tables(forecasting.forecast)
    unusual = _of_tables(outliers.unusual)
    per_run = _of_tables(sent.per_run)
    per_command = _of_tables(sent.per_command)
    latency = _of_exchanges(sent.latency)
    refusals = _of_exchanges(sent.refusals)
