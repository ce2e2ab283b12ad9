"""A client on a hostile server, and everything that it shows and keeps of what went between them."""

from __future__ import annotations

import traceback
import warnings

import swnb
from support.canned_server import answer, said


class Witness:
    """A client, and everything that it shows and keeps."""

    def __init__(self, host, folder, token="PTtoken-of-tests", **options):
        self.folder = folder
        self.sw = swnb.Client(
            "project", token, host, log=folder / "log.sqlite", retries=0, **options
        )
        self.shown = []

    def send(self, method, params):
        """Send, and take note of all that can be seen of it."""
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                self.saw(getattr(self.sw.calling, method)(**params))
            except swnb.SwnbError as error:
                self.failed(error)
        self.shown += [str(warning.message) for warning in warned]

    def saw(self, reply):
        self.shown += [repr(reply), repr(reply.exchange), reply._repr_html_()]

    def failed(self, error):
        self.shown += [
            str(error),
            repr(error),
            repr(error.args),
            repr(vars(error)),
            error._repr_html_(),
        ]
        self.shown += [*error._render_traceback_(), *traceback.format_exception(error)]
        assert error.__cause__ is None
        assert error.__context__ is None

    def kept(self):
        """Give all text of the log: frames, exports, and last the bytes of its files."""
        log = self.sw.log
        self.shown += [repr(self.sw), self.sw._repr_html_(), repr(log)]
        for frame in (
            log.exchanges(bodies=True),
            log.calls(),
            log.charges(),
            log.user_events(),
            log.runs(),
        ):
            self.shown += [str(frame.to_dict()), frame.to_html()]
        files = [
            log.export(self.folder / f"log.{suffix}", bodies=True)
            for suffix in ("csv", "parquet", "jsonl")
        ]
        files += list(self.folder.glob("log.sqlite*"))
        assert len(files) == 6  # with the write-ahead log and its index
        return [path.read_bytes().decode("latin-1") for path in files]

    def hides(self, *secrets):
        """Hold that nothing seen or kept has one of the secrets in it."""
        everything = [*self.shown, *self.kept()]
        for secret in secrets:
            assert not [text for text in everything if secret in text]


def hostile(secret, call_id=None):
    """Make answers that repeat a secret wherever an answer has text, but for a call's id if given."""
    leg = dict.fromkeys(("status", "type", "direction", "from", "to", "id", secret), f"x{secret}")
    leg["id"] = call_id or leg["id"]
    leg |= {
        "charge": 0.5,
        "charge_details": [{"description": secret, "charge": 0.5}],
        "deep": [{"a": [secret]}],
    }
    entry = dict.fromkeys(
        ("code", "message", "attribute", "type", "url"), f"the token {secret} is wrong"
    )
    head = {"X_Request_Id": secret, "Retry_After": secret}
    return {
        "leg": said(leg, **head),
        "bare text": said(secret, **head),
        "status line": answer(200, f"+OK a={secret} {secret}=1".encode(), **head),
        "html": answer(200, f"<p>{secret}</p>".encode(), Content_Type=f"text/{secret}", **head),
        "torn": answer(200, f'{{"id": "{secret}'.encode(), **head),
        "errors": said({"errors": [entry]}, 422, **head),
        "error": said({"error": secret}, 401, **head),
        "error text": answer(403, secret.encode(), **head),
        "error shape": said([secret], 400, **head),
        "redirect": answer(302, b"", Location=f"https://{secret}.example", **head),
        "rate limit": said({"error": secret}, 429, **head),
        "unavailable": said({"error": secret}, 503, **head),
        "failure": said({"error": secret}, 500, **head),
    }  # fmt: skip
