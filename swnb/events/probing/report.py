"""The report of a probe, as Markdown and as JSON, without numbers, tokens and secret paths."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from swnb.drafts import draft_of
from swnb.events.probing.findings import QUESTIONS, Finding, Findings
from swnb.events.probing.plan import Plan
from swnb.redact import Masker, known_numbers, redact
from swnb.session.session import Session
from swnb.version import VERSION
from swnb.visible import visible


class Report:
    """What a probe found."""

    def __init__(self, session: Session, plan: Plan, findings: Findings) -> None:
        self._session = session
        self._numbers = Masker(
            known_numbers({"from": plan.from_, "to": plan.to, "number": plan.inbound_to})
        )
        self._findings = findings
        self._date = datetime.now(UTC).date().isoformat()

    def findings(self, question: int) -> list[Finding]:
        """Return what was found on one question, not redacted."""
        return self._findings.of(question)

    def json(self) -> dict[str, Any]:
        """Return the report as JSON, redacted."""
        questions = [
            {
                "number": number,
                "question": text,
                "findings": [_plain(finding) for finding in self._findings.of(number)],
            }
            for number, text in QUESTIONS.items()
        ]
        facts = {"swnb": VERSION, "date": self._date, "space": self._session.transport.space}
        return {**facts, "questions": [self._clean(question) for question in questions]}

    def markdown(self) -> str:
        """Return the report as Markdown, redacted."""
        document = self.json()
        about = (
            f"`swnb probe` {document['swnb']}, {document['date']}, on a {document['space']} space. "
            "Numbers, tokens and secret paths are left out; of bodies, only the shape is kept."
        )
        lines = ["# What the platform was seen to do", "", about]
        for question in document["questions"]:
            lines += ["", f"## {question['number']}. {question['question']}", ""]
            for finding in question["findings"]:
                lines += _lines(finding)
        return visible("\n".join(lines)) + "\n"

    def write(self, path: Path) -> tuple[Path, Path]:
        """Write both beside each other, as `path.md` and `path.json`, and return where."""
        texts = {
            path.with_name(f"{path.name}.md"): self.markdown(),
            path.with_name(f"{path.name}.json"): json.dumps(self.json(), indent=2) + "\n",
        }
        for target, text in texts.items():
            with draft_of(target) as draft:
                draft.write_text(text, encoding="utf-8")
        markdown, document = texts
        return markdown, document

    def _clean(self, value: Any) -> Any:
        webhooks = self._session.webhooks
        shown = webhooks.shown(value) if webhooks else value
        return self._numbers.mask(redact(shown, self._session.secrets))


def _plain(finding: Finding) -> dict[str, Any]:
    answer = {"part": finding.part, "answered": finding.told is not None}
    if finding.told is None:
        return {**answer, "why_not": finding.why_not}
    return {**answer, "told": finding.told, "seen": dict(finding.seen)}


def _lines(finding: dict[str, Any]) -> list[str]:
    part = f"**{finding['part']}**: " if finding["part"] else ""
    if not finding["answered"]:
        return [f"- {part}not answered: {finding['why_not']}"]
    lines = [f"- {part}{finding['told']}"]
    if finding["seen"]:
        body = json.dumps(finding["seen"], indent=2).replace("\n", "\n  ")
        lines += ["", f"  ```json\n  {body}\n  ```"]
    return lines
