"""The seven questions, and what a probe found on each: what was seen, or why it could not be answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

QUESTIONS: dict[int, str] = {
    1: "What type and shape does a user event have on RELAY that was sent over REST?",
    2: "Does a call that REST dialed send any events to RELAY?",
    3: "Does REST command a call that a RELAY session owns?",
    4: "After a cut connection: is the session restored, and is what was missed sent again?",
    5: "What are the headers and bodies of a dial's and a play's status callbacks? Signed?",
    6: "How often, and when, does a callback come again that got HTTP 500?",
    7: "Is the timestamp on RELAY that of the event, or of its sending?",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found on one question, or on one part of it.

    `told` is the answer in words; None if there is none, and then `why_not` says why. `seen` is what
    it rests on, as JSON without anything private.
    """

    question: int
    part: str
    told: str | None
    why_not: str | None = None
    seen: Mapping[str, Any] = field(default_factory=dict)


class Findings:
    """What was found so far."""

    def __init__(self) -> None:
        self.all: list[Finding] = []

    def note(self, question: int, part: str, told: str, **seen: Any) -> None:
        """Note an answer."""
        self.all.append(Finding(question, part, told, seen=seen))

    def miss(self, question: int, part: str, why_not: str) -> None:
        """Note why there is no answer."""
        self.all.append(Finding(question, part, None, why_not))

    def miss_rest(self, questions: tuple[int, ...], why_not: str) -> None:
        """Note why there is no answer to those questions of which nothing is noted yet."""
        known = {finding.question for finding in self.all}
        for question in questions:
            if question not in known:
                self.miss(question, "", why_not)

    def of(self, question: int) -> list[Finding]:
        """Return what was found on one question."""
        return [finding for finding in self.all if finding.question == question]
