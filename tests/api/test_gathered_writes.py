"""What one turn of the event loop writes leaves in one piece, in order, and wholly."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from api.gathered_writes import MOST_BYTES, GatheredWrites


class Wire(asyncio.Transport):
    """What reaches the kernel: the pieces, and the end."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.end = ""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.end
        self.sent.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return 7

    def close(self) -> None:
        self.end = self.end or "closed"

    def abort(self) -> None:
        self.end = "aborted"


async def test_head_and_body_are_one_piece_and_the_next_answer_another() -> None:
    wire = Wire()
    gathered = GatheredWrites(wire)
    gathered.write(b"head ")
    gathered.write(b"body")
    assert wire.sent == []
    await asyncio.sleep(0)
    gathered.write(b"next")
    await asyncio.sleep(0)
    assert wire.sent == [b"head body", b"next"]


async def test_closing_sends_first_what_was_written_and_aborting_does_not() -> None:
    for end, sent in (("close", [b"last"]), ("abort", [])):
        wire = Wire()
        gathered = GatheredWrites(wire)
        gathered.write(b"last")
        getattr(gathered, end)()
        await asyncio.sleep(0)
        assert (wire.sent, wire.end) == (sent, "closed" if end == "close" else "aborted")


async def test_what_was_not_sent_yet_counts_as_buffered() -> None:
    gathered = GatheredWrites(Wire())
    gathered.write(b"12345")
    assert gathered.get_write_buffer_size() == 5 + 7
    await asyncio.sleep(0)
    assert gathered.get_write_buffer_size() == 7


async def test_who_writes_much_without_a_pause_is_not_kept_from_hearing_that_it_should() -> None:
    wire = Wire()
    gathered = GatheredWrites(wire)
    for _ in range(3):
        gathered.write(bytes(MOST_BYTES - 1))
    assert [len(piece) for piece in wire.sent] == [2 * (MOST_BYTES - 1)]


@given(turns=st.lists(st.lists(st.binary(min_size=1, max_size=MOST_BYTES // 3), max_size=6)))
def test_nothing_is_lost_or_turned_round(turns: list[list[bytes]]) -> None:
    async def write_all() -> Wire:
        wire = Wire()
        gathered = GatheredWrites(wire)
        for turn in turns:
            for piece in turn:
                gathered.write(piece)
            await asyncio.sleep(0)
        gathered.close()
        return wire

    wire = asyncio.run(write_all())
    assert b"".join(wire.sent) == b"".join(piece for turn in turns for piece in turn)
    assert wire.end == "closed"
