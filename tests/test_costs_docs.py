"""docs/costs.md has every column, every question with its rule and columns, and every chart."""

import inspect
import re
from pathlib import Path

import pytest

from swnb.costs import accessor, analysis, charts
from swnb.costs.tables import tables

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "costs.md").read_text(encoding="utf-8")
QUESTIONS = [name for name in analysis.__all__ if inspect.isfunction(getattr(analysis, name))]


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


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_is_a_method_of_frames(name):
    assert callable(getattr(accessor.Accessor, name))


def test_every_key_is_on_the_page():
    entry = PAGE[PAGE.index("### by(") : PAGE.index("### per_minute(")]
    assert all(f"`{key}`" in entry for key in analysis.KEYS)


@pytest.mark.parametrize("name", ["charges", "by_day", "answer_funnel", "rounding", "timeline"])
def test_every_chart_is_on_the_page(name):
    assert inspect.isfunction(getattr(charts, name))
    assert f"| `{name}(" in PAGE
