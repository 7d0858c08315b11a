"""Room for many connections: each is an open file, and the usual limit is 1,024."""

from __future__ import annotations

import resource

ENOUGH = 65_536


def allow_many_open_files() -> int:
    """Raise this process's limit as far as it may without asking anybody; answers the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = ENOUGH if hard == resource.RLIM_INFINITY else min(ENOUGH, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return most
    return soft
