"""What a traceback shows of the secrets in use: every variable of every frame, and none of them."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import traceback
import warnings
from pathlib import Path

import pytest
from IPython.core.ultratb import VerboseTB
from support.canned_server import CALL_ID, LEG, Answering, answer, hang_up, said

import swnb
from swnb.commands import Dial, Refer
from swnb.hidden import HiddenBytes, HiddenDict, HiddenText, Secrets, sealed
from swnb.session.credentials import VARIABLES
from swnb.transports.live import basic

pytestmark = pytest.mark.sample(2)

ROOT = Path(__file__).resolve().parents[1]
PROJECT, TOKEN, PASSWORD = "8f0119a4", "PTcanary7f3a9c55d1", "Passw0rd-of-a-sip-phone"
SECRETS = (TOKEN, basic(PROJECT, TOKEN), PASSWORD)
DIAL = {"from_": "+15550100", "to": "sip:a@example.com", "url": "https://example.com/swml"}
DIAL_WIRE = {"from": DIAL["from_"], "to": DIAL["to"], "url": DIAL["url"], "username": "u"}
REFER = {"type": "sip", "params": {"to": "sip:a@example.com", "username": "u"}}


def dial(sw):
    return sw.dial(**DIAL, username="u", password=PASSWORD)


def refer(sw):
    device = REFER | {"params": REFER["params"] | {"password": PASSWORD}}
    return sw.call(CALL_ID).refer(device=device)


USES = {
    "dial": dial,
    "wire level": lambda sw: sw.calling.dial(**DIAL, username="u", password=PASSWORD),
    "call": refer,
    "update": lambda sw: sw.call(CALL_ID).update(swml={"password": PASSWORD}),
    "command": lambda sw: sw.command(Refer, {"device": {"password": PASSWORD}}, CALL_ID),
    "body": lambda sw: sw.send({"command": "dial", "params": {**DIAL_WIRE, "password": PASSWORD}}),
    "wrong body": lambda sw: sw.send({"command": "dial", "password": PASSWORD}),
    "no body": lambda sw: sw.send(PASSWORD),
    "update by position": lambda sw: sw.call(CALL_ID).update(PASSWORD),
    "refused": lambda sw: sw.dial(from_="+15550100", pasword=PASSWORD, password=[PASSWORD]),
    "refused on a call": lambda sw: sw.call(CALL_ID).refer(device={"password": PASSWORD}),
    "call id": lambda sw: sw.calling.end(TOKEN),
    "call in hand": lambda sw: sw.call(PASSWORD),
    "call to read": lambda sw: sw.voice_log(PASSWORD),
    "reading": lambda sw: sw.voice_log(CALL_ID),
    "listing": lambda sw: list(sw.voice_logs()),
    "sync": lambda sw: sw.sync(),
}
ANSWERS = {
    "401": said({"error": f"{TOKEN} {PASSWORD}"}, 401),
    "500": said({"error": PASSWORD}, 500),
    "html": answer(200, PASSWORD.encode(), Content_Type="text/html"),
    "nothing": hang_up,
}


def frames(error):
    """Give every frame that an exception leads to."""
    seen, following = set(), [error]
    while following:
        found = following.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        following += [found.__cause__, found.__context__]
        yield from (frame for frame, _ in traceback.walk_tb(found.__traceback__))


def shown(error):
    """Give all that is shown of an exception, by what is at hand to show variables.

    The frames of this file are left out: they are the user's own, and name secrets.
    """
    trace = error.__traceback__
    while trace and Path(trace.tb_frame.f_code.co_filename) == Path(__file__):
        trace = trace.tb_next
    assert trace
    error = error.with_traceback(trace)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        texts = ["".join(traceback.TracebackException.from_exception(
            error, capture_locals=True).format())]  # fmt: skip
        kind = (type(error), error, error.__traceback__)
        texts += [VerboseTB(tb_offset=0, **_plain()).text(*kind), *by_cgitb(kind)]
    for frame in frames(error):
        for value in frame.f_locals.values():
            texts += [repr(value), str(value)]
            # A debugger's view of it: the variables of objects.
            texts += [repr(vars(value))] if hasattr(value, "__dict__") else []
    return texts


def by_cgitb(kind):
    """Give what `cgitb` shows, which looks at attributes too, where this Python has it."""
    try:
        import cgitb  # noqa: PLC0415 - gone from Python 3.13 on
    except ImportError:
        return []
    return [cgitb.text(kind, context=11), cgitb.html(kind, context=11)]


def _plain():
    import IPython  # noqa: PLC0415 - for its version alone

    return (
        {"theme_name": "nocolor"} if IPython.version_info[0] >= 9 else {"color_scheme": "NoColor"}
    )


def failing(use, sw):
    """Use a client, and give the exception that came of it."""
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - of every kind
        USES[use](sw)
    return caught.value


def hides(texts, *secrets):
    for secret in secrets or SECRETS:
        assert not [text for text in texts if secret in text]


@pytest.fixture
def client(tmp_path):
    made = []

    def make(host):
        made.append(
            swnb.Client(PROJECT, TOKEN, host, log=tmp_path / "log.sqlite", retries=0, timeout=5.0)
        )
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def nowhere():
    """A host that takes no connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("use", USES)
