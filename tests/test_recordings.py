"""The file of a recording: reviewable, whole, and refused where it is not sound."""

import json
import os
import stat
import threading

import pytest
from support.recorded_run import COMMANDS, DIAL, checkout, recorded

import swnb
from swnb.recordings import RecordingFile, write_recording
from swnb.recordings.lines import decode, encode

pytestmark = pytest.mark.sample(6)


@pytest.fixture
def path(tmp_path):
    return recorded(tmp_path / "recordings" / "checkout.jsonl")


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def changed(path, number, change):
    """Change the JSON of one line, counted from 1."""
    lines = path.read_text().splitlines(keepends=True)
    value = json.loads(lines[number - 1])
    change(value)
    lines[number - 1] = json.dumps(value, sort_keys=True) + "\n"
    path.write_text("".join(lines))


def refusal(path):
    with pytest.raises(swnb.RecordingError) as error:
        RecordingFile(path)
    return str(error.value)


def test_a_recording_has_a_header_and_one_exchange_a_line(path):
    header, *lines = lines_of(path)
    exchanges = [line for line in lines if "event" not in line]
    assert header["format"] == 2
    assert header["events"] == len(lines) - len(exchanges) == 1
    assert header["exchanges"] == len(exchanges)
    assert header["run"]["name"] == "checkout"
    assert [line["command"] for line in exchanges] == COMMANDS


def test_the_keys_of_every_line_are_sorted(path):
    for text in path.read_text().splitlines():
        assert text == json.dumps(json.loads(text), sort_keys=True)


def test_a_recording_is_as_private_as_the_log(path):
    path.chmod(0o644)
    recorded(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(path.parent.glob(".*"))


def test_a_draft_follows_no_link_and_has_no_name_to_guess(path, monkeypatch):
    seen = []
    replace = type(path).replace

    def replaced(draft, target):
        seen.append((draft.name, stat.S_IMODE(draft.stat().st_mode)))
        return replace(draft, target)

    monkeypatch.setattr(type(path), "replace", replaced)
    elsewhere = path.with_name("elsewhere")
    elsewhere.write_text("theirs")
    path.unlink()
    path.symlink_to(elsewhere)
    recorded(path)
    recorded(path)
    assert elsewhere.read_text() == "theirs"
    assert not path.is_symlink()
    assert {mode for _, mode in seen} == {0o600}
    assert len({name for name, _ in seen}) == 2


def older(path, change):
    """Make a recording what an older swnb, which knew fewer secrets, would have written."""
    changed(path, 1, lambda header: header.pop("redaction"))
    changed(path, 6, change)


def test_what_an_older_swnb_left_in_a_recording_is_read_without_it(path):
    older(path, lambda line: line["request"]["params"]["event"].update(pin="canary"))
    with pytest.warns(
        swnb.RecordingWarning, match=r"line 6 contains what looks like a secret, in .*\.pin"
    ):
        recording = RecordingFile(path)
    assert recording.get(3).request["params"]["event"]["pin"] == "[redacted]"
    with pytest.warns(swnb.RecordingWarning):
        again = swnb.replay(path)
    with again:
        checkout(again, pin="another")
        assert again.unused() == []


def test_a_secret_in_a_recording_of_now_is_refused(path):
    changed(path, 6, lambda line: line["request"]["params"]["event"].update(pin="canary"))
    assert "line 6: contains what looks like a secret, in request.params.event.pin" in refusal(path)


def test_the_same_run_gives_the_same_text(tmp_path):
    with swnb.simulate(seed=7) as sw:
        with sw.run("checkout"):
            checkout(sw)
        texts = {
            sw.log.export_run("checkout", tmp_path / name).read_text()
            for name in ("a.jsonl", "b.jsonl")
        }
    assert len(texts) == 1


def test_exchanges_survive_the_file(path, tmp_path):
    with swnb.simulate(seed=7) as sw:
        with sw.run("checkout"):
            checkout(sw)
        ours = [each for _, each in sw.log.source("checkout").places()]
        sw.log.export_run("checkout", path)
    theirs = [each for _, each in RecordingFile(path).places()]
    for one, other in zip(ours, theirs, strict=True):
        one.id = one.run = None
        one.charges = []
        assert one == other


def test_numbers_are_masked_alike_everywhere(tmp_path):
    text = recorded(tmp_path / "masked.jsonl", mask_numbers=True).read_text()
    assert "5550100" not in text
    assert "+15****00" in text
    assert RecordingFile(tmp_path / "masked.jsonl").masked


def test_a_run_that_is_not_there_is_an_error(tmp_path):
    with swnb.simulate() as sw, sw.run("checkout"):
        sw.dial(**DIAL)
        with pytest.raises(
            swnb.LogError, match="has no run named 'chekout'; did you mean 'checkout'"
        ):
            sw.log.export_run("chekout", tmp_path / "run.jsonl")


def test_a_write_that_fails_leaves_what_was_there(path):
    before = path.read_text()

    def broken():
        yield next(each for _, each in RecordingFile(path).places())
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_recording(path, broken(), {})
    assert path.read_text() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("name", "reason"),
    [(".", "is a folder"), ("file/below", "cannot be written, (not a directory|file exists)")],
)
def test_a_place_where_no_recording_can_be_is_an_error(tmp_path, name, reason):
    (tmp_path / "file").touch()
    with pytest.raises(swnb.RecordingError, match=reason):
        write_recording(tmp_path / name, [], {})
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_line_torn_in_the_middle_is_refused(path):
    text = path.read_text()
    path.write_text(text[: len(text) - 100])
    assert f"recording {str(path)!r}, line 10: is incomplete: the file is truncated" in refusal(
        path
    )


