"""Set-up installs what is missing, once, and where it cannot it says so once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stand_in_machine import Machine

ROOT = Path(__file__).parents[1]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_without_root_one_message_names_what_to_install(machine: Machine) -> None:
    machine.has_apt()
    machine.lacks_program("chromium")
    ran = machine.set_up("test")
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert "that needs root, or sudo without a password" in ran.stderr
    assert ran.stderr.endswith("apt-get install --no-install-recommends chromium\n")
    assert not machine.called("apt-get")
    assert not (machine.clone / ".venv").exists()


def test_elsewhere_than_on_debian_the_message_names_what_to_install(machine: Machine) -> None:
    machine.become(uid=0)
    machine.lacks_program("chromium")
    machine.has_program("fc-list")
    ran = machine.set_up("test")
    assert ran.returncode == 1
    assert "this is not Debian or Ubuntu" in ran.stderr
    assert "    Chromium, for the browser tests\n    a font with Chinese characters" in ran.stderr
    assert ran.stderr.endswith("--no-install-recommends chromium fonts-noto-cjk\n")


def test_nothing_is_asked_of_a_user_who_cannot_install_but_has_it_all(machine: Machine) -> None:
    ran = machine.set_up("test")
    assert ran.returncode == 0, ran.stderr


def test_root_installs_what_is_missing_and_no_more(machine: Machine) -> None:
    machine.become(uid=0)
    machine.has_apt()
    machine.lacks_program("chromium")
    ran = machine.set_up("test")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("wangge: installing system packages: chromium\n")
    install = next(call for call in machine.calls if "install" in call)
    assert install.split(" ")[-2:] == ["ca-certificates", "chromium"]
    assert "--no-install-recommends" in install
    assert machine.calls.index("apt-get update") < machine.calls.index(install)


def test_sudo_without_a_password_installs_too(machine: Machine) -> None:
    machine.has_apt()
    machine.has_program("sudo", 'shift; "$@"')
    machine.lacks_program("chromium")
    ran = machine.set_up("test")
    assert ran.returncode == 0, ran.stderr
    assert machine.called("sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install")


def test_an_installation_that_does_not_help_is_named(machine: Machine) -> None:
    machine.become(uid=0)
    machine.has_program("apt-get")
    machine.has_program("apt-cache")
    machine.lacks_program("chromium")
    ran = machine.set_up("test")
    assert ran.returncode == 1
    assert "still missing after the installation: chromium" in ran.stderr


def test_running_asks_for_no_browser(machine: Machine) -> None:
    machine.lacks_program("chromium")
    assert machine.set_up("run").returncode == 0


def test_a_python_that_is_too_old_is_named(machine: Machine) -> None:
    machine.has_program("python3", "case $* in -c*) exit 1 ;; *) echo Python 3.9.2 ;; esac")
    ran = machine.set_up("run")
    assert ran.returncode == 1
    assert "Python 3.11 or newer with venv (python3 on the PATH: Python 3.9.2)" in ran.stderr


@pytest.mark.parametrize("what", ["run", "test"])
def test_a_second_set_up_does_nothing_and_says_nothing(machine: Machine, what: str) -> None:
    first = machine.set_up(what)
    assert first.returncode == 0, first.stderr
    assert "installing Python packages" in first.stdout
    assert "building the web page" in first.stdout
    second = machine.set_up(what)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert machine.calls == []


def test_the_packages_of_the_tests_serve_running_as_well(machine: Machine) -> None:
    machine.set_up("test")
    machine.set_up("run")
    assert machine.calls == []


@pytest.mark.parametrize(
    ("changed", "repeated"),
    [
        ("requirements.txt", ["python-of-venv", "-r requirements.txt"]),
        ("pyproject.toml", ["python-of-venv", "--editable"]),
        ("web/package-lock.json", ["npm ci"]),
        ("web/src/main.ts", ["npm run build"]),
    ],
)
def test_a_step_is_repeated_when_what_it_is_made_from_changes(
    machine: Machine, changed: str, repeated: list[str]
) -> None:
    machine.set_up("run")
    (machine.clone / changed).write_text("something else")
    ran = machine.set_up("run")
    assert ran.returncode == 0, ran.stderr
    assert machine.called(*repeated)
    machine.set_up("run")
    assert machine.calls == []


def test_a_new_file_of_the_web_page_builds_it_anew(machine: Machine) -> None:
    machine.set_up("run")
    (machine.clone / "web/src/new.ts").write_text("")
    machine.set_up("run")
    assert machine.calls == ["npm run build"]


def test_a_step_that_failed_is_shown_and_done_again(machine: Machine) -> None:
    (machine.folder / "npm-is-broken").touch()
    for _ in range(2):
        ran = machine.set_up("run")
        assert ran.returncode == 1
        assert "npm is broken" in ran.stderr
        assert "failed: installing the packages of web/" in ran.stderr
    (machine.folder / "npm-is-broken").unlink()
    assert machine.set_up("run").returncode == 0
    assert machine.called("npm ci")


def test_a_moved_clone_gets_an_environment_of_its_own(machine: Machine) -> None:
    machine.set_up("run")
    machine.clone = machine.clone.rename(machine.folder / "elsewhere")
    ran = machine.set_up("run")
    assert "making the Python environment" in ran.stdout
    assert machine.called("-r requirements.txt")


def test_a_folder_with_blanks_and_chinese_in_its_name_will_do(machine: Machine) -> None:
    machine.clone = machine.clone.rename(machine.folder / "我的 网格")
    assert machine.set_up("test").returncode == 0
    machine.set_up("test")
    assert machine.calls == []


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2", "v22.12.0", "v23.1.0", "v24.19.0"])
def test_a_node_that_vite_runs_on_is_taken_from_the_path(machine: Machine, version: str) -> None:
    machine.has_node(version)
    assert machine.set_up("run").returncode == 0
    assert not machine.called("requirements-node.txt")


@pytest.mark.parametrize("version", ["v18.20.4", "v20.18.9", "v21.7.3", "v22.11.0", None])
def test_else_node_comes_from_its_python_package(machine: Machine, version: str | None) -> None:
    if version:
        machine.has_node(version)
    else:
        machine.lacks_program("node")
    ran = machine.set_up("run")
    assert ran.returncode == 0, ran.stderr
    assert machine.called("--require-hashes -r requirements-node.txt")
    assert (machine.clone / ".venv/bin/npm").exists()
    assert (machine.clone / "web/dist").exists()


def pins(requirements: str) -> Iterator[tuple[str, str]]:
    for line in (ROOT / requirements).read_text().splitlines():
        if "==" in line and not line.startswith("#"):
            name, _, version = line.partition("==")
            yield name, version.removesuffix(" \\")


def test_the_tests_run_on_the_very_versions_that_are_served() -> None:
    assert set(pins("requirements.txt")) <= set(pins("requirements-dev.txt"))


def test_every_dependency_that_is_named_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for named, requirements in (
        (project["project"]["dependencies"], "requirements.txt"),
        (project["dependency-groups"]["dev"], "requirements-dev.txt"),
        (project["dependency-groups"]["node"], "requirements-node.txt"),
    ):
        locked = {name for name, _ in pins(requirements)}
        names = {each.partition("[")[0].split(">")[0].split("=")[0] for each in named}
        assert names <= locked
