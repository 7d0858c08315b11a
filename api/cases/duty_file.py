"""The duty file: who answers when.

Template: ``staff,role,area,from,to``. Shifts are ``[from, to)`` and may run over
midnight; both ends are needed.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from zoneinfo import ZoneInfo

from api.cases.posts import Areas, overlap_faults, post_of
from api.cases.template import BadRow, RowFault, read_template, refuse_faulty
from gis.store.staff import Post

DUTY_HEADERS = {
    "staff": ("staff", "人员", "人员编号"),
    "role": ("role", "角色"),
    "area": ("area", "区域", "网格"),
    "from": ("from", "开始", "开始时间"),
    "to": ("to", "结束", "结束时间"),
}


def read_duty_file(path: Path, zone: ZoneInfo, areas: Areas, staff: Collection[str]) -> list[Post]:
    """Read a duty file, wholly or not at all.

    Parameters
    ----------
    zone
        Of times without an offset.
    areas
        Codes of the city's grids, communities and townships.
    staff
        Codes of the city's staff.

    Raises
    ------
    BadInput
        What `read_template` raises, or ``rows_refused`` naming line and reason.
    """
    rows, faults = read_template(path, DUTY_HEADERS, zone)
    posts: list[tuple[int, Post]] = []
    for row in rows:
        code = row.cells["staff"]
        try:
            if code not in staff:
                raise BadRow("staff_unknown", f"no staff member has the code {code!r}")
            posts.append((row.line, post_of(row, code, areas, open_ends=False)))
        except BadRow as bad:
            faults.append(RowFault(row.line, bad.reason, bad.message))
    refuse_faulty(path, faults + overlap_faults(posts))
    return [post for _, post in posts]
