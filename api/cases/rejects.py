"""Rows that were not taken: why, and a file in which they can be mended and handed in again."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from gis.errors import BadInput

REJECT_COLUMNS = ("rejected_line", "rejected_id", "rejected_reason", "rejected_message")


@dataclass(frozen=True)
class Reject:
    """One row not taken.

    Parameters
    ----------
    line
        Of the file, the header is line 1.
    external_id
        The row's own id; empty where it has none.
    reason
        Stable word, e.g. ``coordinate_missing``.
    message
        One sentence with the value that is wrong.
    values
        The row's cells as they came.
    """

    line: int
    external_id: str
    reason: str
    message: str
    values: tuple[str, ...]


class RejectsFile(AbstractContextManager["RejectsFile"]):
    """Writes rejects below the original file's header, with four columns behind it.

    Mended rows can be handed in as they are: the four columns are not read, and
    with ``--id`` the rest of the file is known already. UTF-8 with the mark Excel
    wants. An empty result is a file with only the header, so that no older one is
    taken for it. Without a path it only counts.
    """

    def __init__(self, path: Path | None, columns: Sequence[str]) -> None:
        self.count = 0
        self.by_reason: Counter[str] = Counter()
        self._path = path
        self._own = [name for name in columns if name not in REJECT_COLUMNS]
        self._keep = [name not in REJECT_COLUMNS for name in columns]
        self._file: IO[str] | None = None

    def __enter__(self) -> RejectsFile:
        if self._path is not None:
            with self._writing():
                self._file = self._path.open("w", encoding="utf-8-sig", newline="")
                csv.writer(self._file).writerow([*self._own, *REJECT_COLUMNS])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._file is not None:
            with self._writing():
                self._file.close()

    def write(self, rejects: Sequence[Reject]) -> None:
        """Add rows, in the order given."""
        self.count += len(rejects)
        self.by_reason.update(reject.reason for reject in rejects)
        if self._file is not None:
            with self._writing():
                csv.writer(self._file).writerows(map(self._row, rejects))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise BadInput(
                "rejects_unwritable",
                f"The rejects file {self._path} cannot be written: {error.strerror}.",
                file=str(self._path),
            ) from error

    def _row(self, reject: Reject) -> list[str]:
        width = len(self._keep)
        cells = [*reject.values, *[""] * width][:width]
        own = [cell for cell, keep in zip(cells, self._keep, strict=True) if keep]
        return [*own, str(reject.line), reject.external_id, reject.reason, reject.message]
