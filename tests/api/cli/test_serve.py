"""``wangge serve`` in processes of its own, on a private cluster."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gis.store.cluster import EmbeddedCluster
from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import with_nine_grids
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
    assert err.splitlines()[0].startswith("Wangge serves city east at ")
    assert "Traceback" not in err
    assert second.is_ready()
    assert len(servers_on(data)) == 1

    status, out, err = second.end(signal.SIGINT)
    assert (status, out) == (0, "")
    assert len(err.splitlines()) == 1, err
    assert servers_on(data) == []


def test_serve_with_workers_ends_with_all_of_them(home: Path, start: Start) -> None:
    prompt = CommandLine(home, "").given(home=str(home), city="east", port=free_port())
    with_nine_grids(prompt)
    served = start(prompt, "--workers", "2")
    wait_until(served.is_ready)
    _, out, err = served.end(signal.SIGTERM)
    assert out == ""
    assert len(err.splitlines()) == 1, err
    assert servers_on(home / "cluster" / "data") == []


def test_a_second_demo_finds_its_city_and_what_was_reported_between(
    home: Path, start: Start
) -> None:
    prompt = CommandLine(home, "").given(home=str(home), city="demo", port=free_port())
    first = start(prompt, "--demo")
    wait_until(first.is_ready)
    made = first.get("/api/city").json()
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
    reported = first.get(f"/api/cases/{number}").json()
    first.end(signal.SIGTERM)
    assert servers_on(home / "cluster" / "data") == []

    second = start(prompt, "--demo")
    wait_until(second.is_ready)
    found = second.get("/api/city").json()
    assert found["counts"] == made["counts"] | {"cases": made["counts"]["cases"] + 1}
    assert found["boundary_version"] == made["boundary_version"] is not None
    assert second.get(f"/api/cases/{number}").json() == reported


def test_a_port_in_use_is_told_in_one_line(small_city: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = small_city.given(port=port).run("serve")
    assert ran.status == 1
    assert ran.err.count("\n") == 1
    assert f"WANGGE_PORT={port}" in ran.err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "wangge.example"])
def test_no_address_but_loopback_is_served_while_everything_is_open(
    small_city: CommandLine, host: str
) -> None:
    line = small_city.given(host=host).refuses("serve")
    assert f"WANGGE_HOST={host}" in line


def test_a_city_that_is_not_there_is_not_served(prompt: CommandLine) -> None:
    line = prompt.refuses("serve")
    assert "wangge demo" in line
    assert prompt.contents() == {}
