"""Which database a process uses: the embedded cluster, or the server it was told of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from api.settings import Settings
from gis.store.cluster import EmbeddedCluster


@contextmanager
def database_url(settings: Settings, say: Callable[[str], None] | None = None) -> Iterator[str]:
    """URL of the database for as long as the block runs.

    The embedded cluster is started when nobody else has, and stopped when this
    was its last user.
    """
    if settings.database_url is not None:
        yield settings.database_url
        return
    with EmbeddedCluster(settings.home, say=say) as url:
        yield url
