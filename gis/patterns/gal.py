"""Neighbours written as a GAL file: GeoDa's and PySAL's plainest form of weights.

A header (the number of places, or ``0``, that number, and two names), then for each place
its name and how many neighbours it has, and on the next line their names.
"""

from __future__ import annotations

from pathlib import Path

from gis.errors import BadInput

Lists = list[tuple[str, list[str]]]


def read_gal(path: Path) -> Lists:
    """Each place with the names of its neighbours, in the order of the file.

    Raises
    ------
    BadInput
        ``weights_unreadable`` naming the place at which the file is none.
    """
    try:
        header, *lines = path.read_text("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise BadInput("weights_unreadable", f"{path.name} is no text: {error}") from error
    words = header.split()
    told = words[0] if len(words) == 1 else words[1] if len(words) > 1 else ""
    if not told.isdecimal():
        raise BadInput(
            "weights_unreadable", f"{path.name} does not begin with the number of places"
        )
    # Names hold no blanks, so lines do not matter: a place without neighbours may have an
    # empty line after it, or none.
    rest = iter(" ".join(lines).split())
    lists: Lists = []
    seen: set[str] = set()
    for name in rest:
        if name in seen:
            raise BadInput("weights_unreadable", f"{path.name} has {name!r} twice", id=name)
        seen.add(name)
        number = next(rest, "")
        if not number.isdecimal():
            raise BadInput(
                "weights_unreadable",
                f"{path.name}: {name!r} is not followed by how many neighbours it has",
                id=name,
            )
        others = [other for _, other in zip(range(int(number)), rest, strict=False)]
        if len(others) < int(number):
            raise BadInput(
                "weights_unreadable",
                f"{path.name}: {name!r} has {number} neighbours, {len(others)} are there",
                id=name,
            )
        lists.append((name, others))
    if len(lists) != int(told):
        raise BadInput(
            "weights_unreadable", f"{path.name} tells of {told} places and has {len(lists)}"
        )
    return lists
