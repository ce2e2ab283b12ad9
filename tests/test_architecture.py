"""The rooms import only rooms above them, no two files in a circle; `import swnb` is light."""

import re
import runpy
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import swnb

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "swnb"
# Each room imports only rooms above it: design and CONTRIBUTING.md say what each knows.
ORDER = [
    "version",
    "words",
    "forks",
    "visible",
    "progress",
    "html",
    "exchange",
    "errors",
    "hidden",
    "redact",
    "drafts",
    "event",
    "json_values",
    "documents",
    "commands",
    "recordings",
    "cards",
    "views",
    "costs",
    "transports",
    "simulator",
    "log",
    "session",
    "events",
    "runs",
    "notebook",
    "client",
    "cli",
    "pytest_plugin",
    "__init__",
    "__main__",
]
FILES = sorted(PACKAGE.rglob("*.py"))
ROOMS = runpy.run_path(str(ROOT / "docs" / "rooms.py"))
MODULES, IMPORTS, room_of = ROOMS["MODULES"], ROOMS["imports"](), ROOMS["room_of"]


def test_every_room_has_a_place_in_the_order():
    assert {room_of(module) for module in MODULES} == set(ORDER)


@pytest.mark.parametrize("module", [name for name in MODULES if name != "swnb"])
def test_a_room_imports_only_rooms_above_it(module):
    rank = ORDER.index(room_of(module))
    rooms = {room_of(other) for other in IMPORTS[module]} - {room_of(module)}
    assert {room for room in rooms if ORDER.index(room) >= rank} == set()


def test_no_files_import_each_other_in_a_circle():
    """What is left when every file that imports none of the rest is taken away, again and again."""
    left = {module: imports - {"swnb"} for module, imports in IMPORTS.items() if module != "swnb"}
    while free := {module for module, imports in left.items() if not imports & left.keys()}:
        left = {module: imports for module, imports in left.items() if module not in free}
    assert left == {}


def test_every_room_is_described():
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = [room for room in ORDER if not room.startswith("__")]
    assert [room for room in rooms if not re.search(rf"`{room}/?`", table)] == []


def test_no_folder_is_crowded():
    counts = Counter(path.parent for path in FILES)
    assert {str(folder): count for folder, count in counts.items() if count > 14} == {}


def test_import_swnb_is_light():
    heavy = [
        "pandas",
        "numpy",
        "ipywidgets",
        "IPython",
        "matplotlib",
        "tornado",
        "pydantic",
        "requests",
        "yaml",
    ]
    code = f"import sys, swnb; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_client_without_frames_loads_no_pandas():
    code = (
        "import sys, swnb; sw = swnb.simulate();"
        "sw.dial(from_='+15550100', to='+15550101', url='https://example.com/swml');"
        "print([name for name in ('pandas', 'IPython', 'matplotlib', 'ipywidgets')"
        " if name in sys.modules]); sw.close()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_are_these():
    assert set(swnb.__all__) == {
        "ApiError",
        "Budget",
        "BudgetExceeded",
        "COMMANDS",
        "Call",
        "CallLeg",
        "CallOver",
        "CallReply",
        "Callbacks",
        "Comparison",
        "Client",
        "ConfigurationError",
        "ConnectionFailed",
        "DamagedRow",
        "DamagedTables",
        "DryRun",
        "Event",
        "Exchange",
        "FabricDeviceLeg",
        "FarEnd",
        "Inbox",
        "InvalidCommand",
        "InvalidSwml",
        "Log",
        "LogError",
        "LogWarning",
        "NoRecording",
        "NotCopied",
        "OfferedCalls",
        "Operation",
        "OutcomeUnknown",
        "RateCard",
        "RateLimited",
        "RecordingError",
        "RecordingWarning",
        "Redirected",
        "ReplayClient",
        "Reply",
        "Run",
        "RunsDiffer",
        "SendError",
        "SidecarStatus",
        "SimulatedClient",
        "SyncReport",
        "Space",
        "SwmlDocument",
        "SwnbError",
        "SwnbWarning",
        "Unavailable",
        "UnknownCommand",
        "UnreadableReply",
        "VoiceLog",
        "VoiceLogs",
        "WaitTimeout",
        "__version__",
        "assert_same",
        "compare",
        "replay",
        "simulate",
        "swml",
    }


@pytest.mark.parametrize("name", swnb.__all__)
def test_every_public_name_can_be_had(name):
    assert getattr(swnb, name) is not None
    assert name in dir(swnb)


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Clinet'"):
        swnb.Clinet  # noqa: B018 - the access is the test


def test_no_file_is_overlong():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in FILES}
    assert {name: length for name, length in lengths.items() if length > 320} == {}
