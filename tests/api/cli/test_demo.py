from __future__ import annotations

import pytest

from api.demo.coverage import generate_coverage
from boundaries.publish import content_hash
from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import NewCity
from tests.api.cli.report_files import WITH_ID, row, write
from tests.api.cli.staff_files import write_staff


@pytest.fixture(scope="module")
def demo_city(new_city: NewCity) -> CommandLine:
    prompt = new_city()
    assert prompt.does("demo", "--seed", "7")["loaded"] is True
    return prompt


def drawn(city: CommandLine) -> str:
    """What the generator made of its seed alone: grids, people, places of the reports."""
    return "\n".join(
        city.asked(statement)
        for statement in (
            "select encode(content_hash, 'hex') from boundary_versions",
            "select md5(string_agg(code || name, ',' order by code)) from staff",
            "select md5(string_agg(made, ',' order by made))"
            " from (select st_astext(point) || category as made from reports) as places",
        )
    )


def test_an_empty_city_is_filled(demo_city: CommandLine) -> None:
    for table, least in (
        ("grids", 1_497),
        ("communities", 100),
        ("townships", 10),
        ("staff", 1_497),
        ("duties", 1_497),
        ("cases", 1_000),
    ):
        assert int(demo_city.asked(f"select count(*) from {table}")) >= least
    assert demo_city.asked("select count(*) from grids") == "1497"
    assert demo_city.asked("select generated from cities") == "t"
    # Everything lies in a grid, and nothing in the future.
    assert demo_city.asked("select count(*) from cases where grid_id is null") == "0"
    assert demo_city.asked("select count(*) from cases where occurred_at > now()") == "0"


def test_a_loaded_demo_city_is_left_as_it_is(demo_city: CommandLine) -> None:
    before = demo_city.contents()
    for seed in ("7", "8"):
        assert demo_city.does("demo", "--seed", seed)["loaded"] is False
    assert demo_city.contents() == before


def test_the_same_seed_draws_the_same_city(demo_city: CommandLine, prompt: CommandLine) -> None:
    prompt.does("demo", "--seed", "7")
    assert drawn(prompt) == drawn(demo_city)


def test_another_seed_draws_other_grids() -> None:
    seven, seven_again, eight = (content_hash(generate_coverage(seed)) for seed in (7, 7, 8))
    assert seven == seven_again != eight


def test_a_city_with_data_of_its_own_is_refused(small_city: CommandLine) -> None:
    before = small_city.contents()
    line = small_city.refuses("demo")
    assert "小城" in line
    assert "WANGGE_CITY" in line
    assert small_city.contents() == before


def test_reports_alone_are_data_of_its_own(prompt: CommandLine) -> None:
    prompt.does("migrate")
    prompt.does("import", "reports", write(prompt.folder / "r.csv", [row("a")]), *WITH_ID)
    before = prompt.contents()
    prompt.refuses("demo")
    assert prompt.contents() == before


def test_people_alone_are_data_of_its_own(prompt: CommandLine) -> None:
    prompt.does("migrate")
    people = "code,name,role,area,from,to\nW0,甲,,,,\n"
    prompt.does("import", "staff", write_staff(prompt.folder, people))
    before = prompt.contents()
    prompt.refuses("demo")
    assert prompt.contents() == before
