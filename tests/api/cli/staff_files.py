"""Staff and duties of the nine grids of ``tests.small_city``, each area answered differently."""

from __future__ import annotations

from pathlib import Path

STAFF = """\
code,name,role,area,from,to
W0,甲,worker,g00,2020-01-01,
L0,乙,grid_lead,g00,2020-01-01,
L1,丙,grid_lead,g01,2020-01-01,
C0,丁,,,,
T1,戊,,,,
D0,己,,,,
"""

# Times are the city's own, Asia/Shanghai. The shift of D0 runs over midnight.
DUTY = """\
staff,role,area,from,to
D0,worker,g00,2026-05-04 20:00,2026-05-05 08:00
C0,liaison,c0,2026-05-01,2026-06-01
T1,on_call,t1,2026-05-01,2026-06-01
"""


def write_staff(folder: Path, text: str = STAFF) -> Path:
    """The staff file."""
    return _written(folder / "staff.csv", text)


def write_duty(folder: Path, text: str = DUTY) -> Path:
    """The duty file."""
    return _written(folder / "duty.csv", text)


def _written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path
