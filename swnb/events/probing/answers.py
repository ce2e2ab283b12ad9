"""What is asked of an account, what was seen of it, and the report that holds no secret."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from swnb.redact import mask_numbers, redact
from swnb.version import VERSION
from swnb.visible import visible

QUESTIONS = (
    "How does a user event come over RELAY: of a call dialed there, offered there, or dialed by REST?",
    "Does a call that REST dialed report anything to a RELAY session?",
    "Does the platform take commands over REST for a call that RELAY dialed?",
    "After a cut: is the session restored, and what was not acknowledged sent again, as the same frame?",
    "What do the status callbacks of a dial and a play look like, and are they signed?",
    "How often and when does a callback come again that was answered with 500?",
    "Is an event's timestamp that of the event, or of its sending?",
)
OPEN = "not answered"


@dataclass(slots=True)
class Answer:
    """The answer to one question, and what it rests on."""

    question: str
    answer: str = OPEN
    seen: list[Any] = field(default_factory=list)

    def note(self, **facts: Any) -> None:
        """Note what was seen."""
        self.seen.append(facts)


class Report:
    """The answers to all questions; `space` says what kind of space they are about."""

    def __init__(self, space: str) -> None:
        self.space = space
        self.answers = [Answer(question) for question in QUESTIONS]
        self.calls = 0
        self.charge: float | None = None

    def __getitem__(self, number: int) -> Answer:
        return self.answers[number - 1]

    def json(self) -> dict[str, Any]:
        """Return the report as JSON: secrets are redacted, phone numbers masked."""
        answers = [
            {"question": one.question, "answer": one.answer, "seen": one.seen}
            for one in self.answers
        ]
        facts = {
            "space": self.space,
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "swnb": VERSION,
            "calls": self.calls,
            "charge": self.charge,
        }
        clean: dict[str, Any] = mask_numbers(redact({**facts, "answers": answers}))
        return clean

    def markdown(self) -> str:
        """Return the report for people, from the same redacted facts."""
        told = self.json()
        charge = "unknown" if told["charge"] is None else f"${told['charge']:.4f}"
        lines = [
            "# What an account tells of its events",
            "",
            f"Asked of a {told['space']} space on {told['date']} by swnb {told['swnb']}.",
            f"It made {told['calls']} calls, which cost {charge}.",
        ]
        for number, one in enumerate(told["answers"], 1):
            lines += ["", f"## {number}. {one['question']}", "", f"**{one['answer']}**"]
            if one["seen"]:
                seen = json.dumps(one["seen"], indent=2, ensure_ascii=False, default=str)
                lines += ["", "```json", visible(seen), "```"]
        return "\n".join(lines) + "\n"
