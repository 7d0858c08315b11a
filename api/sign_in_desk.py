"""What signing in needs for as long as a process runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.oidc import OidcProvider
from api.passwords import PasswordChecks


@dataclass(frozen=True, slots=True)
class SignInDesk:
    """The threads that compare passwords, and the identity provider where there is one."""

    passwords: PasswordChecks
    provider: OidcProvider | None


def _desk(request: Request) -> SignInDesk:
    desk: SignInDesk = request.app.state.sign_in_desk
    return desk


TheDesk = Annotated[SignInDesk, Depends(_desk)]
