"""The application as a process of its own serves it."""

from __future__ import annotations

import gc

from fastapi import FastAPI


def served_app() -> FastAPI:
    """The application, and nothing made so far is looked through for garbage again.

    Modules, classes and routes are 200,000 objects. A full collection goes over all of them:
    100 to 190 ms in which no request, stream or batch goes on.
    """
    gc.disable()
    from api.app import create_app

    app = create_app()
    gc.collect()
    gc.freeze()
    gc.enable()
    return app
