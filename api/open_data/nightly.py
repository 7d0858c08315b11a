"""Each night what may be told by then is told: a due job that adds itself again."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from api.open_data.releasing import release_months
from api.profile import CityProfile
from gis.store.due_jobs import Job, add_job, add_only_job
from gis.store.engine import Transaction

RELEASE_IS_DUE = "open_data.is_due"

ACTOR = "schedule"
NIGHT = time(3, 30)
"""Files of a day are imported by then, and nobody waits for the database."""


class NightlyRelease:
    """The due job of a city with this profile."""

    def __init__(self, profile: CityProfile) -> None:
        self._profile = profile

    async def release_as_due(self, tx: Transaction, job: Job, now: datetime) -> None:  # noqa: ARG002 - all of them are alike
        """Release the months that are over, and come again next night."""
        await release_months(tx, self._profile, actor=ACTOR, now=now)
        await add_job(tx, RELEASE_IS_DUE, next_night(now, self._profile.zone), {})


async def schedule_release(tx: Transaction, now: datetime) -> None:
    """Let what may be told be told at once, where no night is waited for."""
    await add_only_job(tx, RELEASE_IS_DUE, now, {})


def next_night(now: datetime, zone: ZoneInfo) -> datetime:
    """The first half past three after ``now`` by the clock of ``zone``, in UTC."""
    local = now.astimezone(zone)
    night = datetime.combine(local.date(), NIGHT, zone)
    if night <= local:
        night = datetime.combine(local.date() + timedelta(days=1), NIGHT, zone)
    return night.astimezone(UTC)
