"""How heavy forms and the console are: widgets and time of each form, and a console of many calls.

Run with `python benchmarks/forms.py`. Every layout and style counts as a widget, as each is one to
the front end. Times are the best of some builds on a call with a log, in milliseconds, comms
included, with pandas loaded: the first form of a kernel waits for that once. The console's times are those
of its kernel, of 10,000 calls against 100 in the same run, by turns.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ipywidgets import Widget

import swnb
from swnb.commands import COMMANDS
from swnb.exchange import Exchange

BUILDS = 5
FEW, MANY = 100, 10_000  # calls in a console
MOST_RATIO = 3.0
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


def dialed(log: swnb.Log, calls: int) -> None:
    """Log so many calls that were dialed and have ended."""
    for number in range(calls):
        to = f"+1555{number:07}"
        request = {"command": "dial", "params": {"from": "+15550100", "to": to}}
        call_id = f"{number:08}-0000-4000-8000-000000000000"
        began = 1_795_000_000_000_000 + number * 1_000_000
        exchange = Exchange(
            "dial", "simulated", began, call_id, from_="+15550100", to=to, request=request
        )
        log.start(exchange)
        exchange.outcome, exchange.call_status = "accepted", ("ended", "answered")[number % 2]
        exchange.charge_nano, exchange.duration_ms = number * 1_000_000, number * 10
        log.finish(exchange)


def console_steps(sw: swnb.Client, call: swnb.Call) -> dict[str, Callable[[], object]]:
    """Return what is done with a console, by name."""
    console = sw.console()
    form = console.form
    console.selected = call.id
    form._open(COMMANDS["user_event"])  # noqa: SLF001 - as picking it does
    form.value = {"event": {"action": "order.confirmed"}}
    form.call_id = call.id

    def narrow() -> None:
        # Each leaves more than a page of either console's calls; the first reads all that is shown.
        for text in ("ended", "+1555 answered", ""):
            console.filter.value = text

    def sort() -> None:
        for key in ("charge", "status", "from → to", "duration", "age"):
            console.sort.value = key

    return {
        "open": sw.console,
        "three filters": narrow,
        "five orders": sort,
        "follow a send": form.send,
    }


def consoles() -> bool:
    """Print the times of both consoles; return whether the large one is quick enough."""
    best: dict[tuple[int, str], float] = {}
    with tempfile.TemporaryDirectory() as folder:
        sides = {}
        for calls in (FEW, MANY):
            sw = swnb.simulate(log=Path(folder) / f"{calls}.sqlite")
            dialed(sw.log, calls)
            call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
            sides[calls] = (sw, console_steps(sw, call.wait_until("answered")))
        for _ in range(BUILDS):
            for calls, (_, steps) in sides.items():
                for name, step in steps.items():
                    begun = time.perf_counter()
                    step()
                    took = 1000 * (time.perf_counter() - begun)
                    best[calls, name] = min(best.get((calls, name), took), took)
        for sw, _ in sides.values():
            sw.close()
    ratios = {name: best[MANY, name] / best[FEW, name] for _, name in best}
    for name, ratio in ratios.items():
        few, many = best[FEW, name], best[MANY, name]
        print(f"console, {name:14} {FEW:,}: {few:6.1f} ms  {MANY:,}: {many:6.1f} ms  {ratio:.2f}")
    return max(ratios.values()) <= MOST_RATIO


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
    quick = consoles()
    if most > MOST_WIDGETS or slowest > MOST_MS or not quick:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
