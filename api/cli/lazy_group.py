"""Commands that are imported when they are run, so that each starts as fast as it can.

All of them together import for two seconds; `wangge serve` needs less than half of that.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from api.cli.importing import importing

COMMANDS = {
    "serve": "api.cli.serve:serve",
    "demo": "api.cli.demo:demo",
    "migrate": "api.cli.migrate:migrate",
    "import": "api.cli.imports:import_app",
    "export": "api.cli.export:export_app",
    "locate": "api.cli.locate:locate",
    "balance": "api.cli.balance:balance",
    "hotspots": "api.cli.hotspots:hotspots",
    "trend": "api.cli.trend:trend",
    "open-data": "api.cli.open_data:open_data_app",
    "users": "api.cli.users:users_app",
    "bench": "api.bench.commands:bench_app",
}
"""Where each command is: a function, or an application with commands of its own."""


class LazyGroup(TyperGroup):
    """The commands of ``COMMANDS``."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Click's signature
        """Names in the order of ``COMMANDS``."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Import one command; None for a name that is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        with importing():
            found = getattr(import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False)
            alone.command(cmd_name)(found)
            found = alone
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command
