"""Open answers are made once while they are kept, and no more of them than fit."""

from __future__ import annotations

import random

from api.open_data.kept_answers import KeptAnswers


async def test_what_was_asked_lately_is_not_made_again_and_all_of_it_fits() -> None:
    kept = KeptAnswers(most_bytes=100)
    chance = random.Random(4)
    made: list[str] = []
    lately: list[str] = []
    for _ in range(2_000):
        etag = f"{chance.randrange(12)}"
        size = int(etag) + 5

        async def make(etag: str = etag, size: int = size) -> bytes:
            made.append(etag)
            return etag[:1].encode() * size

        before = len(made)
        assert await kept.of(etag, make) == etag[:1].encode() * size
        if etag in lately:
            # The least recently asked go first: what fits beside all asked since is there.
            since = {etag, *lately[len(lately) - 1 - lately[::-1].index(etag) :]}
            if sum(int(one) + 5 for one in since) <= 100:
                assert len(made) == before, etag
        lately.append(etag)
    assert len(made) > 12


async def test_an_answer_larger_than_all_that_is_kept_is_made_each_time() -> None:
    kept = KeptAnswers(most_bytes=3)
    made = 0

    async def make() -> bytes:
        nonlocal made
        made += 1
        return b"1234"

    assert [await kept.of("a", make) for _ in range(2)] == [b"1234"] * 2
    assert made == 2
