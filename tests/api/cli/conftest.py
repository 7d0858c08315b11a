"""Prompts to type commands at, each with a city of its own on the session's server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.api.cli.command_line import CommandLine
from tests.gis.store.cluster_child import answer
from tests.small_city import nine_grids

_numbers = count(1)

NewCity = Callable[[], CommandLine]


@pytest.fixture(scope="module")
def new_city(cluster_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewCity]:
    """Gives a prompt in an empty folder, for a city that is not there yet."""
    opened: list[CommandLine] = []

    def at_prompt() -> CommandLine:
        folder = tmp_path_factory.mktemp("prompt")
        prompt = CommandLine(folder, cluster_url).given(
            database_url=cluster_url, home=str(folder / "home"), city=f"cli_{next(_numbers)}"
        )
        opened.append(prompt)
        return prompt

    yield at_prompt
    if not opened:
        return
    schemas = ", ".join(prompt.schema for prompt in opened)
    answer(
        cluster_url,
        f"set client_min_messages to error; drop schema if exists {schemas} cascade",
    )


@pytest.fixture
def prompt(new_city: NewCity) -> CommandLine:
    """A prompt for a city that is not there yet."""
    return new_city()


@pytest.fixture(scope="module")
def small_city(new_city: NewCity) -> CommandLine:
    """A prompt in the city of nine grids, imported once a module."""
    return with_nine_grids(new_city())


def with_nine_grids(prompt: CommandLine) -> CommandLine:
    """Import the nine grids of ``tests.small_city`` as ``grids.geojson``."""
    nine_grids().to_file(prompt.folder / "grids.geojson", driver="GeoJSON")
    prompt.does("import", "grids", "grids.geojson", *NINE_GRIDS)
    return prompt


NINE_GRIDS = (
    "--code", "code", "--name", "name", "--kind", "kind", "--community", "community",
    "--township", "township", "--city-name", "小城",
)  # fmt: skip
"""Options that import a file with the columns of a GridFrame."""
