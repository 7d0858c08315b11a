"""``wangge``: the entry point, which imports the rest when Ctrl-C is taken care of."""

from __future__ import annotations

from api.cli.importing import importing


def main() -> None:
    """Run one command; a failure is one line on stderr and a non-zero status."""
    with importing():
        from api.cli.program import run
    run()
