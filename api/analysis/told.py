"""A sentence in both languages of the service."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """The same sentence in Chinese, the source, and in English."""

    zh: str
    en: str
