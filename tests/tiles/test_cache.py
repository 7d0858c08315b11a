from __future__ import annotations

import gzip
import os

from hypothesis import given
from hypothesis import strategies as st

from tiles.cache import Tile, TileCache, compressed

SIZES = st.integers(0, 6_000)


def a_tile(size: int) -> Tile:
    return Tile(bytes(size), None)


@given(st.lists(st.tuples(st.integers(0, 12), SIZES), max_size=60))
def test_the_cache_never_holds_more_than_its_bound(puts: list[tuple[int, int]]) -> None:
    cache = TileCache(12_000)
    held: dict[int, Tile] = {}
    for key, size in puts:
        held[key] = a_tile(size)
        cache.put(key, held[key])
        kept = {key: tile for key in held if (tile := cache.get(key)) is not None}
        assert all(held[key] is tile for key, tile in kept.items())
        assert cache.size_bytes == sum(tile.size_bytes for tile in kept.values())
        assert cache.size_bytes <= cache.max_bytes
        assert len(cache) == len(kept)


def test_the_tile_longest_unused_is_forgotten_first() -> None:
    cache = TileCache(3 * a_tile(100).size_bytes)
    for key in "abc":
        cache.put(key, a_tile(100))
    cache.get("a")
    cache.put("d", a_tile(100))
    assert [key for key in "abcd" if cache.get(key) is not None] == ["a", "c", "d"]


def test_a_tile_larger_than_the_cache_drives_nothing_out() -> None:
    cache = TileCache(5_000)
    cache.put("small", a_tile(10))
    cache.put("huge", a_tile(50_000))
    assert cache.get("small") is not None
    assert cache.get("huge") is None


def test_a_key_put_again_holds_the_newer_tile() -> None:
    cache = TileCache(9_000)
    cache.put("a", a_tile(10))
    newer = a_tile(20)
    cache.put("a", newer)
    assert cache.get("a") is newer
    assert cache.size_bytes == newer.size_bytes


def test_a_tile_is_gzipped_where_that_makes_it_smaller() -> None:
    plain = b"grid" * 5_000
    tile = compressed(plain)
    assert tile.gzipped is not None
    assert gzip.decompress(tile.gzipped) == tile.mvt == plain
    assert len(tile.gzipped) < len(plain)


def test_small_and_incompressible_tiles_stay_as_they_are() -> None:
    assert compressed(b"a" * 200).gzipped is None
    assert compressed(os.urandom(20_000)).gzipped is None
