"""sprig's `derivePassword` and its encryption with AES."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from ..encodings import decode_base64
from ..errors import GoPanicError
from ..template import Function, function
from ..text import from_bytes, to_bytes
from ..types import STRING, UINT32

__all__ = ["FUNCTIONS"]

SEED = b"com.lyndir.masterpassword"
BLOCK = 16
KEY = 32
MEMORY = 1 << 26

TEMPLATES = {
    "maximum": "anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno",
    "long": "CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv "
    "CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv "
    "CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno",
    "medium": "CvcnoCvc CvcCvcno",
    "short": "Cvcn",
    "basic": "aaanaaan aannaaan aaannaaa",
    "pin": "nnnn",
}
"""Forms of passwords by type, and below the characters that their letters stand for (Master Password's algorithm)."""

CHARACTERS = {
    "V": "AEIOU",
    "C": "BCDFGHJKLMNPQRSTVWXYZ",
    "v": "aeiou",
    "c": "bcdfghjklmnpqrstvwxyz",
    "A": "AEIOUBCDFGHJKLMNPQRSTVWXYZ",
    "a": "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
    "n": "0123456789",
    "o": "@&%?,=[]_:-+*$#!'^~;()/.",
    "x": "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
}


def _derived(counter: int, kind: str, password: str, user: str, site: str) -> str:
    if kind not in TEMPLATES:
        return f"cannot find password template {kind}"
    salt = SEED + _with_length(user)
    key = hashlib.scrypt(to_bytes(password), salt=salt, n=32768, r=8, p=2, dklen=64, maxmem=MEMORY)
    seed = hmac.digest(key, SEED + _with_length(site) + struct.pack(">I", counter), "sha256")
    templates = TEMPLATES[kind].split()
    letters = templates[seed[0] % len(templates)]
    return "".join(
        CHARACTERS[letter][number % len(CHARACTERS[letter])] for letter, number in zip(letters, seed[1:], strict=False)
    )


def _with_length(text: str) -> bytes:
    data = to_bytes(text)
    return struct.pack(">I", len(data)) + data


def _cipher(password: str, start: bytes) -> Cipher[CBC]:
    key = to_bytes(password)[:KEY].ljust(KEY, b"\0")
    return Cipher(AES(key), CBC(start))


def _encrypted(password: str, text: str) -> str:
    if not text:
        return ""
    data = to_bytes(text)
    padding = BLOCK - len(data) % BLOCK
    start = os.urandom(BLOCK)
    encryptor = _cipher(password, start).encryptor()
    sealed = encryptor.update(data + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(start + sealed).decode()


def _decrypted(password: str, text: str) -> str:
    if not text:
        return ""
    data = decode_base64(text)
    if len(data) < BLOCK:
        raise GoPanicError(f"runtime error: slice bounds out of range [:{BLOCK}] with capacity {len(data)}")
    if len(data) % BLOCK:
        raise GoPanicError("crypto/cipher: input not full blocks")
    if len(data) == BLOCK:
        raise GoPanicError("runtime error: index out of range [-1]")
    decryptor = _cipher(password, data[:BLOCK]).decryptor()
    opened = decryptor.update(data[BLOCK:]) + decryptor.finalize()
    end = len(opened) - opened[-1]
    if end < 0:
        raise GoPanicError(f"runtime error: slice bounds out of range [:{end}]")
    return from_bytes(opened[:end])


FUNCTIONS: tuple[Function, ...] = (
    function("derivePassword", _derived, UINT32, STRING, STRING, STRING, STRING),
    function("encryptAES", _encrypted, STRING, STRING),
    function("decryptAES", _decrypted, STRING, STRING),
)
