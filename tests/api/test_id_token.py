"""ID tokens that a provider's real keys sign, and tokens that only look like it."""

from __future__ import annotations

import hmac
import time
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from pydantic import SecretStr

from api.oidc import OidcProvider
from gis.errors import BadInput

PROVIDER = OidcProvider("https://id.example", "wangge", SecretStr("of the client"))
KEY = RSAKey.generate_key(2048, parameters={"kid": "k"})
KEYS = KeySet([KEY])
NONCE = "n" * 43


def claims(**other: Any) -> dict[str, Any]:
    now = int(time.time())
    good = {
        "iss": "https://id.example",
        "aud": "wangge",
        "sub": "zhou",
        "iat": now,
        "exp": now + 300,
        "nonce": NONCE,
    }
    return {name: value for name, value in (good | other).items() if value is not None}


def signed(said: dict[str, Any], key: RSAKey = KEY) -> str:
    return jwt.encode({"alg": "RS256", "kid": "k"}, said, key)


def by_shared_secret(body: str, secret: bytes) -> str:
    head = unpadded(b'{"alg":"HS256","kid":"k"}')
    said = f"{head}.{body}"
    return f"{said}.{unpadded(hmac.digest(secret, said.encode(), 'sha256'))}"


def unpadded(word: bytes) -> str:
    return urlsafe_b64encode(word).decode().rstrip("=")


def test_a_token_of_the_provider_proves_its_subject() -> None:
    assert PROVIDER.proven(signed(claims()), KEYS, NONCE) == "zhou"
    several = claims(aud=["other", "wangge"], azp="wangge")
    assert PROVIDER.proven(signed(several), KEYS, NONCE) == "zhou"


@pytest.mark.parametrize(
    "other",
    [
        {"iss": "https://evil.example"},
        {"aud": "another program"},
        {"aud": ["wangge", "other"], "azp": "other"},
        {"exp": 1_700_000_000},  # in 2023
        {"exp": None},
        {"iat": None},
        {"nonce": "m" * 43},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
    ],
    ids=str,
)
def test_a_token_with_another_claim_proves_nothing(other: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as refusal:
        PROVIDER.proven(signed(claims(**other)), KEYS, NONCE)
    assert refusal.value.code == "oidc_failed"


def test_a_token_the_provider_did_not_sign_proves_nothing() -> None:
    strange = RSAKey.generate_key(2048, parameters={"kid": "k"})
    head, body, signature = signed(claims()).split(".")
    for token in (
        signed(claims(), strange),
        # The old trick: the public key, which everybody has, taken for a shared secret.
        by_shared_secret(body, KEY.as_pem(private=False)),
        by_shared_secret(body, b"of the client"),
        f"{head}.{body}.",
        f"{head}.{signed(claims(sub='admin')).split('.')[1]}.{signature}",
        "eyJhbGciOiJub25lIn0." + body + ".",
        "",
        "a.b.c",
    ):
        with pytest.raises(BadInput, match="came to nothing"):
            PROVIDER.proven(token, KEYS, NONCE)
