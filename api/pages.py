"""The built web pages, served from web/dist."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from gis.errors import Unavailable

DIST = Path(__file__).resolve().parent.parent / "web" / "dist"
HASHED = "assets/"
# Pages beside the first one; their addresses have no slash at the end.
PAGES = {"plan": "plan/index.html", "insight": "insight/index.html", "open": "open/index.html"}


class Pages(StaticFiles):
    """Files whose name holds a hash never change; every other one is asked for again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file, with how long it may be kept; its gzip where the client takes that."""
        takes_gzip = "gzip" in Headers(scope=scope).get("Accept-Encoding", "")
        if takes_gzip and self.lookup_path(f"{path}.gz")[1] is not None:
            # Its media type is that of the plain file: `.gz` is an encoding to mimetypes.
            response = await super().get_response(f"{path}.gz", scope)
            response.headers["Content-Encoding"] = "gzip"
        else:
            response = await super().get_response(PAGES.get(path, path), scope)
        response.headers["Vary"] = "Accept-Encoding"
        keep = "public, max-age=31536000, immutable" if path.startswith(HASHED) else "no-cache"
        response.headers["Cache-Control"] = keep
        return response


def built(path: str) -> str:
    """The text of a file that was built with the pages.

    Raises
    ------
    Unavailable
        ``pages_not_built``.
    """
    file = DIST / path
    if not file.is_file():
        raise Unavailable("pages_not_built", "The web pages are not built; run `make setup`.")
    return file.read_text(encoding="utf-8")


def install_pages(app: FastAPI) -> None:
    """Serve the pages at ``/``, where they have been built (``make setup`` does)."""
    if DIST.is_dir():
        app.mount("/", Pages(directory=DIST, html=True), name="pages")