def test_without_a_host_no_frame_shows_a_secret(client, nowhere, use):
    hides(shown(failing(use, client(nowhere))))


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.parametrize("use", ["dial", "call", "reading", "sync"])
def test_after_an_answer_no_frame_shows_a_secret(client, use, kind):
    # What a reading is told of other requests' passwords, it cannot know to be one.
    secrets = SECRETS if use in ("dial", "call") else SECRETS[:2]
    with Answering(ANSWERS[kind]) as server:
        hides(shown(failing(use, client(server.host))), *secrets)


@pytest.mark.parametrize("use", ["dial", "wire level", "call", "reading", "listing", "sync"])
def test_an_interrupt_in_a_send_shows_no_secret(client, use):
    def interrupt(connection):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        done.wait(60)
        connection.close()

    done = threading.Event()
    # A shell that runs the tests in the background lets its children ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Answering(interrupt) as server:
            error = failing(use, client(server.host))
            done.set()
    finally:
        signal.signal(signal.SIGINT, before)
    assert isinstance(error, KeyboardInterrupt)
    hides(shown(error))


def test_a_fault_inside_shows_its_lines_and_no_variable(client, nowhere, monkeypatch):
    sw = client(nowhere)
    monkeypatch.setattr(
        type(sw._session.transport), "send", lambda _, request: request.no_such_name
    )
    error = failing("dial", sw)
    assert isinstance(error, AttributeError)
    assert "transport.send(request)" in "".join(error.__notes__)
    hides([*shown(error), *error.__notes__])


def test_what_the_user_was_handling_stays_known(client, nowhere):
    sw = client(nowhere)

    def while_handling():
        try:
            int("mine")
        except ValueError:
            dial(sw)

    with pytest.raises(swnb.ConnectionFailed) as caught:
        while_handling()
    assert "mine" in str(caught.value.__context__)
    assert not caught.value.__suppress_context__


def test_a_command_that_is_refused_shows_no_secret():
    with pytest.raises(swnb.InvalidCommand) as caught:
        Dial(password=[PASSWORD], swml={"token": TOKEN}, pasword=PASSWORD)
    hides(shown(caught.value))


def test_a_rule_that_fails_shows_no_secret(monkeypatch):
    monkeypatch.setattr(Dial, "rules", classmethod(lambda _, given: 1 / len(given["no such name"])))
    with pytest.raises(KeyError) as caught:
        Dial(**DIAL, password=PASSWORD)
    hides(shown(caught.value))


