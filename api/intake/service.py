"""What a process holds to take reports in: the queue, and the open channel's limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

from fastapi import Depends, Request

from api.intake.batch import Outcome, take_batch
from api.intake.limits import OpenChannelLimits
from api.intake.queue import IntakeQueue
from api.intake.submission import Submission
from api.service import Service
from gis.store.engine import Transaction


@dataclass(frozen=True, slots=True)
class Intake:
    """The intake of one service; closed with it."""

    queue: IntakeQueue
    limits: OpenChannelLimits

    @classmethod
    def of(cls, service: Service) -> Self:
        """An intake that writes through ``service``."""

        async def take(tx: Transaction, submissions: Sequence[Submission]) -> list[Outcome]:
            return await take_batch(tx, service, submissions)

        queue = IntakeQueue(service.transaction, take, committed=service.journal_written)
        return cls(queue, OpenChannelLimits.of(service.profile.intake))


def _intake(request: Request) -> Intake:
    intake: Intake = request.app.state.intake
    return intake


TheIntake = Annotated[Intake, Depends(_intake)]
