"""The documentation says what the code does: settings, commands, routes, targets and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import typer.main
from pydantic_core import PydanticUndefined
from typer.core import TyperCommand, TyperGroup, TyperOption

from api.app import create_app
from api.cli.program import app as command_line
from api.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def sections(name: str, kind: str) -> dict[str, str]:
    """Each section of a page whose heading is code beginning with ``kind``, by that heading."""
    parts = re.split(rf"^## `({kind}[^`]*)`$", page(name), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def table_keys(section: str) -> Iterator[str]:
    """The first word of each piece of code in the first column of a section's tables."""
    for cell in re.findall(r"^\| (`[^|]*)\|", section, re.MULTILINE):
        yield from (code.split()[0] for code in re.findall(r"`([^`]+)`", cell))


# ---- settings ------------------------------------------------------------------------------------


def documented_settings() -> dict[str, str]:
    """Each documented variable with the default given for it."""
    return dict(
        re.findall(r"^\| `(WANGGE_\w+)` \| `?([^|`]*)`? \|", page("settings.md"), re.MULTILINE)
    )


def test_every_setting_is_documented_and_no_other() -> None:
    assert set(documented_settings()) == {
        f"WANGGE_{name.upper()}" for name in Settings.model_fields
    }


def test_the_documented_defaults_are_the_ones_in_force() -> None:
    documented = documented_settings()
    for name, field in Settings.model_fields.items():
        assert field.default is not PydanticUndefined, name
        default = field.default
        if isinstance(default, Path) and default.is_relative_to(ROOT):
            default = default.relative_to(ROOT)
        said = "unset" if default is None else str(default)
        assert documented[f"WANGGE_{name.upper()}"].strip() == said


def test_no_other_variable_is_read() -> None:
    read = {
        variable
        for room in ("gis", "boundaries", "tiles", "api", "web/src", "tests", ".ci")
        for path in (ROOT / room).rglob("*")
        if path.suffix in {".py", ".ts", ".svelte", ".sh"}
        for variable in re.findall(r"\bWANGGE_[A-Z]\w*", path.read_text("utf-8"))
    }
    assert read <= set(documented_settings())


# ---- headings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_heading_stands_once_on_a_page(path: Path) -> None:
    text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    assert [heading for heading in set(headings) if headings.count(heading) > 1] == []


# ---- commands ------------------------------------------------------------------------------------


def commands(found: object, name: str = "wangge") -> Iterator[tuple[str, TyperCommand]]:
    """Each command that does something, with the words that call it."""
    if isinstance(found, TyperGroup):
        context = typer.Context(found)
        for word in found.list_commands(context):
            yield from commands(found.get_command(context, word), f"{name} {word}")
    elif isinstance(found, TyperCommand):
        yield name, found


COMMANDS = dict(commands(typer.main.get_command(command_line)))


DOCUMENTED_COMMANDS = sections("commands.md", "wangge ")


def test_every_command_is_documented_and_no_other() -> None:
    assert set(DOCUMENTED_COMMANDS) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_options_of_a_command_are_documented_and_no_others(name: str) -> None:
    options = {
        option
        for parameter in COMMANDS[name].params
        if isinstance(parameter, TyperOption)
        for option in parameter.opts + parameter.secondary_opts
        if option.startswith("--")
    }
    assert set(table_keys(DOCUMENTED_COMMANDS[name])) == options - {"--help"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_command_shown_on_a_page_exists(path: Path) -> None:
    for shown in re.findall(r"(?:\.venv/bin/)wangge ([a-z -]+)", path.read_text("utf-8")):
        words = shown.split()
        assert any(f"wangge {' '.join(words[:n])}" in COMMANDS for n in (1, 2)), shown


# ---- routes --------------------------------------------------------------------------------------


ROUTES = {
    f"{method.upper()} {path}": operation
    for path, operations in create_app(Settings()).openapi()["paths"].items()
    for method, operation in operations.items()
}
DOCUMENTED_ROUTES = sections("http.md", "[A-Z]+ /")


def test_every_route_is_documented_and_no_other() -> None:
    assert set(DOCUMENTED_ROUTES) == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_the_parameters_of_a_route_are_documented_and_no_others(route: str) -> None:
    parameters = {
        parameter["name"]
        for parameter in ROUTES[route].get("parameters", [])
        if parameter["in"] == "query"
    }
    assert set(table_keys(DOCUMENTED_ROUTES[route])) == parameters


# ---- targets and links ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_make_target_shown_on_a_page_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", path.read_text("utf-8"))) <= targets


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_link_between_pages_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text("utf-8")):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target


# ---- what acceptance is shown by -----------------------------------------------------------------


ACCEPTANCE = sorted((ROOT / "docs" / "acceptance").glob("*.md"))


@pytest.mark.parametrize("path", ACCEPTANCE, ids=lambda path: path.name)
def test_a_test_that_shows_acceptance_exists(path: Path) -> None:
    shown = re.findall(r"\b(tests/[\w./-]*\w)(?: -k (\w+))?", path.read_text("utf-8"))
    assert shown, "no test is named"
    for target, word in shown:
        assert (ROOT / target).exists(), target
        if word:
            assert re.search(rf"def test_\w*{word}", (ROOT / target).read_text("utf-8")), word


@pytest.mark.parametrize("path", ACCEPTANCE, ids=lambda path: path.name)
def test_no_figure_of_acceptance_is_left_to_fill_in(path: Path) -> None:
    # A figure still to come stands as @word, or as a cell of capitals alone.
    assert re.findall(r"@\w+|(?<=\| )[A-Z]{3,}(?= \|)", path.read_text("utf-8")) == []
