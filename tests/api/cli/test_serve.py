"""``wangge serve`` in processes of its own, on a private cluster."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.demo.accounts import DEMO_PASSWORD, DEMO_ROLES
from gis.store.cluster import EmbeddedCluster
from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import NewCity, with_nine_grids
from tests.api.cli.serving import PATIENCE_S, Served, Start, free_port, wait_until
from tests.conftest import open_folder
from tests.gis.store.cluster_child import servers_on


@pytest.fixture
def home() -> Iterator[Path]:
    with open_folder() as folder:
        yield Path(folder)


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[Served] = []

    def serve(prompt: CommandLine, *options: str) -> Served:
        started.append(Served(prompt, *options))
        return started[-1]

    yield serve
    for served in started:
        if served.process.poll() is None:
            os.killpg(served.process.pid, signal.SIGTERM)
            served.process.communicate(timeout=PATIENCE_S)


def test_two_cities_are_served_on_one_cluster_that_recovers_and_ends_with_the_last(
    home: Path, start: Start
) -> None:
    data = home / "cluster" / "data"
    east, west = (
        CommandLine(home, "").given(home=str(home), city=city, port=free_port())
        for city in ("east", "west")
    )
    with EmbeddedCluster(home):
        with_nine_grids(east)
        with_nine_grids(west)
    assert servers_on(data) == []

    first, second = start(east), start(west)
    wait_until(lambda: first.is_ready() and second.is_ready())
    assert len(servers_on(data)) == 1
    assert [s.get("/api/city").json()["code"] for s in (first, second)] == ["east", "west"]

    # A second one of the same city is refused and told who the first is; also by a command.
    line = east.given(port=free_port()).refuses("serve")
    assert str(first.process.pid) in line
    assert first.address in line

    (server,) = servers_on(data)
    os.kill(server, signal.SIGKILL)
    wait_until(lambda: servers_on(data) not in ([], [server]))
    wait_until(lambda: first.is_ready() and second.is_ready())
    inside = first.get("/api/locate?lng=121.005&lat=30.005").json()
    assert inside["grid"]["code"] == "g00"

    status, out, err = first.end(signal.SIGTERM)
    assert (status, out) == (128 + signal.SIGTERM, "")
    assert tells_where_and_what_it_waited_for(err, "east"), err
    assert second.is_ready()
    assert len(servers_on(data)) == 1

    status, out, err = second.end(signal.SIGINT)
    assert (status, out) == (0, "")
    assert tells_where_and_what_it_waited_for(err, "west"), err
    assert servers_on(data) == []


def tells_where_and_what_it_waited_for(err: str, city: str) -> bool:
    """Whether a service whose database was killed said so in one line for each that waited."""
    first, *others = err.splitlines()
    return first.startswith(f"Wangge serves city {city} at ") and all(
        line.endswith(": The database cannot be reached.") for line in others
    )


def test_serve_with_workers_ends_with_all_of_them(home: Path, start: Start) -> None:
    prompt = CommandLine(home, "").given(home=str(home), city="east", port=free_port())
    with_nine_grids(prompt)
    served = start(prompt, "--workers", "2")
    wait_until(served.is_ready)
    _, out, err = served.end(signal.SIGTERM)
    assert out == ""
    assert len(err.splitlines()) == 1, err
    assert servers_on(home / "cluster" / "data") == []


@pytest.mark.slow
def test_a_second_demo_finds_its_city_and_what_was_reported_between(
    home: Path, start: Start
) -> None:
    prompt = CommandLine(home, "").given(home=str(home), city="demo", port=free_port())
    first = start(prompt, "--demo")
    wait_until(first.is_ready)
    token = first.sign_in("dispatcher", DEMO_PASSWORD).json()["token"]
    made = first.get("/api/city", token).json()
    west, south, east, north = made["bounds"]
    answer = httpx.post(
        f"{first.address}/api/reports",
        json={
            "lng": (west + east) / 2,
            "lat": (south + north) / 2,
            "category": made["categories"][0]["code"],
            "description": "通道堵了",
        },
        headers={"Idempotency-Key": "between"},
        timeout=10,
    )
    assert answer.status_code == 201, answer.text
    number = answer.json()["case"]
    reported = first.get(f"/api/cases/{number}", token).json()
    assert reported["number"] == number
    first.end(signal.SIGTERM)
    assert servers_on(home / "cluster" / "data") == []

    second = start(prompt, "--demo")
    wait_until(second.is_ready)
    found = second.get("/api/city", token).json()
    assert found["counts"] == made["counts"]
    assert found["boundary_version"] == made["boundary_version"] is not None
    # The session is in the database: it outlives the process.
    assert second.get(f"/api/cases/{number}", token).json() == reported
    ways = second.get("/api/sign-in").json()
    assert {account["name"] for account in ways["demo_accounts"]} == set(DEMO_ROLES)
    for name in DEMO_ROLES:
        opened = second.sign_in(name, ways["demo_password"])
        assert opened.json()["account"]["role"] == name


def test_a_port_in_use_is_told_in_one_line(small_city: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = small_city.given(port=port).run("serve")
    assert ran.status == 1
    assert ran.err.count("\n") == 1
    assert f"WANGGE_PORT={port}" in ran.err


@pytest.mark.parametrize(
    "others", [{"host": "0.0.0.0"}, {"host": "::"}, {"public_url": "https://wangge.example"}]
)
def test_a_demo_city_with_its_accounts_is_served_to_this_machine_only(
    made_up_city: CommandLine, others: dict[str, str]
) -> None:
    (name,) = others
    line = made_up_city.given(**others, port=free_port()).refuses("serve")
    assert f"WANGGE_{name.upper()}" in line
    assert ", ".join(DEMO_ROLES) in line


@pytest.fixture
def made_up_city(new_city: NewCity) -> CommandLine:
    """A city marked as made up, with accounts of the demo's names."""
    city = with_nine_grids(new_city())
    city.asked("update cities set generated = true")
    for name in DEMO_ROLES:
        city.does("users", "add", name, "--role", name, "--password", DEMO_PASSWORD)
    return city


