"""The one transaction of a request, begun when something of the request first asks for it.

Session, scope and route share it. With a connection each they would wait for each other:
eight requests that hold one of the pool's eight and want a second wait for ever.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Annotated

from fastapi import Depends

from api.service import Service, TheService
from gis.store.engine import Transaction


class RequestTransaction:
    """Commits at the end of its block, rolls back on any error; takes nothing if never begun."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._ending = AsyncExitStack()
        self._tx: Transaction | None = None

    async def __aenter__(self) -> RequestTransaction:
        return self

    async def __aexit__(self, *raised: object) -> None:
        self._tx = None
        await self._ending.__aexit__(*raised)  # type: ignore[arg-type] # as they came

    async def begun(self) -> Transaction:
        """The transaction, the same for everybody who asks.

        Raises
        ------
        Unavailable
            ``database_away``, ``database_busy``.
        """
        if self._tx is None:
            self._tx = await self._ending.enter_async_context(self._service.transaction())
        return self._tx

    async def end(self) -> None:
        """Commit and give the connection back, before a wait for something else."""
        self._tx = None
        await self._ending.aclose()


async def _request_transaction(service: TheService) -> AsyncIterator[RequestTransaction]:
    async with RequestTransaction(service) as asked:
        yield asked


# scope="function": the transaction commits before the answer is sent, so that
# no client ever hears of a change that could still fail.
TheTransaction = Annotated[RequestTransaction, Depends(_request_transaction, scope="function")]


async def _begun(asked: TheTransaction) -> Transaction:
    return await asked.begun()


Tx = Annotated[Transaction, Depends(_begun)]
