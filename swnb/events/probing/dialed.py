"""What is asked of a call that REST dialed, of its callbacks, and of a call that was offered."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from typing import Any

from swnb.errors import SwnbError
from swnb.events.calls.call import HeardCall
from swnb.events.probing.calls import SOON, Probing
from swnb.events.probing.owned import note_user_event
from swnb.events.probing.watching import Post, shape

PART = "a call that REST dialed"
OFFERED = "a call that was offered to this session"
_RING = 45.0  # seconds to answer
_SHOWN_HEADERS = ("content-type", "user-agent")


def ask_dialed(probing: Probing) -> None:
    """Dial over REST, and ask questions 1, 2, 5 and 6."""
    plan, findings = probing.plan, probing.findings
    probing.say("dialing over REST")
    silence = f"silence:{plan.minutes[1] * 60}"
    swml = {"version": "1.0.0", "sections": {"main": [{"play": {"url": silence}}, "hangup"]}}
    try:
        with ExitStack() as calls:
            call = probing.dial(
                from_=plan.from_,
                to=plan.inbound_to if plan.context else plan.to,
                swml=swml,
                timeout=30,
                max_price_per_minute=plan.price,
            )
            calls.enter_context(probing.up(call))
            _ask_offered(probing, calls)
            call.wait_until("answered", timeout=_RING)
            note_user_event(probing, PART, "dialed", probing.tell(call, "dialed"))
            _ask_callbacks(probing, call)
            _note_events(probing, call)
    except SwnbError as error:
        why = f"the call over REST: {error.message}"
        findings.miss_rest((2, 5, 6), why)
        if not any(finding.part == PART for finding in findings.of(1)):
            findings.miss(1, PART, why)


def _ask_offered(probing: Probing, calls: ExitStack) -> None:
    """Answer the call that is offered, and ask how a user event on it arrives."""
    context = probing.plan.context
    if context is None:
        probing.findings.miss(1, OFFERED, "no context was given: --context, --inbound-to")
        return
    probing.pace.offer(context)
    try:
        offered = calls.enter_context(probing.up(probing.inbox.calls.wait(timeout=_RING)))
        offered.answer().wait_until("answered", timeout=_RING)
    except SwnbError as error:
        probing.findings.miss(1, OFFERED, error.message)
        return
    note_user_event(probing, OFFERED, "offered", probing.tell(offered, "offered"))


def _note_events(probing: Probing, call: HeardCall) -> None:
    """Note what RELAY told of a call that REST dialed."""
    frames = probing.frames.of_call(call.id)
    types = dict(Counter(frame.type for frame in frames))
    told = f"yes: {', '.join(types)}" if types else "no event but what is noted under question 1"
    probing.findings.note(2, PART, told, events=types)


def _ask_callbacks(probing: Probing, call: HeardCall) -> None:
    """Let a play be called back, and another whose callbacks get HTTP 500."""
    findings, why = probing.findings, probing.no_callbacks
    if why is not None:
        findings.miss_rest((5, 6), why)
        return
    _play(probing, call)
    probing.pace.until(lambda: probing.posts.of("dial") and probing.posts.of("play"), 4 * SOON)
    for purpose in ("dial", "play"):
        posts = probing.posts.of(purpose)
        if posts:
            findings.note(5, purpose, _words(posts[0]), **_seen(posts[0]))
        else:
            findings.miss(5, purpose, f"none came within {4 * SOON:g} s")
    known = len(probing.posts.of("play"))
    probing.posts.failing = "play"
    _play(probing, call)
    probing.say(f"answering callbacks with HTTP 500, for {probing.plan.patience} s")
    probing.pace.pause(probing.plan.patience)
    _linger(probing)
    probing.posts.failing = None
    _note_repeats(probing, probing.posts.of("play")[known:])


def _play(probing: Probing, call: HeardCall) -> None:
    probing.play(call)
    probing.pace.pause(3)


def _linger(probing: Probing) -> None:
    """Wait until no callback comes any more: where time is virtual, they come in real time."""
    count = -1
    while count != (count := len(probing.posts.of("play"))):
        probing.pace.until(lambda: False, SOON)


def _note_repeats(probing: Probing, posts: list[Post]) -> None:
    if not posts:
        probing.findings.miss(6, "play", "no callback came to be refused")
        return
    first = [post.at for post in posts if post.body == posts[0].body]
    seconds = [round(at - first[0], 1) for at in first]
    told = f"{len(first)} times within {probing.plan.patience} s"
    if len(first) > 1:
        told += f", {', '.join(f'{at:g}' for at in seconds[1:])} s after the first"
    probing.findings.note(6, "play", told, attempts=len(first), seconds=seconds)


def _words(post: Post) -> str:
    seen = _seen(post)
    signed = f"signed ({', '.join(seen['signatures'])})" if seen["signatures"] else "not signed"
    return f"{seen['form']}, {seen['headers'].get('content-type', 'no content type')}, {signed}"


def _seen(post: Post) -> dict[str, Any]:
    document = post.document
    is_object = isinstance(document, dict)
    enveloped = is_object and "event_type" in document and isinstance(document.get("params"), dict)
    form = "envelope" if enveloped else "flat object" if is_object else "no JSON object"
    return {
        "form": form,
        "headers": {name: post.headers[name] for name in _SHOWN_HEADERS if name in post.headers},
        "other_headers": sorted(name for name in post.headers if name not in _SHOWN_HEADERS),
        "signatures": sorted(name for name in post.headers if "signature" in name),
        "body": shape(document),
    }
