"""docs/costs.md has every column, every question with its rule and columns, and every chart."""

import inspect
import re
from pathlib import Path

import pytest

from swnb import costs
from swnb.costs import accessor, charts
from swnb.costs.tables import tables

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "costs.md").read_text(encoding="utf-8")
QUESTIONS = [
    name
    for name in dir(costs)
    if getattr(getattr(costs, name), "__module__", "").startswith("swnb.costs.questions.")
]


@pytest.mark.parametrize("table", ["CALLS", "CHARGES"])
def test_the_page_has_the_columns_of_the_tables(table):
    rows = [
        f"| `{column.name}` | `{column.dtype}` | {column.unit or ''} "
        f"| {'yes' if column.nullable else ''} | {column.about} |"
        for column in getattr(tables, table)
    ]
    expected = "\n".join(
        [
            f"<!-- {table} -->",
            "| column | dtype | unit | may be missing | |",
            "|---|---|---|---|---|",
            *rows,
            "<!-- end -->",
        ]
    )
    assert expected in PAGE


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_has_its_entry(name):
    found = re.search(rf"^### {name}\((.*?)\)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    assert "Columns:" in found[2]


def test_the_package_shows_the_questions_and_their_helpers_and_nothing_else():
    helpers = {"country", "countries", "filtered", "flatten", "read", "write", "charts"}
    types = {"CALLS", "CHARGES", "KEYS", "MissingColumn", "Tables", "UnknownKey"}
    assert len(QUESTIONS) == 14
    assert dir(costs) == sorted({*QUESTIONS, *helpers, *types})


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_is_a_method_of_frames(name):
    assert callable(getattr(accessor.Accessor, name))


def test_every_key_is_on_the_page():
    entry = PAGE[PAGE.index("### by(") : PAGE.index("### per_minute(")]
    assert all(f"`{key}`" in entry for key in costs.KEYS)


@pytest.mark.parametrize("name", ["charges", "by_day", "answer_funnel", "rounding", "timeline"])
def test_every_chart_is_on_the_page(name):
    assert inspect.isfunction(getattr(charts, name))
    assert f"| `{name}(" in PAGE
