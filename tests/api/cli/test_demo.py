from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from api.cases.sealing import unseal
from api.demo.background import background_shapes
from api.demo.coverage import generate_ground
from api.demo.load import STEPS
from api.demo.stories import stories
from api.profile import read_profile
from api.settings import SHIPPED_PROFILE
from gis.store.cluster import EmbeddedCluster
from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import NewCity
from tests.api.cli.report_files import WITH_ID, row, write
from tests.api.cli.staff_files import write_staff
from tests.conftest import open_folder
from tests.ready_homes import DEMO_CITY, DEMO_SEED, ReadyHomes


@pytest.fixture(scope="module")
def demo_city(new_city: NewCity) -> CommandLine:
    prompt = new_city()
    assert prompt.does("demo", "--seed", str(DEMO_SEED))["loaded"] is True
    return prompt


@pytest.fixture
def shared_city(ready_homes: ReadyHomes) -> Iterator[CommandLine]:
    """The same city once more, loaded on a terminal by another process."""
    with open_folder() as folder:
        home = Path(folder) / "home"
        ready_homes.copy_demo_home(home)
        with EmbeddedCluster(home) as url:
            yield CommandLine(Path(folder), url).given(home=str(home), city=DEMO_CITY)


def drawn(city: CommandLine) -> str:
    """What the generator made of its seed alone: grids, people, places of the reports."""
    return "\n".join(
        city.asked(statement)
        for statement in (
            "select encode(content_hash, 'hex') from boundary_versions",
            "select md5(string_agg(code || name, ',' order by code)) from staff",
            "select md5(string_agg(made, ',' order by made))"
            " from (select external_id || category || channel as made from reports"
            "       where received_at < now() - interval '1 day') as places",
            "select md5(string_agg(st_astext(geometry), ',' order by id)) from building_counts",
            "select md5(string_agg(st_astext(geometry), ',' order by id)) from background_shapes",
        )
    )


def test_an_empty_city_is_filled(demo_city: CommandLine) -> None:
    for table, exactly in (
        ("grids", 1_497),
        ("communities", 326),
        ("townships", 21),
        ("staff", 16_800),
    ):
        assert demo_city.asked(f"select count(*) from {table}") == str(exactly)
    for table, least in (
        ("assignments", 16_800), ("duties", 20_000), ("cases", 55_000), ("reports", 55_000),
        ("report_texts", 2_000), ("background_shapes", 40), ("building_counts", 10_000),
        ("open_releases", 11), ("open_counts", 1_000),
    ):  # fmt: skip
        assert int(demo_city.asked(f"select count(*) from {table}")) >= least
    assert demo_city.asked("select generated from cities") == "t"
    assert demo_city.asked("select sum(population) from building_counts") == "830000"


def test_all_that_was_made_up_is_stored_and_what_was_told_is_in_it(demo_city: CommandLine) -> None:
    """The year of the store is the year of the generator, its three stories among it."""
    now = datetime.fromisoformat(
        demo_city.asked("select max(received_at) from reports").replace(" ", "T")
    )
    profile = read_profile(SHIPPED_PROFILE)
    ground = generate_ground(DEMO_SEED)
    told = stories(
        ground.grids, background_shapes(ground), seed=DEMO_SEED, now=now.astimezone(profile.zone)
    )
    for one in told:
        place = one.places.iloc[-1]
        near = demo_city.asked(
            f"select count(*) from cases where category = '{one.category}'"
            f" and occurred_at >= '{place.start.isoformat()}' and st_dwithin(point::geography,"
            f" st_setsrid(st_makepoint({place.lng}, {place.lat}), 4326)::geography,"
            f" {place.reach_m + 30})"
        )
        assert int(near) > 5, one.name
    used = set(demo_city.asked("select distinct category from cases").splitlines())
    assert used == {category.code for category in profile.categories}
    months = demo_city.asked("select count(distinct date_trunc('month', received_at)) from cases")
    assert int(months) >= 12


def test_who_waits_sees_a_bar_that_names_each_step(ready_homes: ReadyHomes) -> None:
    screen = ready_homes.demo_screen()
    found = [screen.find(step) for step in STEPS]
    assert -1 not in found
    assert found == sorted(found)
    assert all(f"{done}/{len(STEPS)}" in screen for done in range(len(STEPS) + 1))
    assert "━" in screen


def test_its_reports_are_placed_and_answered(demo_city: CommandLine) -> None:
    assert demo_city.asked("select count(*) from cases where received_at > now()") == "0"
    outside = "select round(1000.0 * count(*) filter (where grid_id is null) / count(*)) from cases"
    assert 1 <= int(demo_city.asked(outside)) <= 20
    rules = "select string_agg(distinct staff_rule::text, '' order by staff_rule::text) from cases"
    assert demo_city.asked(rules) == "12345"
    assert (
        demo_city.asked("select count(*) from cases where grid_id is not null and staff_id is null")
        == "0"
    )


def test_its_words_are_sealed_with_their_own_keys(demo_city: CommandLine) -> None:
    row = demo_city.asked(
        "select channel || '/' || external_id || '|' || encode(sealed, 'hex') || '|'"
        " || encode(key, 'hex') from report_texts join report_keys using (report_id)"
        " join reports on reports.id = report_id order by report_id limit 1"
    )
    subject, sealed, key = row.split("|")
    assert unseal(bytes.fromhex(sealed), bytes.fromhex(key), subject)


def test_a_loaded_demo_city_is_left_as_it_is(demo_city: CommandLine) -> None:
    before = demo_city.contents()
    for seed in (DEMO_SEED, DEMO_SEED + 1):
        assert demo_city.does("demo", "--seed", str(seed))["loaded"] is False
    assert demo_city.contents() == before


def test_the_same_seed_draws_the_same_city(
    demo_city: CommandLine, shared_city: CommandLine
) -> None:
    assert drawn(shared_city) == drawn(demo_city)


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
