"""`df.sw` answers as the functions do, with the help of each."""

import inspect

import pandas as pd
import pytest
from support import cost_accounts as accounts

import swnb
from swnb import costs

TABLES = accounts.small()


@pytest.mark.parametrize(
    "name",
    [
        "per_minute",
        "rounding",
        "top",
        "answer_rate",
        "status_counts",
        "failures",
        "growth",
        "forecast",
        "unusual",
    ],
)
def test_a_frame_of_calls_answers_as_the_function_does(name):
    expected = getattr(costs, name)(TABLES)
    pd.testing.assert_frame_equal(getattr(TABLES.calls.sw, name)(), expected)


def test_a_frame_of_charge_lines_answers_by_description():
    expected = costs.by(TABLES, "description", "month")
    pd.testing.assert_frame_equal(TABLES.charges.sw.by("description", "month"), expected)


def test_a_frame_of_exchanges_answers_what_was_sent():
    sent = accounts.exchanges()
    pd.testing.assert_frame_equal(sent.sw.latency(), costs.latency(sent))
    pd.testing.assert_frame_equal(sent.sw.refusals(), costs.refusals(sent))
    pd.testing.assert_frame_equal(TABLES.calls.sw.per_run(sent), costs.per_run(TABLES, sent))
    pd.testing.assert_frame_equal(
        TABLES.calls.sw.per_command(sent), costs.per_command(TABLES, sent)
    )


def test_the_calls_of_the_log_answer_by_their_own_names():
    with swnb.simulate() as sw:
        sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
        assert sw.log.calls().sw.by("day")["calls"].tolist() == [1]


def test_a_method_has_the_signature_and_the_words_of_its_function():
    method = TABLES.calls.sw.top
    assert list(inspect.signature(method).parameters) == ["keys", "n", "measure"]
    assert method.__doc__ == costs.top.__doc__
