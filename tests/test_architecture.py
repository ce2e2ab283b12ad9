"""The rooms import only rooms to their left, and `import swnb` is light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import swnb

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "swnb"
ORDER = [
    {"visible"},
    {"html"},
    {"errors"},
    {"hidden"},
    {"redact", "drafts"},
    {"exchange"},
    {"commands"},
    {"recordings"},
    {"transports", "simulator", "log"},
    {"cards"},
    {"client"},
    {"runs", "costs", "events"},
    {"notebook"},
    {"cli", "pytest_plugin"},
    {"__init__", "__main__"},
]
# The files whose methods open rooms to their right, for people who look for them on a client or a
# log, and the rooms that they may open.
DOORS = {
    PACKAGE / "client" / "doors.py": {"notebook", "costs", "runs"},
    PACKAGE / "log" / "doors.py": {"costs"},
}
RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}
FILES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    """Every room that a file imports at run time, inside functions too."""
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for node in ast.walk(branch)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("swnb.")}
    return found


def test_every_room_has_a_place_in_the_order():
    assert {room_of(path) for path in FILES} <= RANK.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_rooms_to_its_left(path):
    room = room_of(path)
    wrong = {
        other
        for other in imported_rooms(path) - {room} - DOORS.get(path, set())
        if other in RANK and RANK[other] >= RANK[room]
    }
    assert not wrong


@pytest.mark.parametrize("door", DOORS, ids=lambda path: path.parent.name)
def test_the_doors_open_only_when_they_are_used(door):
    tree = ast.parse(door.read_text(encoding="utf-8"))
    at_the_top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert "swnb" not in ast.unparse(ast.Module(at_the_top, []))


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
        "CallReply",
        "Client",
        "ConfigurationError",
        "ConnectionFailed",
        "DamagedRow",
        "DamagedTables",
        "DryRun",
        "Exchange",
        "FabricDeviceLeg",
        "InvalidCommand",
        "Log",
        "LogError",
        "LogWarning",
        "NoRecording",
        "NotCopied",
        "OutcomeUnknown",
        "RateCard",
        "RateLimited",
        "RecordingError",
        "RecordingWarning",
        "Redirected",
        "Reply",
        "RunsDiffer",
        "SendError",
        "SidecarStatus",
        "SimulatedClient",
        "SyncReport",
        "Space",
        "SwnbError",
        "SwnbWarning",
        "Unavailable",
        "UnknownCommand",
        "UnreadableReply",
        "VoiceLog",
        "VoiceLogs",
        "__version__",
        "assert_same",
        "compare",
        "replay",
        "simulate",
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
