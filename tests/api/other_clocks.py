"""A city whose clock is another, e.g. one that is changed in spring."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from fastapi import FastAPI


@contextmanager
def on_clock(app: FastAPI, zone: str) -> Iterator[None]:
    """The application with its city's clock set to a zone."""
    service = app.state.service
    profile = service.profile.model_copy(update={"timezone": zone})
    # Computed once and copied with the rest.
    profile.__dict__.pop("zone", None)
    app.state.service = replace(service, profile=profile)
    try:
        yield
    finally:
        app.state.service = service
