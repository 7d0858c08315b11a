"""What the drawer tells of a case: its grid, who answers, by which rule, and why it lies there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import NO_CASES, Desk

RULES = {
    "zh": {
        1: "此时在本网格值班表上",
        2: "本网格的专职网格员；此时值班表上无人",
        3: "本网格的网格长；此时无人值班，也没有专职网格员",
        4: "本村社值班；本网格此时无人负责",
        5: "镇街综合信息指挥室兜底；村社此时也无人值班",
    },
    "en": {
        1: "On the duty table of this grid at that time",
        2: "The grid’s own worker; nobody was on the duty table",
        3: "Lead of this grid; nobody on duty and no worker assigned",
        4: "Duty of the community; nobody answers for the grid itself",
        5: "The township’s command room; nobody on duty in the community either",
    },
}
REASONS = {"zh": {"inside": "点在网格内"}, "en": {"inside": "Inside the grid"}}


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.slow)])
def test_a_case_tells_grid_person_rule_and_reason_whichever_rule_it_was(
    desk: Desk, language: str
) -> None:
    """One open case of each rule that chose somebody, as the service tells it."""
    of_rule: dict[int, int] = {}
    for case in desk.api("/api/cases", limit=500)["cases"]:
        if case["reason"] != "inside":
            continue
        told = desk.api(f"/api/cases/{case['number']}")
        of_rule.setdefault(told["staff_rule"], case["number"])
        if len(of_rule) >= 3:
            break
    assert len(of_rule) >= 2
    for rule, number in of_rule.items():
        desk.open(f"lang={language}&time=all&state=all&case={number}")
        told = desk.api(f"/api/cases/{number}")
        drawer = desk.drawer
        expect(drawer.get_by_text(told["staff"]["name"], exact=True)).to_be_visible()
        expect(drawer.get_by_text(RULES[language][rule])).to_be_visible()
        expect(drawer.get_by_text(told["grid"]["name"]).first).to_be_visible()
        expect(drawer.get_by_text(REASONS[language]["inside"], exact=True).first).to_be_visible()


def test_a_place_tells_the_rule_that_chose_its_person(desk: Desk) -> None:
    grid = desk.api("/api/grids", limit=1)["grids"][0]
    desk.open(f"{NO_CASES}&view={grid['lng']},{grid['lat']},15")
    desk.click(grid["lng"], grid["lat"])
    located = desk.api("/api/locate", lng=grid["lng"], lat=grid["lat"])
    expect(desk.drawer.get_by_text(located["staff"]["name"], exact=True)).to_be_visible()
    expect(desk.drawer.get_by_text(RULES["zh"][located["staff_rule"]])).to_be_visible()
