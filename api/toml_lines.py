"""Where in a TOML text a key stands, so that an error can name its line."""

from __future__ import annotations

import re

_TABLE = re.compile(r"\s*\[(\[?)\s*([\w.\"'-]+)\s*\]")
_KEY = re.compile(r"\s*([\w\"'-]+)\s*=")

Place = tuple[str | int, ...]


def line_of(text: str, place: Place) -> int | None:
    """Line (first = 1) of the key at ``place``, e.g. ``("categories", 2, "kind")``.

    When the key is missing or written in a way not followed here (dotted or
    inline), the line of the nearest enclosing table or key; None for a key
    that is missing from the top.
    """
    lines = _lines_by_place(text)
    for length in range(len(place), 0, -1):
        if place[:length] in lines:
            return lines[place[:length]]
    return None


def _lines_by_place(text: str) -> dict[Place, int]:
    lines: dict[Place, int] = {}
    table: Place = ()
    entries: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _TABLE.match(line):
            name = _bare(found[2])
            if found[1]:
                entries[name] = entries.get(name, -1) + 1
                table = (*name.split("."), entries[name])
            else:
                table = tuple(name.split("."))
            lines.setdefault(table, number)
        elif found := _KEY.match(line):
            lines.setdefault((*table, _bare(found[1])), number)
    return lines


def _bare(name: str) -> str:
    return name.strip("\"'")
