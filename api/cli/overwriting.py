"""A file that is read is never the file that is written."""

from __future__ import annotations

from pathlib import Path

from gis.errors import BadInput


def refuse_overwriting(read: Path, written: Path | None, *, option: str) -> None:
    """Refuse to write what is read, by whatever name or link; ``option`` named the file written.

    Raises
    ------
    BadInput
        ``output_is_the_input``.
    """
    if written is not None and written.exists() and written.samefile(read):
        raise BadInput(
            "output_is_the_input",
            f"{option} {written} would overwrite {read}, the file that is read.",
            option=option,
            file=str(written),
        )
