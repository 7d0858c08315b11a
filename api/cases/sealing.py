"""Sealing a report's free text: AES-256-GCM, a key for each report.

The text can be read while its key is there. Deleting the key row is forgetting
the text, in every backup that does not hold the key.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12  # what GCM is made for (NIST SP 800-38D)


class SealBrokenError(Exception):
    """Sealed text that this key and subject do not open: damaged, or another report's."""


def new_key() -> bytes:
    """A fresh random key."""
    return AESGCM.generate_key(KEY_BYTES * 8)


def seal(text: str, key: bytes, subject: str) -> bytes:
    """Seal ``text``.

    Parameters
    ----------
    subject
        What the text belongs to, e.g. the report's channel and id. It is not
        hidden, but the text opens for this subject only.

    Returns
    -------
    Nonce (12 bytes), ciphertext and tag (16 bytes) in one.
    """
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), subject.encode())


def unseal(sealed: bytes, key: bytes, subject: str) -> str:
    """The text sealed with this key for this subject.

    Raises
    ------
    SealBrokenError
        Another key, another subject, or changed bytes.
    """
    nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, subject.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise SealBrokenError(f"the text of {subject} does not open with its key") from error
