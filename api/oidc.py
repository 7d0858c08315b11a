"""Signing in at an identity provider: OpenID Connect, authorization code with PKCE.

The browser carries one random word through the round trip, in a cookie that only we read;
state, nonce and PKCE verifier are derived from it, so an answer fits only the browser that
asked, and nothing is stored. Who comes back is a subject of the issuer: which account that
is was said before by ``wangge users add --oidc-subject``; none is ever made here.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, SecretStr, ValidationError

from api.settings import Settings
from gis.errors import BadInput, Misconfigured, Unavailable

PATH = "/api/sign-in/oidc"
CALLBACK_PATH = f"{PATH}/callback"
PATIENCE_S = 10
# Signatures made with a key pair only: who verifies must not be able to sign.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "Ed25519"]
CLOCKS_APART_S = 60


class Discovered(BaseModel):
    """What a provider says of itself (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """One attempt's secret word and what is derived from it."""

    word: str

    @classmethod
    def new(cls) -> RoundTrip:
        """A word nobody can guess."""
        return cls(secrets.token_urlsafe(32))

    def derived(self, purpose: str) -> str:
        """``state``, ``nonce`` or ``verifier``: 43 letters (RFC 7636 asks for 43 at least)."""
        made = hmac.new(self.word.encode(), purpose.encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(made).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """The identity provider of this city, and who we are to it."""

    issuer: str
    client_id: str
    client_secret: SecretStr

    @classmethod
    def of(cls, settings: Settings) -> OidcProvider | None:
        """The provider that the settings name; None when they name none.

        Raises
        ------
        Misconfigured
            ``oidc_incomplete``, ``oidc_insecure``.
        """
        issuer, client_id = settings.oidc_issuer, settings.oidc_client_id
        secret = settings.oidc_client_secret
        if issuer is None and client_id is None and secret is None:
            return None
        if issuer is None or client_id is None or secret is None:
            raise Misconfigured(
                "oidc_incomplete",
                "WANGGE_OIDC_ISSUER, WANGGE_OIDC_CLIENT_ID and WANGGE_OIDC_CLIENT_SECRET"
                " go together: set all three or none.",
                variable="WANGGE_OIDC_ISSUER",
            )
        return cls(issuer, client_id, secret)

    @property
    def name(self) -> str:
        """What the page calls it: its host."""
        return urlsplit(self.issuer).hostname or self.issuer

    async def address_to_ask_at(self, trip: RoundTrip, *, back_to: str) -> str:
        """Where the browser goes to sign in; ``back_to`` is our callback's address."""
        async with self._client(back_to) as client:
            there = await self._discover(client)
            address, _ = client.create_authorization_url(
                there.authorization_endpoint,
                state=trip.derived("state"),
                nonce=trip.derived("nonce"),
                code_verifier=trip.derived("verifier"),
            )
        return str(address)

    async def subject(
        self, trip: RoundTrip, *, code: str, state: str, said_issuer: str | None, back_to: str
    ) -> str:
        """Who came back, proven by the provider's signature.

        Raises
        ------
        BadInput
            ``oidc_failed``: the answer is not one to this browser's question, or proves nothing.
        Unavailable
            ``oidc_away``: the provider cannot be asked.
        """
        if not hmac.compare_digest(trip.derived("state").encode(), state.encode()):
            raise _failed("the answer belongs to another browser or an older attempt")
        # RFC 9207: another provider's answer must not be taken for this one's.
        if said_issuer is not None and said_issuer != self.issuer:
            raise _failed("the answer is another provider's")
        async with self._client(back_to) as client:
            there = await self._discover(client)
            try:
                answer = await client.fetch_token(
                    there.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=trip.derived("verifier"),
                )
                keys = KeySet.import_key_set(
                    (await client.request("GET", there.jwks_uri, withhold_token=True)).json()
                )
            except httpx2.HTTPError as error:
                raise _away() from error
            except (AuthlibBaseError, JoseError, ValueError, KeyError) as error:
                raise _failed(str(error)) from error
        return self.proven(str(answer.get("id_token", "")), keys, trip.derived("nonce"))

    def proven(self, id_token: str, keys: KeySet, nonce: str) -> str:
        """The subject of an ID token, verified as OpenID Connect Core, 3.1.3.7 asks."""
        rules = jwt.JWTClaimsRegistry(
            leeway=CLOCKS_APART_S,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims
            rules.validate(claims)
        except (JoseError, ValueError) as error:
            raise _failed(str(error)) from error
        if claims.get("azp", self.client_id) != self.client_id:
            raise _failed("the token is for another program")
        return str(claims["sub"])

    async def _discover(self, client: Any) -> Discovered:
        address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            answer = await client.request("GET", address, withhold_token=True)
            answer.raise_for_status()
            there = Discovered.model_validate_json(answer.content)
        except (httpx2.HTTPError, ValidationError) as error:
            raise _away() from error
        if there.issuer != self.issuer:
            raise _failed(f"{address} speaks for {there.issuer}")
        return there

    def _client(self, back_to: str) -> Any:
        return AsyncOAuth2Client(
            self.client_id,
            self.client_secret.get_secret_value(),
            redirect_uri=back_to,
            scope="openid",
            code_challenge_method="S256",
            timeout=PATIENCE_S,
        )


def _failed(why: str) -> BadInput:
    return BadInput("oidc_failed", f"Signing in at the provider came to nothing: {why}.")


def _away() -> Unavailable:
    return Unavailable("oidc_away", "The identity provider cannot be reached.")
