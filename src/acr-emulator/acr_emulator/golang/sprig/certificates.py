"""sprig's functions that make keys and certificates."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ..encodings import decode_base64
from ..errors import GoError
from ..printing import Flags, write
from ..template import Function, function
from ..text import from_bytes, to_bytes
from ..types import INT, LIST, STRING, Struct, Type

__all__ = ["FUNCTIONS"]

CERTIFICATE = Type("sprig.certificate", "struct")
RSA_BITS = 2048
LONGEST = 3_000_000
"""Days that Python's dates can add."""

USAGE = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])


def _private_key(kind: str) -> str:
    key: rsa.RSAPrivateKey | dsa.DSAPrivateKey | ec.EllipticCurvePrivateKey
    if kind in ("", "rsa"):
        key = rsa.generate_private_key(65537, 4096)
    elif kind == "dsa":
        key = dsa.generate_private_key(2048)
    elif kind == "ecdsa":
        key = ec.generate_private_key(ec.SECP256R1())
    else:
        return f"Unknown type {kind}"
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def _structure(certificate: str, key: str) -> Struct:
    return Struct(CERTIFICATE, {"Cert": certificate, "Key": key})


def _authority(name: str, days: int) -> Struct:
    key = rsa.generate_private_key(65537, RSA_BITS)
    return _signed(_builder(name, days, is_authority=True), key, _subject(name), key)


def _self_signed(name: str, addresses: Sequence[Any], names: Sequence[Any], days: int) -> Struct:
    builder = _with_names(_builder(name, days), addresses, names)
    key = rsa.generate_private_key(65537, RSA_BITS)
    return _signed(builder, key, _subject(name), key)


def _signed_by(name: str, addresses: Sequence[Any], names: Sequence[Any], days: int, authority: Struct) -> Struct:
    issuer, signer = _opened(to_bytes(authority.fields["Cert"]), to_bytes(authority.fields["Key"]))
    builder = _with_names(_builder(name, days), addresses, names)
    return _signed(builder, rsa.generate_private_key(65537, RSA_BITS), issuer.subject, signer)


def _custom(certificate: str, key: str) -> Struct:
    pem, key_pem = (_decoded(text, what) for text, what in ((certificate, "certificate"), (key, "private key")))
    _opened(pem, key_pem)
    return _structure(from_bytes(pem), from_bytes(key_pem))


def _decoded(text: str, what: str) -> bytes:
    try:
        return decode_base64(text)
    except GoError:
        raise GoError(f"unable to decode base64 {what}") from None


def _opened(certificate: bytes, key: bytes) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    """A certificate and its key. Raises GoError; the reasons of a parser are Python's, not Go's."""
    if b"-----BEGIN" not in certificate:
        raise GoError("unable to decode certificate")
    try:
        opened = x509.load_pem_x509_certificate(certificate)
    except ValueError as error:
        raise GoError(f"error parsing certificate: decodedCert.Bytes: {error}") from None
    if b"-----BEGIN" not in key:
        raise GoError("unable to decode key")
    try:
        signer = load_pem_private_key(key, None)
    except (ValueError, TypeError) as error:
        raise GoError(f"error parsing prive key: decodedKey.Bytes: {error}") from None
    if not isinstance(signer, rsa.RSAPrivateKey):
        raise GoError("error parsing prive key: decodedKey.Bytes: not an RSA key")
    return opened, signer


def _subject(name: str) -> x509.Name:
    try:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    except ValueError as error:
        raise GoError(f"error creating certificate: {error}") from None


def _builder(name: str, days: int, is_authority: bool = False) -> x509.CertificateBuilder:
    if abs(days) > LONGEST:
        raise GoError("error creating certificate: the emulator knows the years 1 to 9999 only")
    now = datetime.now(timezone.utc)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(_subject(name))
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, now + timedelta(days=days)))
        .not_valid_after(max(now, now + timedelta(days=days)))
        .add_extension(usage, critical=True)
        .add_extension(USAGE, critical=False)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )


def _with_names(
    builder: x509.CertificateBuilder, addresses: Sequence[Any], names: Sequence[Any]
) -> x509.CertificateBuilder:
    others: list[x509.GeneralName] = [x509.IPAddress(_address(address)) for address in addresses or ()]
    others += [x509.DNSName(_dns_name(name)) for name in names or ()]
    return builder.add_extension(x509.SubjectAlternativeName(others), critical=False) if others else builder


def _address(value: Any) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if not isinstance(value, str):
        raise GoError(f"error parsing ip: {write(value, 'v', Flags())} is not a string")
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        raise GoError(f"error parsing ip: {value}") from None


def _dns_name(value: Any) -> str:
    if not isinstance(value, str):
        raise GoError(f"error processing alternate dns name: {write(value, 'v', Flags())} is not a string")
    if not value.isascii():
        raise GoError(f'error creating certificate: x509: "{value}" cannot be encoded as an IA5String')
    return value


def _signed(
    builder: x509.CertificateBuilder, key: rsa.RSAPrivateKey, issuer: x509.Name, signer: rsa.RSAPrivateKey
) -> Struct:
    certificate = builder.issuer_name(issuer).public_key(key.public_key()).sign(signer, hashes.SHA256())
    key_text = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    return _structure(certificate.public_bytes(Encoding.PEM).decode(), key_text)


FUNCTIONS: tuple[Function, ...] = (
    function("genPrivateKey", _private_key, STRING),
    function("buildCustomCert", _custom, STRING, STRING),
    function("genCA", _authority, STRING, INT),
    function("genSelfSignedCert", _self_signed, STRING, LIST, LIST, INT),
    function("genSignedCert", _signed_by, STRING, LIST, LIST, INT, CERTIFICATE),
)
