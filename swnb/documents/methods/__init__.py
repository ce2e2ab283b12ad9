"""The SWML methods by name, in the order of the groups below.

What is inside an AI agent, beyond its prompt, is free JSON here: it changes fastest, and each part
of it has rules of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from swnb.documents.methods import agents, audio, calls, flow, telling

if TYPE_CHECKING:
    from swnb.documents.shapes import Method

GROUPS: dict[str, tuple[Method, ...]] = {
    "Calls": calls.METHODS,
    "Flow": flow.METHODS,
    "Sound and input": audio.METHODS,
    "Faxes, messages, requests": telling.METHODS,
    "Agents and transcripts": agents.METHODS,
}
METHODS: dict[str, Method] = {
    method.name: method for methods in GROUPS.values() for method in methods
}