@pytest.mark.parametrize(
    "given",
    [
        {"host": f"https://u:{PASSWORD}@example.com"},
        {"timeout": -1},
        {"retries": None},
        {"token": "PT" + TOKEN, "host": "no host"},
        {"budget": "a lot"},
        {"log": 7},
    ],
)
def test_a_client_that_was_not_made_shows_no_secret(given, monkeypatch):
    monkeypatch.setenv(VARIABLES["token"], TOKEN)
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - of every kind
        swnb.Client(**{"project": PROJECT, "token": TOKEN, "host": "example.com"} | given)
    hides(shown(caught.value))
    made = [frame.f_locals["self"] for frame in frames(caught.value) if "self" in frame.f_locals]
    assert made
    for sw in made:
        hides([repr(sw), str(sw), sw._repr_html_(), repr(vars(sw))])
        assert repr(sw) == "<swnb.Client, not initialized>"


def test_the_variables_of_a_client_show_no_secret(client, nowhere):
    sw = client(nowhere)
    parts = [sw, sw._session.transport, sw._session.transport._pool, sw.log, sw.calling]
    hides([repr(vars(part)) for part in parts])


def test_a_proxys_credentials_are_in_no_frame(client, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{PASSWORD}@127.0.0.1:1")
    hides(shown(failing("dial", client("space.example.com"))))


@pytest.mark.parametrize("token", ["t", "PT12345"])
def test_a_token_that_is_too_short_is_refused(token, monkeypatch):
    monkeypatch.setenv(VARIABLES["token"], token)
    for given in (token, None):
        with pytest.raises(swnb.ConfigurationError, match=r"^token: is malformed") as caught:
            swnb.Client(PROJECT, given, "example.com", log=":memory:")
        assert f"{token!r}" not in "".join(shown(caught.value))


def test_a_token_of_eight_characters_is_taken():
    with swnb.Client(PROJECT, "PT123456", "example.com", log=":memory:") as sw:
        assert "PT123456" not in repr(sw)


@pytest.mark.parametrize(
    "use",
    [
        lambda sw: sw.calling.end(PASSWORD),
        lambda sw: sw.calling.end(call_id=PASSWORD),
        lambda sw: sw.calling.update(id=PASSWORD, status="completed"),
        lambda sw: sw.voice_log(PASSWORD),
        lambda sw: sw.voice_log_events(PASSWORD),
        lambda sw: sw.command(Refer, {}, PASSWORD),
    ],
)
def test_a_secret_given_as_call_id_is_not_kept(witness, use):
    server, seen = witness(said(LEG))
    with pytest.raises(swnb.InvalidCommand) as caught:
        use(seen.sw)
    assert server.requests == []
    assert list(seen.sw.log.df.outcome) == ["refused"]
    hides(shown(caught.value))
    seen.failed(caught.value)
    seen.hides(PASSWORD)


def test_a_secret_typed_as_call_id_into_a_form_is_not_kept(witness):
    server, seen = witness(said(LEG))
    form = seen.sw.form("end")
    form.call_id = PASSWORD
    assert form.send() is None
    assert server.requests == []
    assert list(seen.sw.log.df.outcome) == ["refused"]
    seen.hides(PASSWORD)


def test_one_secret_that_begins_with_another_is_taken_out_whole(witness):
    whole = f"{PASSWORD}-and-more"
    for first, second in ((PASSWORD, whole), (whole, PASSWORD)):
        device = REFER | {"params": REFER["params"] | {"username": "u", "password": first}}
        server, seen = witness(said({"error": f"no: {whole}, {PASSWORD}."}, 401))
        with pytest.raises(swnb.ApiError) as caught:
            seen.sw.calling.refer(CALL_ID, device=device, extras={"token": second})
        assert len(server.requests) == 1
        assert caught.value.exchange.response == {"error": "no: [redacted], [redacted]."}


def test_a_token_that_begins_with_a_password_is_taken_out_whole(witness):
    device = REFER | {"params": REFER["params"] | {"password": TOKEN[:10]}}
    _, seen = witness(said({"error": f"no: {TOKEN}."}, 401), token=TOKEN)
    with pytest.raises(swnb.ApiError) as caught:
        seen.sw.calling.refer(CALL_ID, device=device)
    assert caught.value.exchange.response == {"error": "no: [redacted]."}


def test_what_hides_shows_nothing_and_is_what_it_holds():
    held = [
        HiddenDict(name=PASSWORD),
        HiddenBytes(PASSWORD.encode()),
        HiddenText(HiddenText(PASSWORD)),
        Secrets([PASSWORD, "", PASSWORD]),
    ]
    for each in held:
        hides([repr(each), str(each), f"{each}", f"{each!r}", repr([each]), f"{[each]}"])
    assert held == [{"name": PASSWORD}, PASSWORD.encode(), PASSWORD, (PASSWORD,)]
    assert type(held[2].reveal()) is str
    assert held[2].reveal() == PASSWORD


def test_nothing_is_sealed_where_nothing_is_raised():
    with sealed():
        pass
    assert sys.exception() is None


TESTS = f"""
    import os
    import pytest
    import swnb

    DIAL = {DIAL!r}

    @pytest.fixture
    def sw(host):
        with swnb.Client(log=":memory:", retries=0) as client:
            yield client

    @pytest.fixture(params=["nowhere", "rejecting", "silent"])
    def host(request, monkeypatch):
        monkeypatch.setenv("SIGNALWIRE_SPACE", os.environ[request.param])

    def of_environment():
        return DIAL | {{"username": "u", "password": os.environ["PASSWORD"]}}

    def test_a_dial(sw):
        sw.dial(**of_environment())

    def test_a_refusal(sw):
        sw.dial(**of_environment(), colour="red")

    def test_a_client(monkeypatch):
        monkeypatch.setenv("SIGNALWIRE_SPACE", "no host")
        swnb.Client(log=":memory:")
"""


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("-l", "-vv", "--tb=long")])
def test_a_pytest_report_shows_no_secret(tmp_path, nowhere, options):
    source = "\n".join(line[4:] for line in TESTS.split("\n"))
    (tmp_path / "test_use.py").write_text(source, encoding="utf-8")
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PASSWORD": PASSWORD,
        VARIABLES["project"]: PROJECT,
        VARIABLES["token"]: TOKEN,
        "nowhere": nowhere,
    }
    with Answering(ANSWERS["401"]) as rejecting, Answering(hang_up) as silent:
        environment |= {"rejecting": rejecting.host, "silent": silent.host}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--junitxml=junit.xml", *options],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=100,
        )  # fmt: skip
    assert "7 failed" in done.stdout
    assert len(rejecting.requests) == len(silent.requests) == 1
    hides([done.stdout, done.stderr, (tmp_path / "junit.xml").read_text(encoding="utf-8")])


