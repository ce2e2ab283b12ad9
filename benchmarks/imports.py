"""Time to import swnb, beside the official SDK's REST client, each in fresh interpreters."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 9
STATEMENTS = {
    "nothing": "pass",
    "import swnb": "import swnb",
    "swnb.Client": "import swnb; swnb.Client",
    "signalwire.rest": "import warnings; warnings.simplefilter('ignore'); from signalwire.rest import RestClient",
}


def seconds(statement: str) -> float:
    """Return the seconds that a fresh interpreter takes for a statement."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Print the medians, less an interpreter that does nothing, and the ratios."""
    rounds = [{name: seconds(code) for name, code in STATEMENTS.items()} for _ in range(ROUNDS)]
    medians = {name: statistics.median(each[name] for each in rounds) for name in STATEMENTS}
    base = medians.pop("nothing")
    for name, taken in medians.items():
        print(f"{name:20} {(taken - base) * 1000:7.0f} ms")
    sdk = medians["signalwire.rest"] - base
    print(
        f"import swnb / SDK   {(medians['import swnb'] - base) / sdk:.2f}   (target at most 1.00)"
    )
    print(f"swnb.Client / SDK   {(medians['swnb.Client'] - base) / sdk:.2f}")


if __name__ == "__main__":
    main()
