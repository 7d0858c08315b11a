"""The attributes of a grid file: codes, names, kinds and the levels above."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from gis.errors import BadInput

BASE, DEDICATED = "base", "dedicated"
MAX_CODE_LENGTH = 100
_KINDS = {
    BASE: BASE,
    DEDICATED: DEDICATED,
    "基础网格": BASE,
    "专属网格": DEDICATED,
    "基础": BASE,
    "专属": DEDICATED,
}


def as_text(column: pd.Series) -> list[str | None]:
    """Spell each value as text: trimmed, whole numbers without a point, nothing as None."""
    return [_text(value) for value in column.tolist()]


def row_names(codes: Sequence[str | None]) -> list[str]:
    """How errors call each row of the file, counted from 1."""
    return [
        f"row {row}" if code is None else f"row {row} (code {code})"
        for row, code in enumerate(codes, start=1)
    ]


def checked_codes(texts: Sequence[str | None]) -> list[str]:
    """Refuse rows without a code that can be stored; ``code_missing``, ``code_unusable``."""
    codes = []
    for row, code in enumerate(texts, start=1):
        if code is None:
            missing = [number for number, text in enumerate(texts, start=1) if text is None]
            raise BadInput(
                "code_missing",
                f"row {row} has no code ({len(missing)} such rows)",
                row=row,
                rows=missing[:100],
            )
        if len(code) > MAX_CODE_LENGTH or not code.isprintable():
            raise BadInput(
                "code_unusable",
                f"row {row}: {code[:40]!r} is no code: at most {MAX_CODE_LENGTH} printable signs",
                row=row,
            )
        codes.append(code)
    return codes


def refuse_duplicates(codes: Sequence[str], communities: Sequence[str]) -> None:
    """Refuse a code on two rows: ``grid_in_two_communities`` or ``duplicate_code``."""
    rows: dict[str, list[int]] = {}
    for row, code in enumerate(codes, start=1):
        rows.setdefault(code, []).append(row)
    repeated = {code: numbers for code, numbers in rows.items() if len(numbers) > 1}
    for code, numbers in repeated.items():
        within = list(dict.fromkeys(communities[row - 1] for row in numbers))
        named = ", ".join(str(row) for row in numbers)
        if len(within) > 1:
            raise BadInput(
                "grid_in_two_communities",
                f"grid {code} (rows {named}) lies in {len(within)} communities:"
                f" {', '.join(within)}",
                grid=code,
                rows=numbers,
                communities=within,
            )
    if repeated:
        code, numbers = next(iter(repeated.items()))
        raise BadInput(
            "duplicate_code",
            f"code {code} stands on rows {', '.join(str(row) for row in numbers)}"
            f" ({'1 code repeats' if len(repeated) == 1 else f'{len(repeated)} codes repeat'})",
            grid=code,
            rows=numbers,
            codes=list(repeated)[:100],
        )


def refuse_community_in_two_townships(communities: Sequence[str], townships: Sequence[str]) -> None:
    """Refuse a community whose grids name different townships."""
    first: dict[str, tuple[str, int]] = {}
    for row, (community, township) in enumerate(zip(communities, townships, strict=True), start=1):
        known, known_row = first.setdefault(community, (township, row))
        if known != township:
            raise BadInput(
                "community_in_two_townships",
                f"community {community} lies in township {known} on row {known_row}"
                f" and in {township} on row {row}",
                community=community,
                townships=[known, township],
                rows=[known_row, row],
            )


def checked_level(level: str, texts: Sequence[str | None], rows: Sequence[str]) -> list[str]:
    """Refuse a grid without the upper level its file has a column for; ``level_missing``."""
    found = []
    for text, row in zip(texts, rows, strict=True):
        if text is None or len(text) > MAX_CODE_LENGTH or not text.isprintable():
            raise BadInput("level_missing", f"{row} has no usable {level}", level=level)
        found.append(text)
    return found


def checked_kinds(texts: Sequence[str | None], rows: Sequence[str]) -> list[str]:
    """Translate kinds to ``base`` and ``dedicated``; anything else is ``kind_unknown``."""
    kinds = []
    for text, row in zip(texts, rows, strict=True):
        kind = _KINDS.get((text or "").lower())
        if kind is None:
            raise BadInput(
                "kind_unknown",
                f"{row}: kind {text!r} is neither base (基础网格) nor dedicated (专属网格)",
                kind=text,
            )
        kinds.append(kind)
    return kinds


def _text(value: object) -> str | None:
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float):
        if math.isnan(value):
            return None
        value = int(value) if value.is_integer() else value
    return str(value).strip() or None
