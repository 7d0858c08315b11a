"""What the page of an impact says, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; ``tag`` is what HTML calls it."""

    tag: str
    impact: str
    at: str
    grids: str
    cases: str
    posts: str
    people: str
    hands: str
    no_hands: str
    follow: str
    what: str
    person_from: str
    person_to: str
    nobody: str
    number: str
    figures: str
    no_grids: str
    absent: str
    grid: str
    households: str
    load: str
    staff: str
    lineage: str
    old: str
    new: str
    area_share: str
    households_share: str
    before: str
    after: str
    cases_moved: str
    holders: Mapping[str, str]


WORDS: Mapping[Language, Words] = {
    "zh": Words(
        tag="zh-CN",
        impact="发布影响",
        at="生效时间",
        grids="网格",
        cases="转移案件",
        posts="转移岗位",
        people="涉及人员",
        hands="谁的工作换手",
        no_hands="没有案件、岗位或排班换人。",
        follow="人员不变、随人转到新网格：",
        what="类别",
        person_from="现由",
        person_to="改由",
        nobody="无人",
        number="数量",
        figures="网格前后对比",
        no_grids="没有网格的范围改变。",
        absent="“—”表示未统计，或网格已撤销。案件量为最近一年。",
        grid="网格",
        households="户数",
        load="案件量",
        staff="人员",
        lineage="来源与去向",
        old="原网格",
        new="新网格",
        area_share="面积占比",
        households_share="户数占比",
        before="调整前",
        after="调整后",
        cases_moved="转移的案件",
        holders={"cases": "案件", "assignments": "岗位", "duties": "排班"},
    ),
    "en": Words(
        tag="en",
        impact="Impact of publishing",
        at="takes effect",
        grids="Grids",
        cases="Cases that move",
        posts="Posts that move",
        people="People concerned",
        hands="Whose work changes hands",
        no_hands="No case, assignment or duty changes hands.",
        follow="With the same person in another grid:",
        what="What",
        person_from="From",
        person_to="To",
        nobody="nobody",
        number="Number",
        figures="Grids before and after",
        no_grids="No grid has other ground.",
        absent="“—”: nobody counted, or the grid ends. Load is the cases of the last year.",
        grid="Grid",
        households="Households",
        load="Load",
        staff="Staff",
        lineage="Which grid became which",
        old="Old",
        new="New",
        area_share="Of its area",
        households_share="Of its households",
        before="Before",
        after="After",
        cases_moved="Cases that move",
        holders={"cases": "Cases", "assignments": "Assignments", "duties": "Duties"},
    ),
}
