"""The demo city in a real service, and the page of it in a real Chromium."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import new_city
from tests.conftest import open_folder
from tests.e2e.desk import Desk
from tests.ready_homes import WANGGE, ReadyHomes

__all__ = ["new_city"]

ROOT = Path(__file__).resolve().parents[2]
START_S = 180
# A machine that draws maps without a graphics card, beside other work, needs its time.
expect.set_options(timeout=15_000)
# Said by the browser of a machine without a graphics card, whenever it takes a screenshot.
NOISE = "GPU stall due to ReadPixels"
# Loading the program takes longer than most of its commands. Beside Playwright's event loop
# they cannot run in the process of the tests.
COMMANDS = """
import json, sys
from api.cli.main import main
for words in json.loads(sys.argv[1]):
    sys.argv = ["wangge", *words]
    try:
        main()
    except SystemExit as leaving:
        if leaving.code:
            raise
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("e2e")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": shutil.which("chromium"),
        "args": [
            "--no-sandbox",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    # Flights of the map would only be waited for; one test turns motion on.
    return {**browser_context_args, "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest, ready_homes: ReadyHomes) -> Iterator[str]:
    """Where the demo city is served; ``--base-url`` names one that is running already."""
    if given := request.config.getoption("base_url"):
        yield str(given)
        return
    if not (ROOT / "web" / "dist" / "index.html").is_file():
        pytest.fail("web/dist is missing: run `make setup`")
    with open_folder() as folder:
        home = Path(folder) / "home"
        ready_homes.copy_demo_home(home)
        with served(service_environment(home)) as url:
            yield url


def run_commands(city: CommandLine, *commands: list[str]) -> None:
    """Run ``wangge`` with the words of each command, in one process; all must succeed."""
    subprocess.run(
        [sys.executable, "-c", COMMANDS, json.dumps(commands)],
        env=city.environment,
        check=True,
        cwd=city.folder,
        timeout=300,
    )


@contextmanager
def served(environment: dict[str, str]) -> Iterator[str]:
    """Address of a real ``wangge serve`` with these variables."""
    url = f"http://127.0.0.1:{environment['WANGGE_PORT']}"
    service = subprocess.Popen([WANGGE, "serve"], env=environment)
    try:
        _wait_until_ready(f"{url}/readyz", service)
        yield url
    finally:
        service.terminate()
        service.wait(timeout=30)


@pytest.fixture
def door(page: Page, base_url: str) -> Iterator[Desk]:
    """The desk before somebody signed in."""
    with watched(page, base_url) as desk:
        yield desk


@pytest.fixture
def desk(door: Desk) -> Desk:
    """The desk of a dispatcher; the test fails when its page said an error it did not expect."""
    door.sign_in()
    return door


@contextmanager
def watched(page: Page, base_url: str) -> Iterator[Desk]:
    """The desk of a service; at the end no error it did not expect may have been said."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    desk = Desk(page, base_url)
    yield desk
    unexpected = [
        error
        for error in errors
        if NOISE not in error and not any(word in error for word in desk.expected_errors)
    ]
    assert unexpected == []


def service_environment(home: Path, **more: str) -> dict[str, str]:
    """Variables of a service of its own on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WANGGE_")}
    return {**kept, "WANGGE_HOME": str(home), "WANGGE_PORT": str(port), **more}


def _wait_until_ready(url: str, service: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if service.poll() is not None:
            pytest.fail(f"wangge serve ended with status {service.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"{url} did not answer in {START_S} s")
