"""The only place that knows what is secret, and how phone numbers are masked.

An exchange is redacted once, when it is created, so that nothing downstream (log, error, card,
export, recording) can leak a secret it never had. Redaction goes by the *name* of a field (`names`),
in JSON (`values`) and in text (`fields`); by places in a text, such as in a URL (`texts`); and by the
known secrets of a client or a request, wherever the other side echoes them. `docs/security.md` has
the rules, and what no rule can recognize.
"""

from swnb.hidden import REDACTED
from swnb.redact.masks import Masker, known_numbers, mask_numbers, mask_spans
from swnb.redact.names import declare_secret, declared_secret, is_secret
from swnb.redact.values import is_clean, redact, redact_text, secret_keys, secrets_in

__all__ = [
    "REDACTED",
    "Masker",
    "declare_secret",
    "declared_secret",
    "is_clean",
    "is_secret",
    "known_numbers",
    "mask_numbers",
    "mask_spans",
    "redact",
    "redact_text",
    "secret_keys",
    "secrets_in",
]
