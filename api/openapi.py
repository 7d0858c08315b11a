"""The routes as an OpenAPI document, from which the types of the web page are generated.

``python -m api.openapi FILE`` writes it; no database is opened.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from api.app import create_app
from api.settings import Settings


def openapi_text() -> str:
    """The document, indented; the same for every setting of the environment."""
    return json.dumps(create_app(Settings()).openapi(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(openapi_text(), "utf-8")