@pytest.mark.kernel
def test_a_kernel_in_verbose_mode_that_is_interrupted_shows_no_secret():
    arrived, done = queue.Queue(), threading.Event()

    def silence(connection):
        arrived.put(connection)
        done.wait(60)
        connection.close()

    with Answering(silence) as server:
        from jupyter_client.manager import KernelManager  # noqa: PLC0415 - takes seconds to load

        manager = KernelManager(transport="ipc")
        environment = {
            "PYTHONPATH": str(ROOT),
            "PASSWORD": PASSWORD,
            VARIABLES["project"]: PROJECT,
            VARIABLES["token"]: TOKEN,
            VARIABLES["host"]: server.host,
        }
        manager.start_kernel(env=os.environ | environment)
        client = manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=60)
            ready = f"%xmode Verbose\nimport os, swnb\nDIAL = {DIAL!r}\nsw = swnb.Client(log=':memory:')"
            assert client.execute_interactive(ready, timeout=60)["content"]["status"] == "ok"
            client.execute("sw.dial(**DIAL, username='u', password=os.environ['PASSWORD'])")
            arrived.get(timeout=60)
            os.kill(manager.provisioner.pid, signal.SIGINT)
            reply = client.get_shell_msg(timeout=60)["content"]
            assert reply["status"] == "error"
            hides(["\n".join(reply["traceback"]), str(reply)])
        finally:
            done.set()
            client.stop_channels()
            manager.shutdown_kernel(now=True)
            manager.cleanup_resources()
