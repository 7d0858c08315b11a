"""What a process holds to take reports in: the queue, and the open channel's limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from api.intake.batch import Batches
from api.intake.limits import OpenChannelLimits
from api.intake.queue import Begin, IntakeQueue
from api.service import Service


@dataclass(frozen=True, slots=True)
class Intake:
    """The intake of one service; closed with it."""

    queue: IntakeQueue
    limits: OpenChannelLimits

    @classmethod
    def of(cls, service: Service, begin: Begin) -> Self:
        """An intake of ``service`` that writes through the connections ``begin`` gives."""
        queue = IntakeQueue(begin, Batches(service).take, committed=service.journal_written)
        return cls(queue, OpenChannelLimits.of(service.profile.intake))
