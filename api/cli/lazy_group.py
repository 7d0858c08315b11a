"""Commands that are imported when they are run, so that each starts as fast as it can.

All of them together import for two seconds; `wangge serve` needs less than half of that, and
`wangge --help` none of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

from api.cli.importing import importing


class Unimported(NamedTuple):
    """A command: a function, or an application with commands of its own.

    ``where`` it is, as ``module:attribute``, and the first sentence it ``says`` of itself.
    """

    where: str
    says: str


COMMANDS = {
    "serve": Unimported(
        "api.cli.serve:serve",
        "Serve the city of WANGGE_CITY at WANGGE_HOST:WANGGE_PORT until Ctrl-C.",
    ),
    "demo": Unimported(
        "api.cli.demo:demo", "Fill an empty city with made-up data; do nothing where it is loaded."
    ),
    "migrate": Unimported(
        "api.cli.migrate:migrate",
        "Create the city's schema when it is new, and bring it up to date.",
    ),
    "import": Unimported("api.cli.imports:import_app", "Import a city's data."),
    "export": Unimported("api.cli.export:export_app", "Export a city's data."),
    "locate": Unimported(
        "api.cli.locate:locate",
        "Add grid_code, grid_reason, staff and staff_rule of now to each row of a file.",
    ),
    "balance": Unimported(
        "api.cli.balance:balance",
        "Cut a coverage into contiguous parts of even weight; adds the column part, 1 to K.",
    ),
    "hotspots": Unimported(
        "api.cli.hotspots:hotspots",
        "Hotspots of points by cell (--lng), or of values by place (--value).",
    ),
    "trend": Unimported(
        "api.cli.trend:trend",
        "Mann and Kendall's test and Sen's slope of each series: s, var, z, p, tau, slope.",
    ),
    "open-data": Unimported("api.cli.open_data:open_data_app", "Counts for everybody."),
    "users": Unimported("api.cli.users:users_app", "Accounts, and the keys of programs."),
    "bench": Unimported("api.bench.commands:bench_app", "Measure, side by side."),
}


class LazyGroup(TyperGroup):
    """The commands of ``COMMANDS``."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Click's signature
        """Names in the order of ``COMMANDS``."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Import one command; None for a name that is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].where.partition(":")
        with importing():
            found = getattr(import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False)
            alone.command(cmd_name)(found)
            found = alone
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.says) for name, each in COMMANDS.items()])
