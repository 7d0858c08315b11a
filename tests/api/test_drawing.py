"""A version's tile shapes are drawn behind it; until then tiles show the version before."""

from __future__ import annotations

from datetime import timedelta

from gis.store.engine import Transaction
from gis.store.versions import version_chain
from tests.api.handed_over import do_due, make_city, publish, redrawn
from tests.small_city import NOON, nine_grids
from tiles.edition import edition_at
from tiles.layers import get_layer

MERGED = redrawn(nine_grids(), {"m": ["g00", "g10"]})


async def shown(tx: Transaction, layer: str = "grids", hours: float = 0) -> int | None:
    """Number of the version that tiles show, some hours after noon."""
    edition = await edition_at(tx, get_layer(layer), NOON + timedelta(hours=hours))
    chain = {version.id: version.number for version in await version_chain(tx)}
    return None if edition.version_id is None else chain[edition.version_id]


async def test_tiles_show_the_version_before_until_the_new_one_is_drawn(tx: Transaction) -> None:
    await make_city(tx)
    assert await shown(tx) == 1
    before = await edition_at(tx, get_layer("grids"), NOON)
    await publish(tx, MERGED)
    assert await edition_at(tx, get_layer("grids"), NOON) == before
    # Cases are told apart by the townships in force, drawn or not.
    assert await shown(tx, "cases") == 2
    await do_due(tx)
    assert await shown(tx) == 2


async def test_a_version_for_a_later_day_is_drawn_before_it_takes_effect(tx: Transaction) -> None:
    await make_city(tx)
    await publish(tx, MERGED, now=NOON - timedelta(hours=1), effective_at=NOON)
    await do_due(tx, now=NOON - timedelta(minutes=30))
    assert (await shown(tx, hours=-0.1), await shown(tx, hours=0)) == (1, 2)
