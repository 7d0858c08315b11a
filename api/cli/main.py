"""``wangge``: the entry point, which imports the rest when Ctrl-C is taken care of."""

from __future__ import annotations

from api.cli.interrupts import leaving_at_once


def main() -> None:
    """Run one command; a failure is one line on stderr and a non-zero status."""
    with leaving_at_once():
        from api.cli.program import run
    run()
