"""The open counts as somebody without an account meets them."""

from __future__ import annotations

import csv
import io

import httpx
from playwright.sync_api import Page, expect

from tests.e2e.conftest import watched
from tests.e2e.desk import SIZES
from tests.e2e.test_accessibility import RUN, add_axe
from tests.e2e.test_sizes import FAULTS, LEAST_FONT_PX


def rows_at(url: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(httpx.get(url).text)))


def test_everybody_reads_the_counts_on_map_list_and_file_by_keyboard_in_both_languages(
    page: Page, base_url: str
) -> None:
    with watched(page, base_url) as visit:
        page.goto(f"{base_url}/open?lang=zh")
        expect(page.locator("[data-ready=true]")).to_be_visible()
        rows = rows_at(f"{base_url}/api/open/counts.csv")
        told = page.get_by_role("status").locator("strong")
        expect(told).to_have_text(f"{sum(int(row['count']) for row in rows):,} 件")
        add_axe(visit)
        assert page.evaluate(RUN) == []
        assert page.evaluate(FAULTS, LEAST_FONT_PX) == []

        # One month by the arrow keys of the slider, one category, one cell.
        page.get_by_role("button", name="逐月").click()
        last = max(row["month"] for row in rows)
        slider = page.get_by_role("slider")
        slider.press("ArrowLeft")
        page.get_by_label("类别").select_option("garbage")
        months = sorted({row["month"] for row in rows})
        month = months[months.index(last) - 1]
        chosen = [row for row in rows if row["month"] == month and row["category"] == "garbage"]
        expect(told).to_have_text(f"{sum(int(row['count']) for row in chosen):,} 件")
        first = page.locator("#cells tbody tr").first
        first.get_by_role("button").press("Enter")
        most = max(int(row["count"]) for row in chosen)
        expect(page.get_by_label("选中的蜂窝").locator("dd").first).to_have_text(f"{most:,}")

        # The address is the view: whoever opens it elsewhere sees the same.
        page.get_by_role("button", name="English").click()
        page.wait_for_url("**lang=en")
        assert f"month={month}&category=garbage&cell=8" in page.url
        width, height = SIZES["phone"]
        page.set_viewport_size({"width": width, "height": height})
        page.reload()
        expect(page.locator("[data-ready=true]")).to_be_visible()
        expect(page.get_by_label("Chosen cell").locator("dd").first).to_have_text(f"{most:,}")
        expect(page.get_by_text("Demo data")).to_be_visible()
        add_axe(visit)
        assert page.evaluate(RUN) == []
        assert page.evaluate(FAULTS, LEAST_FONT_PX) == []

        # The file is that of the view.
        link = page.get_by_role("link", name="Download CSV")
        assert rows_at(f"{base_url}{link.get_attribute('href')}") == chosen
