"""``wangge``: every command, and how failure ends."""

from __future__ import annotations

import signal
import sys
from types import FrameType

import typer

from api.cli.lazy_group import LazyGroup
from api.cli.output import say
from gis.errors import WanggeError

app = typer.Typer(
    cls=LazyGroup,
    help="Wangge 网格: the map service a city governs its grids with.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def wangge() -> None:
    """Wangge 网格: the map service a city governs its grids with."""


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
