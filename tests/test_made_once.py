from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.made_once import MadeOnce


def test_of_many_that_ask_at_once_one_makes_and_all_get_it_whole(tmp_path: Path) -> None:
    made: list[Path] = []

    def fill(folder: Path) -> None:
        made.append(folder)
        for number in range(100):
            (folder / str(number)).touch()

    def ask(_: int) -> int:
        # As each process of a run has one of its own.
        return len([*MadeOnce(tmp_path).folder("numbers", fill).iterdir()])

    with ThreadPoolExecutor(8) as asking:
        assert [*asking.map(ask, range(8))] == [100] * 8
    assert len(made) == 1


def test_what_failed_half_way_is_made_anew_by_the_next(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise RuntimeError

    made_once = MadeOnce(tmp_path)
    with pytest.raises(RuntimeError):
        made_once.folder("one", fail)
    there = made_once.folder("one", lambda folder: (folder / "whole").touch())
    assert [path.name for path in there.iterdir()] == ["whole"]


def test_each_gets_a_value_of_its_own(tmp_path: Path) -> None:
    first, second = (MadeOnce(tmp_path).value("list", lambda: [1]) for _ in range(2))
    first.append(2)
    assert second == [1]
