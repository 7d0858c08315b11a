"""A process that serves does not stop to look through what it was made of."""

from __future__ import annotations

import subprocess
import sys

ASKED = """
import gc
from api.served_app import served_app
served_app()
print(gc.get_freeze_count(), len(gc.get_objects()))
"""


def test_a_collection_passes_over_what_was_there_from_the_start() -> None:
    ran = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    passed_over, looked_at = map(int, ran.stdout.split())
    assert passed_over > 100_000
    assert looked_at < passed_over / 50
