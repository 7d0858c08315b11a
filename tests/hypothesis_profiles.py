"""How many examples a property test tries: a few, always the same, or many and ever new.

A test that wants fewer than the profile gives (one example is slow) takes its share of it:
``@settings(max_examples=settings().max_examples // 10)``. With a number of its own,
`make prove` would prove no more of it than `make test`.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings


def register_profiles() -> None:
    """Make the profiles ``test``, which holds unless another is asked for, and ``prove``."""
    common = settings(
        # The load of the machine decides how long an example takes: no test may fail for it.
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        print_blob=True,
    )
    settings.register_profile("test", common, max_examples=60, derandomize=True)
    settings.register_profile("prove", common, max_examples=5_000)
    settings.load_profile("test")
