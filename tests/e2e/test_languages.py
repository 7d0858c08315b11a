"""Chinese and English say the same, each in its own words."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.desk import Desk

# Every text a person can see or hear, and whether it stands in an element marked as Chinese.
TEXTS = """() => {
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const marked = node.parentElement.closest('[lang="zh-CN"]:not(html)') !== null;
        texts.push([node.textContent.trim(), marked]);
    }
    for (const element of document.querySelectorAll('[aria-label],[title],[placeholder],[alt]')) {
        for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
            const marked = element.closest('[lang="zh-CN"]:not(html)') !== null;
            texts.push([element.getAttribute(name) ?? '', marked]);
        }
    }
    return texts.filter(([text]) => text !== '');
}"""
# What a program says where a word is missing.
EMPTY = re.compile(r"\bundefined\b|\bnull\b|\bNaN\b|\[object|Invalid Date|\{\w*\}")
HAN = re.compile(r"[\u4e00-\u9fff]")
KEY = re.compile(r"\b[a-z]+_[a-z0-9_]+\b")


def test_the_english_page_speaks_english_but_for_names_of_places(desk: Desk) -> None:
    desk.open("lang=en&time=all")
    assert desk.page.locator("html").get_attribute("lang") == "en"
    for menu in ("State", "Category", "Time"):
        desk.page.get_by_role("button", name=menu).click()
        _assert_english(desk)
        desk.page.keyboard.press("Escape")
    desk.rows.first.click()
    expect(desk.drawer.get_by_text("Who answers")).to_be_visible()
    _assert_english(desk)


def test_switching_keeps_what_is_seen_and_is_remembered(desk: Desk) -> None:
    desk.open("time=all")
    desk.rows.first.click()
    expect(desk.drawer.get_by_text("责任人", exact=True)).to_be_visible()
    desk.wait()
    seen = (desk.total(), desk.numbers())
    desk.page.get_by_role("button", name="English").click()
    expect(desk.drawer.get_by_text("Who answers")).to_be_visible()
    desk.wait()
    assert (desk.total(), desk.numbers()) == seen
    desk.page.goto(desk.base_url)
    desk.wait()
    expect(desk.heading).to_contain_text("cases in this view")


def test_the_chinese_page_says_no_key_no_code_and_no_empty_word(desk: Desk) -> None:
    """As in English, where the list of texts is that of every case of many kinds."""
    desk.open("time=all")
    for menu in ("状态", "类别", "时间"):
        desk.page.get_by_role("button", name=menu).click()
        _assert_no_raw_words(desk.page.evaluate(TEXTS))
        desk.page.keyboard.press("Escape")
    categories = {category["code"] for category in desk.api("/api/city")["categories"]}
    for row in range(3):
        desk.rows.nth(row).click()
        expect(desk.drawer.get_by_text("责任人", exact=True)).to_be_visible()
        texts = desk.page.evaluate(TEXTS)
        _assert_no_raw_words(texts)
        assert not {text for text, _ in texts} & categories
    # What does not exist is said in words too.
    desk.expected_errors = ["404"]
    desk.open("time=all&case=999999999999")
    expect(desk.drawer.get_by_role("alert")).to_be_visible()
    said = [text for text, _ in desk.page.evaluate(TEXTS)]
    assert [text for text in said if EMPTY.search(text)] == []


def _assert_english(desk: Desk) -> None:
    texts = desk.page.evaluate(TEXTS)
    assert [text for text, marked in texts if HAN.search(text) and not marked] == []
    _assert_no_raw_words(texts)


def _assert_no_raw_words(texts: list[tuple[str, bool]]) -> None:
    assert [text for text, _ in texts if KEY.search(text) or EMPTY.search(text)] == []
