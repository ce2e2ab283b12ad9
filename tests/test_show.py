"""`swnb show`: a recording as people read it, in a terminal and in `git diff`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.dialing import DIAL

import swnb
from swnb.cli import main

ROOT = Path(__file__).resolve().parents[1]


def record(path, event, *, seed=1):
    with swnb.simulate(seed=seed) as sw, sw.run("checkout"):
        call = sw.dial(**DIAL)
        call.user_event(event={"action": event, "password": "canary"})
        with pytest.raises(swnb.ApiError):
            sw.calling.user_event("11111111-2222-4333-8444-555555555555", event={"a": 1})
        sw.log.export_run("checkout", path)
    return path


def shown(path):
    result = CliRunner().invoke(main, ["show", str(path)])
    assert result.exit_code == 0, result.output
    return result.output


def test_exchanges_are_headlines_with_what_was_said_and_answered(tmp_path):
    lines = shown(record(tmp_path / "a.jsonl", "order.confirmed")).splitlines()
    assert lines[0] == "3 exchanges · 0 events"
    assert "name: checkout" in lines
    assert "→ dial  accepted · 200 · queued · $0.00 · call #1" in lines
    assert any(line.startswith("→ user_event  accepted · 200") for line in lines)
    assert '    {"event": {"action": "order.confirmed", "password": "[redacted]"}}' in lines
    assert any(line.startswith("→ user_event  rejected · 404") for line in lines)
    assert any(line.startswith("    ✗ ") for line in lines)


def test_two_recordings_of_one_flow_are_shown_alike(tmp_path):
    first = record(tmp_path / "a.jsonl", "order.confirmed")
    second = record(tmp_path / "b.jsonl", "order.confirmed", seed=2)
    assert first.read_text() != second.read_text()
    assert shown(first) == shown(second)


def test_what_cannot_be_used_is_an_error(tmp_path):
    path = record(tmp_path / "a.jsonl", "order.confirmed")
    path.write_text(path.read_text()[:-30])
    for name in (path, tmp_path / "missing.jsonl"):
        result = CliRunner().invoke(main, ["show", str(name)])
        assert result.exit_code == 1
        assert "recording" in result.output
        assert "Traceback" not in result.output


@pytest.mark.slow
def test_git_diff_shows_what_people_read(tmp_path):
    """With the lines of docs/testing.md."""
    page = (ROOT / "docs" / "testing.md").read_text()
    attributes, textconv = (
        "recordings/*.jsonl diff=swnb",
        'git config diff.swnb.textconv "swnb show"',
    )
    assert attributes in page
    assert textconv in page
    folder = tmp_path / "recordings"
    folder.mkdir()
    (tmp_path / ".gitattributes").write_text(attributes + "\n")
    command = tmp_path / "bin" / "swnb"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m swnb "$@"\n')
    command.chmod(0o755)
    paths = [str(command.parent), os.environ["PATH"]]
    environment = {**os.environ, "PATH": os.pathsep.join(paths), "PYTHONPATH": str(ROOT)}

    def git(*arguments):
        done = subprocess.run(
            ["git", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    git("init", "-q")
    git("config", "diff.swnb.textconv", "swnb show")
    record(folder / "checkout.jsonl", "order.confirmed")
    git("add", ".")
    git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "a")
    record(folder / "checkout.jsonl", "order.shipped")
    changed = [
        line for line in git("diff").splitlines() if line[:1] in "+-" and line[1:2] not in "+-"
    ]
    assert changed == [
        '-    {"event": {"action": "order.confirmed", "password": "[redacted]"}}',
        '+    {"event": {"action": "order.shipped", "password": "[redacted]"}}',
    ]


def test_the_headlines_hide_no_control_characters(tmp_path):
    path = record(tmp_path / "a.jsonl", "x")
    lines = path.read_text().splitlines()
    exchange = json.loads(lines[1])
    exchange["error_message"] = "\x1b[31mred\u202e"
    path.write_text("\n".join([lines[0], json.dumps(exchange), *lines[2:]]) + "\n")
    assert not {"\x1b", "\u202e"} & set(shown(path))
