"""The seventeen classes in both variants: series made by hand, one for each class and border."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.patterns.time_classes import CLASSES, VARIANTS, Variant, classify

SIGNS = {"+": 1, "-": -1, ".": 0}

# A series ("+" hot, "-" cold, "." neither; the last is now), the trend of its z, and its class.
BOTH = [
    # New: hot now, never before. One step is a series of its own; being cold before is no matter.
    (".........+", 0, "new-hot"),
    ("+", 0, "new-hot"),
    ("....-....+", 0, "new-hot"),
    (".........+", 1, "new-hot"),
    # Consecutive: an unbroken run up to now, nothing before, under 90 %.
    ("........++", 0, "consecutive-hot"),
    ("..++++++++", 1, "consecutive-hot"),
    ("-.......++", 0, "consecutive-hot"),
    # 8 of 9 are 88.9 %, 9 of 10 are 90 %.
    (".++++++++", 0, "consecutive-hot"),
    (".+++++++++", 0, "persistent-hot"),
    # 90 % and hot now: by the trend.
    ("+.++++++++", 1, "intensifying-hot"),
    ("+.++++++++", 0, "persistent-hot"),
    ("+.++++++++", -1, "diminishing-hot"),
    ("++++++++++", 1, "intensifying-hot"),
    ("++", 0, "persistent-hot"),
    ("-+++++++++", 1, "intensifying-hot"),
    # 90 %, but not hot now, whatever the trend.
    ("+++++++++.", 0, "historical-hot"),
    ("+++++++++.", -1, "historical-hot"),
    # Cold for the first time is new, whatever it was.
    ("+++++++++-", 0, "new-cold"),
    # On and off, never cold, hot now.
    ("+........+", 0, "sporadic-hot"),
    ("+.+.+.+.++", 1, "sporadic-hot"),
    ("..+.++++++", 0, "sporadic-hot"),
    # The same, but cold some time before.
    ("+..-.....+", 0, "oscillating-hot"),
    ("-+.......+", 0, "oscillating-hot"),
    # Hot and cold, neither now: nothing.
    ("+...-.....", 0, "none"),
    ("..........", 1, "none"),
    (".", 0, "none"),
]
# On and off, never cold, and not hot now: the older definition has no condition on the last step.
APART = [
    ("+.........", 0, "sporadic-hot", "none"),
    ("++++++++..", 0, "sporadic-hot", "none"),
    ("....++....", 1, "sporadic-hot", "none"),
    # 8 of 9: not yet 90 %.
    ("++++++++.", 0, "sporadic-hot", "none"),
    # Cold once: sporadic in neither.
    ("++.-......", 0, "none", "none"),
]


def class_of(series: str, trend: int, variant: Variant) -> str:
    signs = np.array([[SIGNS[sign] for sign in series]], dtype=np.int8)
    p = np.array([0.01 if trend else 0.9])
    (found,) = classify(signs, np.array([float(trend)]), p, variant, level=0.05)
    return str(found)


def mirrored(series: str, trend: int, name: str) -> tuple[str, int, str]:
    kind, _, side = name.rpartition("-")
    other = {"hot": "-cold", "cold": "-hot"}.get(side)
    return series.translate(str.maketrans("+-", "-+")), -trend, kind + other if other else name


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("series", "trend", "name"), BOTH)
def test_a_series_has_its_class_in_both_variants_and_mirrored(
    variant: Variant, series: str, trend: int, name: str
) -> None:
    assert class_of(series, trend, variant) == name
    cold, down, other = mirrored(series, trend, name)
    assert class_of(cold, down, variant) == other


@pytest.mark.parametrize(("series", "trend", "old", "new"), APART)
def test_the_variants_differ_in_what_is_sporadic(
    series: str, trend: int, old: str, new: str
) -> None:
    assert class_of(series, trend, "esri-old") == old
    assert class_of(series, trend, "esri-new") == new
    for variant, name in zip(VARIANTS, (new, old), strict=True):
        cold, down, other = mirrored(series, trend, name)
        assert class_of(cold, down, variant) == other


def test_every_class_is_told_by_some_series() -> None:
    told = {name for _, _, name in BOTH}
    assert told | {name.replace("-hot", "-cold") for name in told} == set(CLASSES)


@given(series=st.text("+-.", min_size=1, max_size=12), trend=st.sampled_from([-1, 0, 1]))
def test_a_series_and_its_mirror_have_mirrored_classes(series: str, trend: int) -> None:
    for variant in VARIANTS:
        cold, down, expected = mirrored(series, trend, class_of(series, trend, variant))
        assert class_of(cold, down, variant) == expected


def test_a_trend_that_is_none_by_its_p_or_cannot_be_told_is_no_trend() -> None:
    signs = np.ones((3, 10), dtype=np.int8)
    z, p = np.array([2.0, 9.0, np.nan]), np.array([0.051, 0.05, np.nan])
    found = classify(signs, z, p, "esri-new", level=0.05)
    assert found.tolist() == ["persistent-hot", "intensifying-hot", "persistent-hot"]
