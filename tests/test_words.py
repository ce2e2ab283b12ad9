"""Numbers with their nouns, and the words of error titles."""

from __future__ import annotations

import pytest

import swnb
from swnb.words import counted


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (0, "call", "0 calls"),
        (1, "call", "1 call"),
        (1200, "open call", "1,200 open calls"),
        (1, "entry", "1 entry"),
        (2, "entry", "2 entries"),
    ],
)
def test_a_noun_goes_with_its_number(number, noun, text):
    assert counted(number, noun) == text


def test_swnb_refuses_and_the_platform_rejects():
    assert swnb.ApiError.title == "rejected"
    refused = (swnb.InvalidCommand, swnb.UnknownCommand, swnb.BudgetExceeded)
    assert {kind.title for kind in refused} == {"refused"}
