"""The one writer of HTML tables: heads, rows, rows that span all columns, empty cells."""

import pytest

from swnb import html


def test_a_cell_has_the_style_of_its_column_and_is_escaped():
    table = str(html.grid(["color:a", "color:b"], [["<x>", 1]], head=["one", "two"]))
    assert '<td style="color:a">&lt;x&gt;</td><td style="color:b">1</td>' in table
    assert '<th scope="col" style="color:a">one</th>' in table


def test_none_is_an_empty_cell():
    assert '<td style="s"></td>' in str(html.grid(["s", "s"], [[None, 1]]))


def test_a_table_without_heads_has_no_head():
    assert "<th" not in str(html.grid(["s"], [["x"]]))


def test_a_row_of_one_cell_spans_all_columns():
    table = str(html.grid(["s", "s"], [["title"], ["a", "b"]]))
    assert table.count("colspan") == 1
    assert '<td colspan="2"' in table


def test_a_row_of_another_length_is_an_error():
    with pytest.raises(ValueError, match="zip"):
        html.grid(["s", "s"], [["a", "b", "c"]])


def test_sides_set_both_values_below_their_label():
    table = str(html.sides(("was", "is"), [("1", "2", html.Markup("<i>volume</i>"))]))
    assert table.index("<i>volume</i>") < table.index(">1<") < table.index(">2<")


def test_a_scrolled_box_holds_its_parts():
    box = str(html.scrolled(html.line("a"), html.line("b"), height=20))
    assert "max-height:20em" in box
    assert box.endswith("b</div></div>")