def test_a_made_up_city_whose_demo_accounts_are_ended_may_be_served(
    made_up_city: CommandLine, start: Start
) -> None:
    for name in DEMO_ROLES:
        made_up_city.does("users", "disable", name)
    served = start(made_up_city.given(host="0.0.0.0", port=free_port()))
    wait_until(served.is_ready)
    assert served.get("/api/sign-in").json()["demo_accounts"] == []
    assert served.sign_in("planner", DEMO_PASSWORD).status_code == 401


def test_a_city_of_its_own_is_served_to_others(new_city: NewCity, start: Start) -> None:
    city = with_nine_grids(new_city()).given(
        host="0.0.0.0", port=free_port(), public_url="https://wangge.example/"
    )
    city.does("users", "add", "zhou", "--role", "planner", "--password", "打开城市 1234")
    served = start(city)
    wait_until(served.is_ready)
    # As a proxy before it passes on what it is asked.
    before = {
        "Host": "wangge.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "192.0.2.1",
    }
    given = {"username": "zhou", "password": "打开城市 1234"}
    opened = httpx.post(f"{served.address}/api/session", json=given, headers=before, timeout=10)
    assert opened.status_code == 200
    assert all("Secure" in cookie for cookie in opened.headers.get_list("set-cookie"))
    elsewhere = {"Host": "evil.example"}
    assert httpx.get(f"{served.address}/api/city", headers=elsewhere).status_code == 400


def test_a_city_that_is_not_there_is_not_served(prompt: CommandLine) -> None:
    line = prompt.refuses("serve")
    assert "wangge demo" in line
    assert prompt.contents() == {}
