"""Methods that decide what runs next: conditions, jumps, subroutines, variables."""

from __future__ import annotations

from swnb.documents.shapes import (
    ANY,
    BRANCHES,
    FREE,
    INTEGER,
    STEPS,
    TEXT,
    field,
    fields,
    integer,
    listed,
    method,
)

_ELSE = "The steps that run if the condition does not hold."
CONDITIONS = listed(
    fields(
        field("when*", "The condition, an expression in JavaScript.", TEXT),
        field("then*", "The steps that run if it holds.", STEPS),
        field("else", _ELSE, STEPS),
    ),
    fields(field("else*", _ELSE, STEPS)),
)
_CASE = field("case*", "The steps to run for each value of the variable.", BRANCHES)
_DEFAULT = field("default", "The steps that run if no case fits.", STEPS)
_VARIABLE = "The name of the variable to compare, without its dollar sign and braces."
# What runs after a method that has a result: cases of a variable, or conditions.
RESULT = (
    fields(field("variable", _VARIABLE, TEXT), _CASE, _DEFAULT),
    CONDITIONS,
)
RESULT_OF_NAMED = (
    fields(field("variable*", _VARIABLE, TEXT), _CASE, _DEFAULT),
    CONDITIONS,
)

METHODS = (
    method("cond", "Run steps if a condition holds, others if not.", CONDITIONS),
    method(
        "switch",
        "Run steps by the value of a variable.",
        fields(field("variable*", _VARIABLE, TEXT), _CASE, _DEFAULT),
    ),
    method(
        "execute",
        "Run a section or a document at a URL as a subroutine, then go on.",
        fields(
            field("dest*", "A section of this document, or a URL.", TEXT),
            field("params", "What the subroutine reads as params.", FREE),
            field("meta", "Data of your own that is passed along.", FREE),
            field("on_return", "The steps that run when it returns.", STEPS),
            field("result", "What to run by the value that it returns.", *RESULT),
        ),
    ),
    method("return", "Go back to where `execute` stands, with a value of any kind.", ANY),
    method(
        "goto",
        "Jump to a label of the same section.",
        fields(
            field("label*", "The label to jump to.", TEXT),
            field("when", "A condition in JavaScript; the jump is made if it holds.", TEXT),
            field("max", "How often the jump may be made.", integer(1, 100), assumed=100),
        ),
    ),
    method("label", "Name a place that `goto` can jump to.", TEXT),
    method("set", "Set variables.", FREE),
    method("unset", "Remove a variable, or several.", TEXT, listed(TEXT)),
    method(
        "sleep",
        "Wait.",
        fields(field("duration*", "How long; -1 waits forever.", integer(-1), unit="milliseconds")),
        INTEGER,
    ),
    method(
        "transfer",
        "Leave this document for a section, a document at a URL or another destination.",
        fields(
            field("dest*", "The section, URL or address that takes over.", TEXT),
            field("params", "What it reads as params.", FREE),
            field("meta", "Data of your own that is passed along.", FREE),
        ),
    ),
)
