"""Carrying out what a comparison found, one operation after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from boundaries.codes import CodeIssuer, CodeRule
from boundaries.comparing.asked import asked
from boundaries.comparing.steps import Step
from boundaries.draft_coverage import DraftCoverage
from boundaries.drafts import Carried
from boundaries.operation_json import read_operation
from boundaries.operations import Applied, Limits, apply
from boundaries.refusals import Refused

_NAMED = 5
Allowed = Callable[[Step, DraftCoverage, Applied], None]
"""Raises where who asks may not do this; with the coverage before, and what it comes to."""


def carry_out(
    base: DraftCoverage,
    steps: Sequence[Step],
    rule: CodeRule,
    taken: Callable[[str], bool],
    limits: Limits,
    allowed: Allowed,
) -> list[Carried]:
    """Apply the operations to their base as a draft keeps and replays them.

    Parameters
    ----------
    taken
        Whether a code was ever given or is reserved.

    Raises
    ------
    Refused
        Of an operation, with the rows that it comes from.
    """
    coverage, issued = base, set[str]()
    done: list[Carried] = []

    def is_taken(code: str) -> bool:
        return code in issued or code in coverage.grids or taken(code)

    for step in steps:
        codes = CodeIssuer(rule, is_taken)
        given = asked(step.operation)
        try:
            applied = apply(coverage, read_operation(given), codes, limits)
        except Refused as refusal:
            raise _named(refusal, step) from refusal
        allowed(step, coverage, applied)
        done.append(Carried(given, tuple(codes.issued), applied))
        coverage = applied.coverage
        issued |= {*codes.issued}
    return done


def _named(refusal: Refused, step: Step) -> Refused:
    if not step.rows:
        return refusal
    called = ", ".join(row.called for row in step.rows[:_NAMED])
    more = " …" if len(step.rows) > _NAMED else ""
    facts = {name: fact for name, fact in refusal.where.items() if name != "where"}
    return Refused(
        refusal.code,
        f"{called}{more}: {refusal.message}",
        refusal.place,
        **{**facts, "rows": [row.row for row in step.rows]},
    )
