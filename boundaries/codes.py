"""Which code a new grid gets: by the city's rule, never one that was used before."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from boundaries.draft_coverage import BASE, DEDICATED
from boundaries.refusals import Refused
from gis.errors import Misconfigured

Keeps = Literal["new", "largest_keeps"]
MOST_SUFFIXES = 999
CODE = re.compile(r"\S(?:.{0,38}\S)?")
"""What can be a grid's code: up to 40 characters, not blank at its ends."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """The numbers ``first`` to ``last`` behind a community's code, in so many ``digits``."""

    digits: int
    first: int
    last: int

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.last < 10**self.digits:
            raise Misconfigured(
                "code_sequence_invalid",
                f"{self.first} to {self.last} do not fit into {self.digits} digits.",
            )

    def codes(self, community: str) -> Iterable[str]:
        """Every code of the sequence in a community, in order."""
        return (f"{community}{n:0{self.digits}d}" for n in range(self.first, self.last + 1))

    def holds(self, community: str, code: str) -> bool:
        """Whether a code is one of the sequence in a community."""
        number = code.removeprefix(community)
        return (
            code.startswith(community)
            and len(number) == self.digits
            and number.isascii()
            and number.isdecimal()
            and self.first <= int(number) <= self.last
        )


@dataclass(frozen=True, slots=True)
class CodeRule:
    """The city's policy.

    Parameters
    ----------
    split, merge
        Whether every piece gets a new code, or the largest keeps its own.
    base, dedicated
        The sequences of the two kinds of grids; None where the city has no rule: then a new
        code is an old one with ``-1``, ``-2`` …
    """

    split: Keeps = "new"
    merge: Keeps = "largest_keeps"
    base: Sequence | None = None
    dedicated: Sequence | None = None

    def sequence(self, kind: str) -> Sequence | None:
        """The sequence of a kind of grids."""
        return {BASE: self.base, DEDICATED: self.dedicated}[kind]


class CodeSource(Protocol):
    """Where an operation gets codes for new grids from."""

    rule: CodeRule

    def new(self, community: str, kind: str, old: str) -> str:
        """A code for a new grid of a community that comes from the grid ``old``."""

    def refuse_taken(self, code: str) -> None:
        """Refuse a code that a planner chose and that may not be given."""


class CodeIssuer:
    """Issues codes by a rule, and remembers those it issued.

    Parameters
    ----------
    taken
        Whether a code was ever published, is reserved by a draft, or is a grid's.
    """

    def __init__(self, rule: CodeRule, taken: Callable[[str], bool]) -> None:
        self.rule = rule
        self.issued: list[str] = []
        self._taken = taken

    @classmethod
    def beside(cls, rule: CodeRule, taken: Container[str]) -> CodeIssuer:
        """One that never issues a code of a collection."""
        return cls(rule, lambda code: code in taken)

    def new(self, community: str, kind: str, old: str) -> str:
        """A code for a new grid of a community that comes from the grid ``old``.

        Raises
        ------
        Refused
            ``codes_exhausted``.
        """
        sequence = self.rule.sequence(kind)
        candidates = (
            sequence.codes(community)
            if sequence is not None
            else (f"{old}-{n}" for n in range(1, MOST_SUFFIXES + 1))
        )
        for code in candidates:
            if code not in self.issued and not self._taken(code):
                self.issued.append(code)
                return code
        words = (
            f"community {community} has no number left for a {kind} grid"
            f" ({sequence.first} to {sequence.last} were all given)"
            if sequence is not None
            else f"grid {old} was divided {MOST_SUFFIXES} times"
        )
        raise Refused("codes_exhausted", f"No new code can be given: {words}.", community=community)

    def refuse_taken(self, code: str) -> None:
        """Refuse a code that a planner chose and that may not be given.

        Raises
        ------
        Refused
            ``code_invalid``, ``code_taken``.
        """
        if not CODE.fullmatch(code) or not code.isprintable():
            raise Refused(
                "code_invalid", f"{code[:80]!r} cannot be a grid's code.", code_given=code
            )
        if code in self.issued or self._taken(code):
            raise Refused(
                "code_taken",
                f"Code {code} was given before, to a grid or in a draft, and is not given again.",
                code_given=code,
            )
        self.issued.append(code)


class RecordedCodes:
    """The codes an operation got when it was made, given again in the same order."""

    def __init__(self, rule: CodeRule, issued: Iterable[str]) -> None:
        self.rule = rule
        self._left = list(issued)

    def new(self, community: str, kind: str, old: str) -> str:  # noqa: ARG002 - as recorded
        """The next of the recorded codes."""
        return self._left.pop(0)

    def refuse_taken(self, code: str) -> None:
        """Nothing: it was looked at when the operation was made."""
        self._left.remove(code)
