"""``GET /api/stream``: hello, changes in order, going on after the last one, and who hears what."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.api.stream.conftest import LiveCity
from tests.api.stream.sse import Told, stream

REPORT = {"lng": 121.005, "lat": 30.005, "category": "other", "description": "通道堵了"}


async def report(city: LiveCity, **other: object) -> int:
    """Send a report; the number of its case."""
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{city.address}/api/reports", json=REPORT | other)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["case"])


def changes(told: list[Told]) -> list[Told]:
    return [each for each in told if each.name == "change"]


async def test_a_report_arrives_with_its_case_as_the_list_shows_it(city: LiveCity) -> None:
    token = await city.token()
    async with stream(city.address, token) as opened:
        (hello,) = await opened.take(1)
        assert hello.name == "hello"
        assert hello.data["city"] == city.code
        assert hello.id == f"{city.code}:{hello.data['position']}"
        number = await report(city)
        (change,) = await opened.take(1)
    assert change.name == "change"
    assert change.id == f"{city.code}:{change.data['position']}"
    assert change.data["position"] == hello.data["position"] + 1
    assert change.data["kind"] == "report.received"
    assert change.data["subject"] == f"case/{number}"
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
        listed = (await client.get(f"{city.address}/api/cases")).json()["cases"]
    assert change.data["case"] in listed


async def test_a_client_goes_on_after_the_last_event_it_heard(city: LiveCity) -> None:
    token = await city.token()
    await city.write("version/1")
    last = await city.last_position()
    await city.write(*(f"version/{n}" for n in range(700)))
    ids = [f"{city.code}:{last + n}" for n in range(701)]
    for word in (ids[0], str(last)):
        async with stream(city.address, token, word) as opened:
            told = await opened.take(701)
        assert [each.id for each in told] == ids
        assert told[0].name == "hello"
        assert [each.data["subject"] for each in told[1:]] == [f"version/{n}" for n in range(700)]
    async with stream(city.address, token, last_event_id=ids[690]) as opened:
        assert [each.id for each in await opened.take(11)] == ids[690:]


@pytest.mark.parametrize("position", ["{other}:1", "{city}:999999999"])
async def test_a_position_that_cannot_be_gone_on_from_is_answered_by_reset(
    city: LiveCity, position: str
) -> None:
    token = await city.token()
    word = position.format(other="elsewhere", city=city.code)
    last = await city.last_position()
    async with stream(city.address, token, word) as opened:
        hello, reset = await opened.take(2)
        assert (hello.name, hello.data["position"]) == ("hello", last)
        reason = "other_city" if "elsewhere" in word else "future"
        assert (reset.name, reset.data) == ("reset", {"reason": reason, "position": last})
        assert opened.last_id == f"{city.code}:{last}"
        await city.write("version/1")
        assert (await opened.take(1))[0].data["position"] == last + 1


@pytest.mark.parametrize(
    "word", ["x", "-1", "1.5", ":1", "a:b", "x" * 2_000, "1e9", "a:1:1", "%00", "١"]
)
async def test_garbage_for_a_position_is_refused(city: LiveCity, word: str) -> None:
    token = await city.token()
    async with stream(city.address, token, last_event_id=word) as opened:
        assert opened.response.status_code == 422
        assert opened.response.json()["code"] == "last_event_id_invalid"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"area": "nowhere"}, "area_unknown"),
        ({"role": "mayor"}, "role_unknown"),
        ({"kind": "<script>"}, "kind_invalid"),
    ],
)
async def test_a_filter_that_means_nothing_is_refused(
    city: LiveCity, query: dict[str, str], code: str
) -> None:
    async with stream(city.address, await city.token(), **query) as opened:
        assert (opened.response.status_code, opened.response.json()["code"]) == (422, code)


async def test_only_who_may_read_cases_hears_the_stream(city: LiveCity) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{city.address}/api/stream")
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")
    async with stream(city.address, await city.token("reporter")) as opened:
        assert opened.response.status_code == 403


async def test_each_audience_hears_what_lies_in_its_scope_and_filter(city: LiveCity) -> None:
    everywhere = await city.token()
    township, grid = await city.token("dispatcher", "t1"), await city.token("worker", "g00")
    queries: list[tuple[str, dict[str, str]]] = [
        (everywhere, {}),
        (everywhere, {"area": "g20"}),
        (everywhere, {"area": "c0,g20", "kind": "report"}),
        (everywhere, {"kind": "city"}),
        (everywhere, {"kind": "report.received,city"}),
        (everywhere, {"role": "on_call"}),
        (township, {}),
        (grid, {}),
    ]
    last = await city.last_position()
    in_g00 = await report(city)
    in_g20 = await report(city, lng=121.025)
    outside = await report(city, lng=121.5, lat=30.5)
    await city.write("user/1", kind="account.made")
    await city.write("end", kind="city.noted")
    await city.last_position()

    async def heard(token: str, query: dict[str, str]) -> list[str]:
        async with stream(city.address, token, f"{city.code}:{last}", **query) as opened:
            subjects = []
            with_end = "report" not in query.get("kind", "") or "city" in query["kind"]
            async with asyncio.timeout(10 if with_end else 2):
                async for each in opened.events():
                    if each.name == "change":
                        subjects.append(each.data["subject"])
                    if subjects[-1:] == ["end"] or (not with_end and len(subjects) == 2):
                        break
            return subjects

    cases = [f"case/{number}" for number in (in_g00, in_g20, outside)]
    assert [await heard(*query) for query in queries] == [
        [*cases, "end"],
        [cases[1], "end"],
        cases[:2],
        ["end"],
        [*cases, "end"],
        ["end"],
        [cases[1], "end"],
        [cases[0], "end"],
    ]


async def test_a_session_that_is_signed_out_hears_no_more_within_a_minute(city: LiveCity) -> None:
    token, other = await city.token(), await city.token()
    async with stream(city.address, token) as opened, stream(city.address, other) as kept:
        await opened.take(1)
        await kept.take(1)
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
            assert (await client.delete(f"{city.address}/api/session")).status_code == 204
        async with asyncio.timeout(60):
            assert [each.name async for each in opened.events()] in ([], ["change"])
        async with stream(city.address, token) as again:
            assert again.response.status_code == 401
        await city.write("version/1")
        assert "version/1" in {each.data["subject"] for each in await kept.take(1)}


async def test_a_new_boundary_version_lets_everybody_come_back_with_the_scope_of_now(
    city: LiveCity,
) -> None:
    async with stream(city.address, await city.token()) as opened:
        await opened.take(1)
        await city.write("version/2", kind="version.published")
        async with asyncio.timeout(10):
            told = [each.data["subject"] async for each in opened.events()]
    assert told == ["version/2"]
