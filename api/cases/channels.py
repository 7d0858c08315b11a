"""Through which channel a report comes in that brings no key of its own."""

from __future__ import annotations

from api.access import Account

OPEN_CHANNEL = "web"


def channel_of(account: Account | None) -> str:
    """``staff`` and ``contributor`` for those who signed in as such, else the open one."""
    if account is None or account.role == "reporter":
        return OPEN_CHANNEL
    return "contributor" if account.role == "contributor" else "staff"
