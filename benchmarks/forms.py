"""How heavy the form of each command is before its options are opened: widgets, and time to build.

Run with `python benchmarks/forms.py`. Every layout and style counts as a widget, as each is one to
the front end. Times are the best of some builds on a call with a log, in milliseconds, comms
included, with pandas loaded: the first form of a kernel waits for that once.
"""

from __future__ import annotations

import time

from ipywidgets import Widget

import swnb
from swnb.commands import COMMANDS

BUILDS = 5
MOST_WIDGETS = 60
MOST_MS = 50


def count() -> int:
    """Count the widgets that there are."""
    return len(Widget.get_manager_state()["state"])


def measure(sw: swnb.Client, name: str, call: swnb.Call) -> tuple[int, float]:
    """Return the widgets of a command's form, and the milliseconds of its best build."""
    Widget.close_all()
    sw.form(name, call)
    widgets = count()
    times = []
    for _ in range(BUILDS):
        begun = time.perf_counter()
        sw.form(name, call)
        times.append(1000 * (time.perf_counter() - begun))
    return widgets, min(times)


def main() -> None:
    """Print both for each command, the heaviest last, and fail beyond the limits."""
    with swnb.simulate() as sw:
        call = sw.dial(
            from_="+15550100", to="+15550101", url="https://example.com/swml"
        ).wait_until("answered")
        sw.form("play", call)  # loads pandas
        found = {name: measure(sw, name, call) for name in COMMANDS}
    for name, (widgets, ms) in sorted(found.items(), key=lambda item: item[1]):
        print(f"{name:30} {widgets:3} widgets {ms:6.1f} ms")
    most, slowest = (max(column) for column in zip(*found.values(), strict=True))
    print(f"most: {most} widgets (at most {MOST_WIDGETS}), {slowest:.1f} ms (at most {MOST_MS})")
    if most > MOST_WIDGETS or slowest > MOST_MS:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
