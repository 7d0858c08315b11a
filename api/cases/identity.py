"""Have we seen this report? New, unchanged, or the same id with other content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Identity(IntEnum):
    """What a report is beside those known."""

    NEW = 0
    UNCHANGED = 1
    ID_CONFLICT = 2


def settle(
    external_ids: Iterable[str], contents: Iterable[bytes], known: Mapping[str, bytes]
) -> NDArray[np.uint8]:
    """An `Identity` for each report, in their order.

    Parameters
    ----------
    external_ids, contents
        Ids and content hashes of the reports at hand; an id may occur several times.
    known
        Content hash by id of those stored before.

    Returns
    -------
    The first report of an unknown id is new. Every other is compared with the
    stored one, else with that first one.
    """
    seen = dict(known)
    found = []
    for external_id, content in zip(external_ids, contents, strict=True):
        first = seen.get(external_id)
        if first is None:
            seen[external_id] = content
            found.append(Identity.NEW)
        else:
            found.append(Identity.UNCHANGED if first == content else Identity.ID_CONFLICT)
    return np.array(found, np.uint8)
