"""What a forked child does with things of its parent: it has their memory, but none of their threads.

A child that kept a socket that listens would keep its port taken after the parent has closed it, and
a lock that another thread of the parent held is never released in the child.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
_PATIENCE = 5.0  # seconds that a fork waits for a lock


class Lock(Protocol):
    """A lock that the thread which forks may hold already."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it."""
        ...

    def release(self) -> None:
        """Give it back."""
        ...


_locks: weakref.WeakKeyDictionary[Any, Lock] = weakref.WeakKeyDictionary()
_held: list[list[Lock]] = []
_acts: weakref.WeakKeyDictionary[Any, Callable[[Any], object]] = weakref.WeakKeyDictionary()


def in_children(owner: T, act: Callable[[T], object]) -> None:
    """Call `act` with `owner` in each child that is forked from now on, while there is an owner."""
    _acts[owner] = act


def hold_while_forking(owner: Any, lock: Lock) -> None:
    """Hold a lock while the process forks, while there is an owner.

    No other thread is then inside what the lock protects: a library in C, whose own locks would stay
    taken in the child for good.
    """
    _locks[owner] = lock


def _before() -> None:
    _held.append([lock for lock in [*_locks.values()] if lock.acquire(timeout=_PATIENCE)])


def _after() -> None:
    for lock in _held.pop():
        lock.release()


def _in_child() -> None:
    _after()
    for owner, act in list(_acts.items()):
        act(owner)


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_in_child)
