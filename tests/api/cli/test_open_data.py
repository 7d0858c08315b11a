"""``wangge open-data release``: months that are over, each once, said in one line or object."""

from __future__ import annotations

from tests.api.cli.command_line import CommandLine

REPORTS = """\
lng,lat,time,category
"""


def test_months_of_an_imported_history_are_released_once(small_city: CommandLine) -> None:
    prompt = small_city
    lines = [
        f"121.00{n % 9 + 1},30.005,2025-0{month}-{n + 1:02}T12:00:00,garbage"
        for month, count in ((3, 12), (5, 4))
        for n in range(count)
    ]
    (prompt.folder / "r.csv").write_text(REPORTS + "\n".join(lines) + "\n", "utf-8")
    prompt.does(
        "import", "reports", "r.csv", "--lng", "lng", "--lat", "lat", "--time", "time",
        "--category", "category",
    )  # fmt: skip
    alone = prompt.does("open-data", "release", "--month", "2025-03")
    assert alone == {"released": [{"month": "2025-03", "rows": 1}]}
    released = prompt.does("open-data", "release")["released"]
    assert released[0] == {"month": "2025-04", "rows": 0}
    assert [row["rows"] for row in released].count(0) == len(released)
    before = prompt.contents()
    assert prompt.does("open-data", "release") == {"released": []}
    assert prompt.contents() == before
    for month, reason in (
        ("2025-03", "was released"),
        ("2025-02", "no case"),
        ("2999-01", "cannot be released yet"),
        ("march", "no YYYY-MM"),
    ):
        assert reason in prompt.refuses("open-data", "release", "--month", month)
    assert prompt.contents() == before