def test_a_file_torn_between_lines_is_refused(path):
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-2]))
    assert "line 8: is the last one, but the header counts 8 exchanges and there are 6" in refusal(
        path
    )


def test_an_edit_that_is_no_json_is_refused(path):
    path.write_text(path.read_text().replace('"dial"', "dial", 1))
    assert "line 2: is not JSON" in refusal(path)


def test_an_infinity_is_no_json(path):
    path.write_text(path.read_text().replace('"attempts": 1', '"attempts": Infinity', 1))
    assert "line 2: is not JSON" in refusal(path)


def test_a_newer_version_is_refused(path):
    changed(path, 1, lambda header: header.update(format=3))
    assert "line 1: was written by a newer swnb (format 3; this one reads up to 2)" in refusal(path)


@pytest.mark.parametrize("text", ["", "{}\n", "[]\n", '"text"\n'])
def test_a_file_without_a_header_is_refused(tmp_path, text):
    path = tmp_path / "other.jsonl"
    path.write_text(text)
    assert "line 1: " in refusal(path)


def test_a_secret_is_refused_and_not_repeated(path):
    changed(path, 6, lambda line: line["request"]["params"].update(api_token="canary-value"))
    message = refusal(path)
    assert "line 6: contains what looks like a secret, in request.params.api_token" in message
    assert "canary-value" not in message


def test_a_password_in_a_url_is_refused(path):
    changed(
        path,
        2,
        lambda line: line["request"]["params"].update(url="https://user:canary@example.com"),
    )
    assert "line 2: contains what looks like a secret" in refusal(path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda line: line.pop("command"), "has no 'command'"),
        (lambda line: line.update(outcome="fine"), "has an unknown 'outcome'"),
        (lambda line: line.update(attempts="1"), "has a 'attempts' that is not int"),
        (
            lambda line: line.update(sent_at="yesterday"),
            "has a time that is not an ISO 8601 time",
        ),
        (lambda line: line.update(colour="red"), "has an unknown field"),
    ],
)
def test_a_line_that_is_no_exchange_is_refused(path, change, reason):
    changed(path, 3, change)
    assert f"line 3: {reason}" in refusal(path)


def test_a_recording_that_is_not_there_is_refused(tmp_path):
    assert "cannot be read, no such file" in refusal(tmp_path / "nothing.jsonl")


def test_parameters_that_were_unknown_when_recorded_are_named_in_the_line():
    with swnb.simulate(dry_run=True) as sw:
        call = sw.call("0e9c80d7-a149-4917-892d-420043709f45")
        reply = call.user_event(event={}, extras={"newer": 1})
    line = json.loads(encode(reply.exchange))
    assert line["extras"] == ["newer"]
    assert decode(line)[1] == ["newer"]


def test_a_number_that_names_a_field_is_masked_and_matches(tmp_path):
    event = {"+15550177": "called"}
    with swnb.simulate(seed=7) as sw:
        with sw.run("run"):
            sw.dial(**DIAL).user_event(event=event)
        path = sw.log.export_run("run", tmp_path / "run.jsonl", mask_numbers=True)
        swnb.assert_same(path, "run", log=sw.log)
    assert "5550177" not in path.read_text()
    with swnb.replay(path) as again:
        again.dial(**DIAL).user_event(event=event)
        assert again.unused() == []


def test_a_byte_order_mark_and_blank_lines_at_the_end_are_nothing(path):
    whole = path.read_bytes()
    for form in (b"\xef\xbb\xbf" + whole, whole + b"\n\r\n  \n", whole.replace(b"\n", b"\r\n")):
        path.write_bytes(form)
        file = RecordingFile(path)
        assert [each.command for _, each in file.places()] == COMMANDS
        file.close()


def test_a_blank_line_in_the_middle_is_refused(path):
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:2], "\n", *lines[2:]]))
    assert "line 3: is blank, in the middle" in refusal(path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_named(path, encoding):
    path.write_bytes(path.read_text().encode(encoding))
    message = refusal(path)
    assert "line 1: is encoded in UTF-16" in message
    assert "UTF-8" in message


def test_a_pointer_of_git_lfs_says_how_to_fetch_the_recording(path):
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 123\n")
    assert "Git LFS" in refusal(path)
    assert refusal(path).endswith("git lfs pull")


@pytest.mark.parametrize(("line", "mark"), [(1, "<<<<<<< HEAD"), (3, "======="), (4, ">>>>>>> b")])
def test_a_merge_conflict_is_named(path, line, mark):
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[: line - 1], mark, *lines[line - 1 :], ""]))
    assert f"line {line}: is the marker of a merge conflict" in refusal(path)


def test_a_header_that_counts_nothing_on_purpose_is_told_from_one_that_lost_its_count(path):
    changed(path, 1, lambda header: header.update(exchanges=None))
    file = RecordingFile(path)
    assert len(file) == len(COMMANDS)
    file.close()
    changed(path, 1, lambda header: header.pop("exchanges"))
    assert "not a whole header" in refusal(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_recording_may_come_through_a_pipe(path, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writing = threading.Thread(target=lambda: pipe.write_bytes(path.read_bytes()))
    writing.start()
    file = RecordingFile(pipe)
    writing.join()
    assert [each.command for _, each in file.places()] == COMMANDS
    file.close()
