"""``wangge``: every command, and how failure ends."""

from __future__ import annotations

import signal
import sys
from types import FrameType

import typer

from api.bench.commands import bench_app
from api.cli.demo import demo
from api.cli.export import export_app
from api.cli.imports import import_app
from api.cli.locate import locate
from api.cli.migrate import migrate
from api.cli.output import say
from api.cli.serve import serve
from gis.errors import WanggeError

app = typer.Typer(
    help="Wangge 网格: the map service a city governs its grids with.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (serve, demo, migrate, locate):
    app.command()(command)
app.add_typer(import_app, name="import")
app.add_typer(export_app, name="export")
app.add_typer(bench_app, name="bench")


def main() -> None:
    """Run one command; a failure is one line on stderr and a non-zero status."""
    signal.signal(signal.SIGTERM, _leave)
    try:
        app()
    except WanggeError as error:
        say(f"wangge: {error.message}")
        sys.exit(1)


def _leave(_: int, __: FrameType | None) -> None:
    # Leaving by exception lets every `with` close: the embedded cluster is stopped.
    sys.exit(128 + signal.SIGTERM)
