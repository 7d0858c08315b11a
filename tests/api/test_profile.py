from __future__ import annotations

from pathlib import Path

import pytest

from api.profile import CityProfile, read_profile
from api.settings import SHIPPED_PROFILE
from gis.errors import Misconfigured
from gis.store.tables.cases import CASE_KINDS, CASE_URGENCIES
from gis.store.tables.staff import STAFF_ROLES

SMALL = """\
timezone = "Asia/Shanghai"
nearest_m = 30

[duty]
roles = ["worker", "grid_lead"]

[[categories]]
code = "noise"
zh = "噪音"
en = "Noise"

[[categories]]
code = "other"
zh = "其他"
en = "Other"
"""


LIMITS = """\
[intake]
per_cookie_per_minute = 6
cookie_burst = 20
per_address_per_minute = 240
address_burst = 480
"""


def _profile(folder: Path, text: str, limits: str = LIMITS) -> CityProfile:
    path = folder / "city.toml"
    path.write_text(f"{text}\n{limits}", encoding="utf-8")
    return read_profile(path)


def _fault(folder: Path, text: str, limits: str = LIMITS) -> Misconfigured:
    with pytest.raises(Misconfigured) as caught:
        _profile(folder, text, limits)
    assert "city.toml" in caught.value.message
    return caught.value


def test_the_shipped_example_is_a_valid_profile_with_every_kind_a_resident_can_report() -> None:
    profile = read_profile(SHIPPED_PROFILE)
    assert profile.timezone == "Asia/Shanghai"
    assert {category.kind for category in profile.categories} == set(CASE_KINDS) - {"finding"}
    assert set(profile.duty.roles) == set(STAFF_ROLES)


def test_disputes_of_the_example_are_sensitive() -> None:
    profile = read_profile(SHIPPED_PROFILE)
    disputes = [category for category in profile.categories if category.kind == "dispute"]
    assert disputes
    assert all(category.sensitive for category in disputes)


def test_a_category_is_a_normal_event_unless_it_says_otherwise(tmp_path: Path) -> None:
    noise = _profile(tmp_path, SMALL).category["noise"]
    assert (noise.kind, noise.urgency, noise.sensitive) == ("event", "normal", False)


@pytest.mark.parametrize(
    ("was", "becomes", "line", "key"),
    [
        ("Asia/Shanghai", "Asia/Shangai", 1, "timezone"),
        ("nearest_m = 30", "nearest_m = -1", 2, "nearest_m"),
        ("nearest_m = 30", 'nearest_m = 30\nmetric_crs = "EPSG:4490"', 3, "metric_crs"),
        ("nearest_m = 30", 'nearest_m = 30\nmetric_crs = "EPSG:0"', 3, "metric_crs"),
        ("nearest_m = 30", "nearest_m = 30\nnearest = 3", 3, "nearest"),
        ('"worker", "grid_lead"', '"worker", "boss"', 5, "duty.roles.1"),
        ('"worker", "grid_lead"', '"worker", "worker"', 5, "duty.roles"),
        ('en = "Other"', 'en = "Other"\nkind = "party"', 16, "categories.1.kind"),
        ('code = "other"', 'code = "Other"', 13, "categories.1.code"),
        ('en = "Other"', 'en = "Other"\n[[categories]]\ncode = "noise"\nzh = "x"\nen = "x"',
         17, "categories.2.code"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_line_and_key(
    tmp_path: Path, was: str, becomes: str, line: int, key: str
) -> None:
    fault = _fault(tmp_path, SMALL.replace(was, becomes))
    assert fault.code == "profile_invalid"
    assert (fault.where["line"], fault.where["key"]) == (line, key)
    assert f"line {line}, key {key}" in fault.message


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    fault = _fault(tmp_path, SMALL.replace('timezone = "Asia/Shanghai"\n', ""))
    assert fault.where["key"] == "timezone"


def test_a_missing_key_of_a_category_names_the_line_where_the_category_begins(
    tmp_path: Path,
) -> None:
    fault = _fault(tmp_path, SMALL.replace('zh = "其他"\n', ""))
    assert (fault.where["line"], fault.where["key"]) == (12, "categories.1.zh")


def test_a_profile_without_the_category_other_is_refused(tmp_path: Path) -> None:
    fault = _fault(tmp_path, SMALL.replace('"other"', '"another"'))
    assert "'other' is missing" in fault.message


def test_text_that_is_no_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    fault = _fault(tmp_path, SMALL.replace("nearest_m = 30", "nearest_m = "))
    assert fault.code == "profile_unreadable"
    assert "line 2" in fault.message


def test_a_file_that_is_not_there_or_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"none\.toml"):
        read_profile(tmp_path / "none.toml")
    path = tmp_path / "gbk.toml"
    path.write_bytes(SMALL.encode("gbk"))
    with pytest.raises(Misconfigured, match=r"gbk\.toml"):
        read_profile(path)


def test_profile_and_tables_speak_of_the_same_kinds_urgencies_and_roles(tmp_path: Path) -> None:
    for kind in CASE_KINDS:
        _profile(tmp_path, SMALL + f'kind = "{kind}"\n')
    for urgency in CASE_URGENCIES:
        _profile(tmp_path, SMALL + f'urgency = "{urgency}"\n')
    for role in STAFF_ROLES:
        _profile(tmp_path, SMALL.replace('"worker", "grid_lead"', f'"{role}"'))


@pytest.mark.parametrize("limit", LIMITS.splitlines()[1:])
@pytest.mark.parametrize("value", ["0", "-1", '"many"', "nan"])
def test_a_limit_of_the_intake_is_a_number_from_one(tmp_path: Path, limit: str, value: str) -> None:
    key = limit.partition(" = ")[0]
    fault = _fault(tmp_path, SMALL, LIMITS.replace(limit, f"{key} = {value}"))
    assert (fault.code, fault.where["key"]) == ("profile_invalid", f"intake.{key}")


def test_a_category_is_public_only_where_the_profile_says_so(tmp_path: Path) -> None:
    assert _profile(tmp_path, SMALL).public == ()
    assert _profile(tmp_path, SMALL + "public = true\n").public == ("other",)
    assert set(read_profile(SHIPPED_PROFILE).public).isdisjoint(("other", "policy_advice"))


def test_a_category_cannot_be_both_sensitive_and_public(tmp_path: Path) -> None:
    fault = _fault(tmp_path, SMALL + "sensitive = true\npublic = true\n")
    assert "both sensitive and public" in fault.message


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        ("least = 4", "open_data.least"),
        ("finest = 10", "open_data.finest"),
        ("coarsest = -1", "open_data.coarsest"),
        ("coarsest = 8\nfinest = 7", "open_data"),
        ("wait_days = -1", "open_data.wait_days"),
        ('licence = ""', "open_data.licence"),
    ],
)
def test_rules_of_the_open_counts_that_hide_nobody_are_refused(
    tmp_path: Path, rule: str, key: str
) -> None:
    fault = _fault(tmp_path, SMALL, f"{LIMITS}\n[open_data]\n{rule}\n")
    assert (fault.code, fault.where["key"]) == ("profile_invalid", key)
