"""An impact as a page: whole in itself, safe to open, and true to the impact."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from boundaries.succession.impact import Impact, Move, Person
from boundaries.succession.impact_page import Leaflet, impact_page
from boundaries.succession.impact_words import Language
from tests.boundaries.test_impact_file import nothing, split

LEAFLET = Leaflet(
    "window.L = {};\n//# sourceMappingURL=leaflet.js.map", ".a { background: url(images/a.png) }"
)
NASTY = "<img src=x onerror=alert(1)></script><script>alert(2)</script>{{ 7*7 }}"


def page(impact: Impact, language: Language = "zh", title: str = "河东调整") -> str:
    return impact_page(
        impact, title=title, instant="2026-12-01 00:00", language=language, leaflet=LEAFLET
    )


class Reader(HTMLParser):
    """The cells of the tables, the tags, and what a browser would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.rows: list[list[str]] = []
        self.scripts = ""
        self._cell = self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        self._cell = self._cell or tag in ("td", "th")
        self._script = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag not in ("td", "th")
        self._script = False

    def handle_data(self, data: str) -> None:
        if self._script:
            self.scripts += data
        elif self._cell:
            self.rows[-1][-1] += data.strip() and f" {data.strip()}"


def test_the_page_fetches_nothing() -> None:
    text = page(split())
    assert Reader(text).addresses == []
    hosts = set(re.findall(r"https?://[^\s\"'<>)]+", text))
    assert hosts <= {"http://www.w3.org/2000/svg"}
    assert "url(" not in text
    assert "sourceMapping" not in text
    assert "window.L = {};" in text


def test_the_tables_say_what_the_impact_says() -> None:
    rows = [[cell.strip() for cell in row] for row in Reader(page(split(), "en")).rows]
    assert ["Assignments", "甲 A", "nobody", "1"] in rows
    assert ["Cases", "甲 A", "nobody", "1"] in rows
    assert ["a", "c", "50.0%", "—"] in [[*row[:2], row[2], row[3]] for row in rows if len(row) == 4]
    (c,) = (row for row in rows if row[0] == "c 网格")
    assert c[2:] == ["8", "12", "2"]
    (b,) = (row for row in rows if row[0] == "b 网格")
    assert b[2] == "—", "nobody counted: absent, not 0"


def test_a_name_is_text_wherever_it_stands() -> None:
    impact = split()
    named = replace(
        impact,
        after=tuple(replace(each, name=NASTY) for each in impact.after),
        moves=tuple(replace(each, person_to=Person("X", NASTY)) for each in impact.moves),
    )
    text = page(named, title=NASTY)
    read = Reader(text)
    assert "img" not in read.tags
    assert read.tags.count("script") == Reader(page(impact)).tags.count("script")
    assert "<img" not in read.scripts
    assert "49" not in " ".join(cell for row in read.rows for cell in row)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_draft_that_changes_nothing_has_a_page_too(language: Language) -> None:
    text = page(nothing(), language)
    assert ("没有网格的范围改变" if language == "zh" else "No grid has other ground") in text
    assert Reader(text).rows == []


def test_a_case_without_a_place_is_counted_but_not_drawn() -> None:
    impact = split()
    hidden = replace(impact, moves=tuple(replace(each, place=None) for each in impact.moves))
    assert "circleMarker" in page(impact)
    assert "circleMarker" not in page(hidden)
    assert isinstance(hidden.moves[1], Move)
    assert ["案件", "甲 A", "无人", "1"] in [
        [cell.strip() for cell in row] for row in Reader(page(hidden)).rows
    ]


def test_what_goes_with_its_person_is_one_line_and_no_change_of_hands() -> None:
    impact = split()
    kept = tuple(replace(each, person_to=each.person_from) for each in impact.moves)
    text = page(replace(impact, moves=kept))
    assert "没有案件、岗位或排班换人" in text
    told = " ".join(re.sub("<[^>]*>", " ", text).split())
    assert "岗位 1 · 案件 1" in told
