"""An impact as one page that needs nothing else: a map and its tables, to send to anybody."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import folium
import shapely
from branca.element import Element

from boundaries.succession.impact import GridFigures, Impact, Move, Person
from boundaries.succession.impact_tables import count, hectares, impact_tables
from boundaries.succession.impact_words import WORDS, Language, Words
from boundaries.succession.lineage import CodedPolygons

STEP_DEG = 1e-6
"""0.1 m: finer than anything is drawn."""
AFTER = {"color": "#0b6e99", "weight": 2, "fillOpacity": 0.18}
BEFORE = {"color": "#8a5a00", "weight": 1.5, "dashArray": "5 5", "fillOpacity": 0}
TO_ANOTHER, TO_THE_SAME = "#b4235a", "#52606d"
"""Cases that another person gets, and those that only change their grid."""
_STYLE = Path(__file__).with_name("impact_page.css")
_LINKED = re.compile(r"url\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Leaflet:
    """The map library's script and style sheet as text; the page carries both."""

    script: str
    style: str


def impact_page(
    impact: Impact, *, title: str, instant: str, language: Language, leaflet: Leaflet
) -> str:
    """An HTML page with the grids before and after, the cases that move, and who gets what.

    Parameters
    ----------
    title
        The name of the draft.
    instant
        When it would take effect, as people read it.
    """
    words = WORDS[language]
    page = folium.Map(tiles=None, attribution_control=False, max_zoom=20)
    # What folium would have the reader's browser load from other hosts.
    page.default_js, page.default_css = [], []
    _draw(page, impact, words)
    root: Any = page.get_root()
    tables = impact_tables(impact, title=title, instant=instant, words=words)
    root.header.add_child(_Text(_head(f"{title} · {words.impact}", leaflet)), name="head")
    root.html.add_child(_Text(tables), name="tables")
    rendered: str = root.render()
    return rendered.replace("<html>", f'<html lang="{words.tag}">', 1)


class _Text(Element):
    """HTML that is put in as it is; an Element's own text would be read as a template."""

    def __init__(self, text: str) -> None:
        super().__init__("{{ this.text }}")
        self.text = text


def _head(title: str, leaflet: Leaflet) -> str:
    script = "\n".join(
        line for line in leaflet.script.splitlines() if not line.startswith("//# sourceMapping")
    )
    return (
        f"<title>{escape(title)}</title><style>{_LINKED.sub('none', leaflet.style)}</style>"
        f"<style>{_STYLE.read_text(encoding='utf-8')}</style><script>{script}</script>"
    )


def _draw(page: folium.Map, impact: Impact, words: Words) -> None:
    for figures, shapes, name, style in (
        (impact.after, impact.shapes_after, words.after, AFTER),
        (impact.before, impact.shapes_before, words.before, BEFORE),
    ):
        if figures:
            folium.GeoJson(
                _features(figures, shapes, words),
                name=name,
                style_function=lambda _, style=style: style,
                tooltip=folium.GeoJsonTooltip(["told"], labels=False, sticky=True),
            ).add_to(page)
    cases = folium.FeatureGroup(name=words.cases_moved)
    for move in impact.moves_of("cases"):
        if move.place is not None:
            _circle(move, move.place, words).add_to(cases)
    cases.add_to(page)
    folium.LayerControl(collapsed=False).add_to(page)
    drawn = [*impact.shapes_before.polygons, *impact.shapes_after.polygons]
    if drawn:
        west, south, east, north = shapely.total_bounds(drawn).tolist()
        page.fit_bounds([(south, west), (north, east)], padding=(24, 24))


def _circle(move: Move, place: tuple[float, float], words: Words) -> folium.CircleMarker:
    def named(person: Person | None) -> str:
        return words.nobody if person is None else person.name

    lng, lat = place
    told = (
        f"#{move.row_id} · {move.grid_from or '—'} → {move.grid_to or '—'}"
        f" · {named(move.person_from)} → {named(move.person_to)}"
    )
    return folium.CircleMarker(
        (lat, lng),
        radius=5,
        weight=1,
        color="#ffffff",
        fill=True,
        fill_color=TO_ANOTHER if move.changes_person else TO_THE_SAME,
        fill_opacity=0.95,
        tooltip=escape(told),
    )


def _features(
    figures: Sequence[GridFigures], shapes: CodedPolygons, words: Words
) -> Mapping[str, Any]:
    polygons = dict(zip(shapes.codes, shapes.polygons, strict=True))
    features = [
        {
            "type": "Feature",
            # A tooltip is put into the page as HTML.
            "properties": {
                "told": f"<b>{escape(each.code)}</b> {escape(each.name)}<br>"
                f"{hectares(each.area_m2)} ha · {words.households} {count(each.households) or '—'}"
                f" · {words.load} {each.load:,}"
            },
            "geometry": shapely.geometry.mapping(
                shapely.set_precision(polygons[each.code], STEP_DEG, mode="pointwise")
            ),
        }
        for each in figures
    ]
    return {"type": "FeatureCollection", "features": features}
