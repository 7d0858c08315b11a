"""Every command, and how failure ends."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from api.cli.importing import INTERRUPTED
from api.cli.lazy_group import LazyGroup
from api.cli.output import say
from gis.errors import WanggeError

app = typer.Typer(
    cls=LazyGroup,
    help="Wangge 网格: the map service a city governs its grids with.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def wangge() -> None:
    """Wangge 网格: the map service a city governs its grids with."""


def run() -> None:
    """Run one command; a failure is one line on stderr and a non-zero status."""
    signal.signal(signal.SIGTERM, _leave)
    try:
        status = app(sys.argv[1:] or ["--help"], standalone_mode=False)
    except WanggeError as error:
        _fail(error.message, 1)
    except TyperException as error:
        _fail(f"{error.format_message()} See --help.", error.exit_code)
    except OSError as error:
        _fail(f"{error.filename or 'input or output'}: {error.strerror or error}", 1)
    if status == INTERRUPTED:
        _fail("interrupted", INTERRUPTED)
    sys.exit(status or 0)


def _fail(why: str, status: int) -> NoReturn:
    say(f"wangge: {' '.join(why.split())}")
    sys.exit(status)


def _leave(_: int, __: FrameType | None) -> None:
    # Leaving by exception lets every `with` close: the embedded cluster is stopped.
    sys.exit(128 + signal.SIGTERM)
