"""How a form shows what came of a request, in the form and as a plain output that stays.

Widgets are gone when a notebook is reopened without a kernel, and so is what is printed into
them. So a form has a second output below it, of plain HTML and text, that each Send replaces. The
same output once carries a few lines of JavaScript, because ipywidgets cannot set attributes from
Python; they are replaced at once, are not saved, and do nothing on reopening.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from typing import Any

from IPython import get_ipython
from IPython.display import display as _display

from swnb import html
from swnb.cards import as_python, reply_card, sources
from swnb.errors import SendError, SwnbError
from swnb.redact import redact_text
from swnb.session.answers.replies import Reply

FORM_CLASS = "swnb-form"

# With the focus on a dropdown or a button, JupyterLab takes `b` and `d d` as commands on cells. It
# looks for this attribute on the focused element itself, from the target up to its own selector.
_KEEP_KEYS = f"""
if (!window.swnbKeepsKeys) {{
  window.swnbKeepsKeys = true;
  document.addEventListener("focusin", ({{target}}) => {{
    if (target.closest(".{FORM_CLASS}") && !target.matches(":read-write")) {{
      target.setAttribute("data-lm-suppress-shortcuts", "true");
    }}
  }});
}}
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of the last request, as HTML and as text."""

    html: str
    text: str

    @property
    def bundle(self) -> dict[str, str]:
        """The plain output."""
        return {"text/html": self.html, "text/plain": self.text}


def note(said: str) -> Result:
    """Say something where no request is to be shown."""
    return Result(f'<div style="opacity:.65;font-size:12px">{html.text(said)}</div>', said)


def of_reply(reply: Reply) -> Result:
    """Show a reply's card, and as text the request as Python with the outcome."""
    exchange = reply.exchange
    text = f"{as_python(exchange)}\n# {exchange.outcome}: {reply!r}"
    return Result(reply_card(reply.shown, exchange), text)


def of_error(error: BaseException) -> Result:
    """Show an error; of one that is not ours, no more than its kind and its redacted message."""
    if isinstance(error, KeyboardInterrupt):
        lines = [str(error), *getattr(error, "__notes__", ())]
        card = html.card(
            "KeyboardInterrupt", html.badge("interrupted", "bad"), map(html.line, lines)
        )
        return Result(card, "\n".join(["KeyboardInterrupt:", *lines]))
    if isinstance(error, SendError):
        request = html.folded("Request as Python, curl, TypeScript", sources(error.exchange))
        shown = f"{error._repr_html_()}{request}"
        return Result(shown, f"{as_python(error.exchange)}\n# {type(error).__name__}: {error}")
    if isinstance(error, SwnbError):
        return Result(error._repr_html_(), f"{type(error).__name__}: {error}")
    text = f"{type(error).__name__}: {redact_text(str(error))}"
    return Result(
        html.card(type(error).__name__, html.badge("error", "bad"), [html.line(text)]), text
    )


def show(bundle: dict[str, Any], **options: Any) -> None:
    """Put a bundle of MIME types where the cell's outputs are now."""
    _display(bundle, raw=True, **options)  # type: ignore[no-untyped-call] # IPython's own


class PlainOutput:
    """The output below a form."""

    def __init__(self) -> None:
        self._id = f"swnb-form-{uuid.uuid4().hex}"
        self._displayed = False

    @property
    def live(self) -> bool:
        """Whether it is on a page that takes updates; the pages of Voila do not."""
        voila = os.environ.get("SERVER_SOFTWARE", "").startswith("voila")
        return self._displayed and not voila

    def display(self, result: Result) -> None:
        """Put it where the cell's outputs are now."""
        shell = get_ipython()
        if shell is not None and hasattr(shell, "kernel"):
            show({"application/javascript": _KEEP_KEYS}, display_id=self._id)
            self._displayed = True
            self.update(result)
        else:
            show(result.bundle)

    def update(self, result: Result) -> None:
        """Replace what it shows, wherever it is."""
        if self._displayed:
            show(result.bundle, display_id=self._id, update=True)
