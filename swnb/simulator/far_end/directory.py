"""Which far end a number has: by the number, by what it begins with, or the one for all."""

from __future__ import annotations

from swnb.errors import ConfigurationError
from swnb.simulator.far_end.script import Script


class Directory:
    """Far ends by number, by prefix (`+1555*`), or for all (`*`)."""

    def __init__(self) -> None:
        self._by_pattern: dict[str, Script] = {}

    def put(self, number: str, script: Script) -> None:
        """Set who answers at a number, in place of who was set before."""
        if not isinstance(number, str) or not number or "*" in number[:-1]:
            raise ConfigurationError(
                "far_end.number: must be a number or another address, "
                "the beginning of one with * at the end, or * for all"
            )
        self._by_pattern[number] = script

    def find(self, number: str) -> Script | None:
        """Return the far end of a number, the most exact there is, or None without one."""
        fits = (
            pattern
            for pattern in self._by_pattern
            if pattern == number or (pattern[-1] == "*" and number.startswith(pattern[:-1]))
        )
        best = max(fits, key=lambda pattern: (pattern == number, len(pattern)), default=None)
        return None if best is None else self._by_pattern[best]
