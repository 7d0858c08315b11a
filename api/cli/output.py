"""What commands print: lines for people on stderr, results on stdout, JSON last."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]

_people = Console(stderr=True, highlight=False, emoji=False)


def say(line: str) -> None:
    """One line for the person who waits."""
    _people.print(line, markup=False, soft_wrap=True)


def result(facts: Mapping[str, object], *, as_json: bool, words: str) -> None:
    """The result: a sentence for people or one JSON object for programs."""
    print(json.dumps(facts, ensure_ascii=False, default=str) if as_json else words)


def counted(number: int, one: str, several: str | None = None) -> str:
    """``1 grid``, ``1,497 grids``; ``several`` where it is not ``one`` with an s."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr; gives what to call with each number done. Silent unwatched."""
    with _bar() as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)


@contextmanager
def named_steps(count: int) -> Iterator[Callable[[str], None]]:
    """A progress bar of steps; gives what to call with the name of each as it begins."""
    with _bar() as bar:
        task = bar.add_task("", total=count)
        begun = 0

        def begin(name: str) -> None:
            nonlocal begun
            bar.update(task, description=name, completed=begun)
            begun += 1

        yield begin
        bar.update(task, completed=count)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=_people,
        disable=not _people.is_terminal,
    )
