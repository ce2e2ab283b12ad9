"""What a forked child does with things of its parent: it has their memory, but none of their threads.

A child that kept a socket that listens would keep its port taken after the parent has closed it, and
a lock that another thread of the parent held is never released in the child.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_acts: weakref.WeakKeyDictionary[Any, Callable[[Any], object]] = weakref.WeakKeyDictionary()


def in_children(owner: T, act: Callable[[T], object]) -> None:
    """Call `act` with `owner` in each child that is forked from now on, while there is an owner."""
    _acts[owner] = act


def _in_child() -> None:
    for owner, act in list(_acts.items()):
        act(owner)


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_in_child)
