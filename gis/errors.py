"""What can go wrong in the domain, without a word about HTTP.

Each error says what happened in one sentence a planner understands, carries a
stable ``code`` for programs, and ``where``: the row, grid code, field or file
it is about. ``api.errors`` maps the classes to statuses in one table; the
command line prints the message and leaves with a non-zero status.
"""

from __future__ import annotations


class WanggeError(Exception):
    """Base of every error a user may see.

    Parameters
    ----------
    code
        Stable machine word in snake case, e.g. ``crs_missing``.
    message
        One sentence for people; names the row, code or field.
    where
        The same facts for programs; JSON values only.
    """

    def __init__(self, code: str, message: str, **where: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.where = where


class BadInput(WanggeError):
    """The request or file is malformed or breaks a rule of the domain."""


class NotFound(WanggeError):
    """No such thing, or not one the caller may see."""


class Conflict(WanggeError):
    """Somebody or something else got there first."""


class TooLarge(WanggeError):
    """More than this service accepts in one piece."""


class Unavailable(WanggeError):
    """A part this depends on is away; the same call may succeed later."""


class Misconfigured(WanggeError):
    """A setting or profile is wrong; the message names variable or line."""
