"""A certificate for loopback, made on the spot, and the file of the authority that signed it."""

from __future__ import annotations

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from swnb.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, CertificateBuilder

_NAME = "swnb simulated space"
_LASTS = timedelta(days=30)


class Authority:
    """What signs the certificates of one space; `ca_file` is what a client must trust.

    Raises `ConfigurationError` if `cryptography` is not installed.
    """

    def __init__(self) -> None:
        try:
            from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - an extra
        except ImportError:
            raise ConfigurationError(
                "wss needs a certificate, and cryptography is not installed to make it",
                advice="Install the extra: pip install 'swnb[relay]'",
            ) from None
        self._folder = tempfile.TemporaryDirectory(prefix="swnb-")
        folder = Path(self._folder.name)
        self.ca_file = str(folder / "ca.pem")
        key, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = _signed(_builder(_NAME, key), key, authority=True)
        leaf = _signed(_builder("localhost", own), key, authority=False)
        Path(self.ca_file).write_bytes(_pem(root))
        (folder / "leaf.pem").write_bytes(_pem(leaf) + _pem_of_key(own))
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(folder / "leaf.pem")

    def close(self) -> None:
        """Remove the files."""
        self._folder.cleanup()


def _builder(name: str, key: EllipticCurvePrivateKey) -> CertificateBuilder:
    from cryptography import x509  # noqa: PLC0415 - an extra
    from cryptography.x509.oid import NameOID  # noqa: PLC0415 - an extra

    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    today = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(_NAME))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + _LASTS)
    )


def _signed(
    builder: CertificateBuilder, key: EllipticCurvePrivateKey, *, authority: bool
) -> Certificate:
    from cryptography import x509  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - an extra

    basic = x509.BasicConstraints(ca=authority, path_length=None)
    builder = builder.add_extension(basic, critical=True)
    identity = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    if authority:
        builder = builder.add_extension(identity, critical=False).add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    else:
        names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
        builder = builder.add_extension(
            x509.SubjectAlternativeName(names), critical=False
        ).add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identity),
            critical=False,
        )
    return builder.sign(key, hashes.SHA256())


def _pem(certificate: Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - an extra

    return certificate.public_bytes(Encoding.PEM)


def _pem_of_key(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization as to  # noqa: PLC0415 - an extra

    return key.private_bytes(to.Encoding.PEM, to.PrivateFormat.PKCS8, to.NoEncryption())
