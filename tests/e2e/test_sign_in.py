"""The door of the desk: who may come in, who not yet, and who comes back in the middle of work."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.e2e.desk import DEMO_PASSWORD, SIZES, Desk, Size
from tests.e2e.test_accessibility import RUN, add_axe
from tests.e2e.test_languages import HAN, KEY, TEXTS
from tests.e2e.test_sizes import FAULTS, LEAST_FONT_PX

# The browser's own words for an answer that refuses.
REFUSED = "the server responded with a status of"


def test_name_and_password_lead_to_where_the_address_pointed(door: Desk) -> None:
    door.page.goto(f"{door.base_url}/?state=check&category=garbage")
    name = door.page.get_by_label("账号", exact=True)
    expect(name).to_be_focused()
    door.page.keyboard.type("dispatcher")
    door.page.keyboard.press("Tab")
    door.page.keyboard.type(DEMO_PASSWORD)
    door.page.keyboard.press("Enter")
    door.wait()
    assert "state=check" in door.page.url
    assert "category=garbage" in door.page.url
    expect(door.page.get_by_role("button", name="账号：dispatcher")).to_be_visible()


def test_the_demo_accounts_are_listed_and_let_in_by_a_click(door: Desk) -> None:
    door.page.goto(door.base_url)
    accounts = door.page.get_by_role("region", name="演示账号")
    expect(accounts).to_contain_text(DEMO_PASSWORD)
    accounts.get_by_role("button", name="leader").click()
    door.wait()
    menu = door.page.get_by_role("button", name="账号：leader")
    menu.click()
    panel = door.page.get_by_role("group", name="账号：leader")
    expect(panel).to_contain_text("负责人")
    expect(panel).to_contain_text("全市")


def test_where_the_city_is_real_no_account_is_listed(door: Desk) -> None:
    nothing: dict[str, Any] = {"demo_accounts": [], "demo_password": None, "oidc": None}
    door.page.route("**/api/sign-in", lambda route: route.fulfill(json=nothing))
    door.page.goto(door.base_url)
    expect(_submit(door)).to_be_visible()
    expect(door.page.get_by_text(DEMO_PASSWORD)).to_have_count(0)
    expect(door.page.get_by_role("region", name="演示账号")).to_have_count(0)


def test_an_identity_provider_has_its_button_and_its_refusals_their_words(door: Desk) -> None:
    with_provider: dict[str, Any] = {
        "demo_accounts": [],
        "demo_password": None,
        "oidc": {"name": "id.example.gov", "url": "/api/sign-in/oidc"},
    }
    door.page.route("**/api/sign-in", lambda route: route.fulfill(json=with_provider))
    door.page.goto(f"{door.base_url}/?sign_in=oidc_account_unknown")
    link = door.page.get_by_role("link", name="用 id.example.gov 登录")
    expect(link).to_have_attribute("href", "/api/sign-in/oidc")
    expect(door.page.get_by_role("alert")).to_contain_text("还没有账号")


def test_a_wrong_password_is_said_and_typed_again(door: Desk) -> None:
    door.expected_errors = [REFUSED]
    door.page.goto(door.base_url)
    _type(door, "dispatcher", "not it")
    expect(door.page.get_by_role("alert")).to_contain_text("账号或密码不对")
    password = door.page.get_by_label("密码", exact=True)
    expect(password).to_be_focused()
    expect(password).to_have_value("")
    password.fill(DEMO_PASSWORD)
    password.press("Enter")
    door.wait()


def test_a_locked_door_says_for_how_long_and_opens_by_itself(door: Desk) -> None:
    door.expected_errors = [REFUSED]

    def lock(route: Route) -> None:
        problem = {"status": 429, "code": "too_many_tries", "title": "Slow down", "detail": ""}
        route.fulfill(status=429, headers={"Retry-After": "3"}, json=problem)

    door.page.route("**/api/session", lock)
    door.page.goto(door.base_url)
    _type(door, "dispatcher", "not it")
    expect(door.page.get_by_role("alert")).to_contain_text("3 秒后再试")
    expect(_submit(door)).to_be_disabled()
    expect(door.page.get_by_role("alert")).to_contain_text("现在可以再试")
    expect(_submit(door)).to_be_enabled()


def test_a_service_that_is_away_is_not_called_a_wrong_password(door: Desk) -> None:
    door.expected_errors = ["ERR_INTERNET_DISCONNECTED"]
    door.page.goto(door.base_url)
    expect(_submit(door)).to_be_visible()
    door.page.locator("[data-ready=true]").wait_for(state="attached")  # the picture is drawn
    door.page.context.set_offline(True)
    _type(door, "dispatcher", DEMO_PASSWORD)
    expect(door.page.get_by_role("alert")).to_contain_text("服务没有响应")
    door.page.context.set_offline(False)
    _submit(door).click()
    door.wait()


def test_the_password_is_shown_on_demand(door: Desk) -> None:
    door.page.goto(door.base_url)
    password = door.page.get_by_label("密码", exact=True)
    expect(password).to_have_attribute("type", "password")
    door.page.get_by_role("button", name="显示密码").click()
    expect(password).to_have_attribute("type", "text")


def test_signing_out_closes_the_desk_and_the_session(desk: Desk) -> None:
    desk.open()
    desk.page.get_by_role("button", name="账号：dispatcher").click()
    desk.page.get_by_role("button", name="退出登录").click()
    expect(_submit(desk)).to_be_visible()
    assert desk.page.request.get(f"{desk.base_url}/api/cases").status == 401


def test_a_session_that_ends_in_use_brings_the_door_and_keeps_the_page(desk: Desk) -> None:
    desk.expected_errors = [REFUSED]
    desk.open("state=hand&category=garbage")
    desk.rows.first.click()
    expect(desk.drawer.locator("dl").first).to_be_visible()
    desk.page.wait_for_url("**case=**")
    seen = desk.page.url
    desk.page.context.clear_cookies(name="wangge_session")
    desk.page.keyboard.press("j")
    dialog = desk.page.get_by_role("dialog", name="请重新登录")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("账号", exact=True)).to_have_value("dispatcher")
    desk.page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    dialog.get_by_label("密码", exact=True).fill(DEMO_PASSWORD)
    dialog.get_by_label("密码", exact=True).press("Enter")
    expect(dialog).to_have_count(0)
    desk.wait()
    expect(desk.drawer.locator("dl").first).to_be_visible()
    for kept in ("state=hand", "category=garbage", "case="):
        assert kept in seen
        assert kept in desk.page.url


def test_an_account_that_only_reports_is_told_so(door: Desk) -> None:
    me: dict[str, Any] = {"name": "li", "role": "reporter", "area": None, "department": None}
    door.page.route(
        "**/api/me", lambda route: route.fulfill(json={**me, "staff": None, "may": ["self"]})
    )
    door.sign_in()
    door.page.goto(door.base_url)
    expect(door.page.get_by_text("这个账号没有现场页面")).to_be_visible()


@pytest.mark.parametrize("size", ["wide", "middle", "phone"])
def test_the_door_fits_every_screen_in_both_languages(door: Desk, size: Size) -> None:
    width, height = SIZES[size]
    door.page.set_viewport_size({"width": width, "height": height})
    door.page.goto(door.base_url)
    expect(door.page.get_by_role("region", name="演示账号")).to_be_visible()
    assert door.page.evaluate(FAULTS, LEAST_FONT_PX) == []
    add_axe(door)
    assert door.page.evaluate(RUN) == []
    door.page.get_by_role("button", name="English").click()
    assert door.page.evaluate(FAULTS, LEAST_FONT_PX) == []
    texts = door.page.evaluate(TEXTS)
    assert [text for text, marked in texts if HAN.search(text) and not marked] == []
    assert [text for text, _ in texts if KEY.search(text) and text != "command_room"] == []


def _submit(door: Desk) -> Locator:
    return door.page.get_by_role("button", name="登录", exact=True)


def _type(door: Desk, name: str, password: str) -> None:
    door.page.get_by_label("账号", exact=True).fill(name)
    door.page.get_by_label("密码", exact=True).fill(password)
    _submit(door).click()
