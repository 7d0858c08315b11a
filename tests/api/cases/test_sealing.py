from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cases.sealing import KEY_BYTES, SealBrokenError, new_key, seal, unseal

SUBJECT = "web/7f3a"
# Everything UTF-8 can hold: no half surrogates.
TEXTS = st.text(st.characters(codec="utf-8"))


@given(text=TEXTS)
def test_a_sealed_text_opens_with_its_key_for_its_subject(text: str) -> None:
    key = new_key()
    assert unseal(seal(text, key, SUBJECT), key, SUBJECT) == text


def test_a_sealed_text_does_not_show_its_words() -> None:
    assert "围挡".encode() not in seal("工地围挡倒了", new_key(), SUBJECT)


def test_another_key_opens_nothing() -> None:
    sealed = seal("text", new_key(), SUBJECT)
    with pytest.raises(SealBrokenError):
        unseal(sealed, new_key(), SUBJECT)


def test_a_text_moved_to_another_report_does_not_open() -> None:
    key = new_key()
    sealed = seal("text", key, SUBJECT)
    with pytest.raises(SealBrokenError, match="web/other"):
        unseal(sealed, key, "web/other")


@given(place=st.integers(0, 31), bit=st.integers(0, 7))
def test_one_changed_bit_breaks_the_seal(place: int, bit: int) -> None:
    key = new_key()
    sealed = bytearray(seal("text", key, SUBJECT))
    sealed[place] ^= 1 << bit
    with pytest.raises(SealBrokenError):
        unseal(bytes(sealed), key, SUBJECT)


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_a_seal_cut_short_does_not_open(length: int) -> None:
    key = new_key()
    with pytest.raises(SealBrokenError):
        unseal(seal("text", key, SUBJECT)[:length], key, SUBJECT)


def test_the_same_text_never_looks_the_same_twice() -> None:
    key = new_key()
    assert seal("text", key, SUBJECT) != seal("text", key, SUBJECT)
    assert new_key() != key
    assert len(key) == KEY_BYTES == 32
