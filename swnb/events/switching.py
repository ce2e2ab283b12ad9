"""How soon a busy cell lets the background thread go on.

Each read and write of a socket or a file waits for the interpreter's lock, 5 ms by default beside a
cell of pure Python: at 500 callbacks a second a receiver fell behind by minutes. With half a
millisecond it keeps up. A cell pays nothing for it while nothing is heard.
"""

from __future__ import annotations

import sys
import threading

SECONDS = 0.0005


class _Hurry:
    """The interval of the process while it has background threads, and the one from before."""

    def __init__(self) -> None:
        # One that the same thread may take twice: a finalizer can run at any moment.
        self._lock = threading.RLock()
        self._threads = 0
        self._before = 0.0

    def begin(self) -> None:
        """Count a background thread."""
        with self._lock:
            if self._threads == 0:
                self._before = sys.getswitchinterval()
                sys.setswitchinterval(min(SECONDS, self._before))
            self._threads += 1

    def end(self) -> None:
        """Count one less, and after the last restore what was there, unless somebody set another."""
        with self._lock:
            self._threads -= 1
            if self._threads == 0 and sys.getswitchinterval() == min(SECONDS, self._before):
                sys.setswitchinterval(self._before)


_HURRY = _Hurry()
begin, end = _HURRY.begin, _HURRY.end
