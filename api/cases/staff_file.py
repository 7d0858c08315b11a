"""The staff file: who there is, and which area each answers for.

Template: ``code,name,role,area,from,to``. A person with several areas has
several rows; one who has none (only on duty) leaves role, area, from and to
empty. Empty ``from`` or ``to`` is an open end.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from api.cases.posts import Areas, overlap_faults, post_of
from api.cases.template import BadRow, RowFault, TemplateRow, read_template, refuse_faulty
from gis.store.staff import Post

STAFF_HEADERS = {
    "code": ("code", "编号", "人员编号"),
    "name": ("name", "姓名"),
    "role": ("role", "角色"),
    "area": ("area", "区域", "网格"),
    "from": ("from", "开始", "开始时间"),
    "to": ("to", "结束", "结束时间"),
}
MAX_CODE_LENGTH = 64
MAX_NAME_LENGTH = 64


@dataclass(frozen=True)
class StaffFile:
    """Names by staff code, and the assignments, in the file's order."""

    names: dict[str, str]
    assignments: list[Post]


def read_staff_file(path: Path, zone: ZoneInfo, areas: Areas) -> StaffFile:
    """Read a staff file, wholly or not at all.

    Parameters
    ----------
    zone
        Of times without an offset.
    areas
        Codes of the city's grids, communities and townships.

    Raises
    ------
    BadInput
        What `read_template` raises, or ``rows_refused`` naming line and reason.
    """
    rows, faults = read_template(path, STAFF_HEADERS, zone)
    names: dict[str, str] = {}
    posts: list[tuple[int, Post]] = []
    for row in rows:
        try:
            code = _person(row, names)
            if any(row.cells[header] for header in ("role", "area", "from", "to")):
                posts.append((row.line, post_of(row, code, areas, open_ends=True)))
        except BadRow as bad:
            faults.append(RowFault(row.line, bad.reason, bad.message))
    refuse_faulty(path, faults + overlap_faults(posts))
    return StaffFile(names, [post for _, post in posts])


def _person(row: TemplateRow, names: dict[str, str]) -> str:
    code, name = row.cells["code"], row.cells["name"]
    for header, text, longest in (("code", code, MAX_CODE_LENGTH), ("name", name, MAX_NAME_LENGTH)):
        if not text:
            raise BadRow(f"{header}_missing", f"{header} is empty")
        if len(text) > longest:
            raise BadRow(f"{header}_too_long", f"{header} has more than {longest} characters")
    if names.setdefault(code, name) != name:
        raise BadRow("name_conflict", f"{code} is called {names[code]} above and {name} here")
    return code
