"""Which PostgreSQL is taken, and what a person is told when none fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from gis.errors import Misconfigured
from gis.store.postgresql import MAJORS, find_postgresql


def test_the_postgresql_of_this_machine_is_one_the_store_is_written_for() -> None:
    found = find_postgresql()
    assert found.major in MAJORS
    assert Path(found.program("postgres")).exists()


def test_without_postgresql_the_packages_to_install_are_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"apt-get install postgresql-15 .*postgis") as caught:
        find_postgresql(installations=[tmp_path])
    assert caught.value.code == "postgresql_missing"


def test_a_cluster_of_another_version_asks_for_that_version() -> None:
    found = find_postgresql()
    other = next(major for major in MAJORS if major != found.major)
    with pytest.raises(Misconfigured, match=f"apt-get install postgresql-{other} ") as caught:
        find_postgresql(other, installations=[found.folder])
    assert caught.value.code == "postgresql_version"


@pytest.mark.parametrize("control", [None, "default_version = '3.1.4'"])
def test_a_postgresql_without_a_postgis_of_3_2_or_later_is_passed_over(
    tmp_path: Path, control: str | None
) -> None:
    real = find_postgresql()
    bare = tmp_path / "bin"
    bare.mkdir()
    for name in ("initdb", "postgres"):
        (bare / name).symlink_to(real.program(name))
    (bare / "pg_config").write_text(f"#!/bin/sh\necho {tmp_path}\n")
    (bare / "pg_config").chmod(0o755)
    if control is not None:
        (tmp_path / "extension").mkdir()
        (tmp_path / "extension" / "postgis.control").write_text(control)
    assert find_postgresql(installations=[bare, real.folder]) == real
    with pytest.raises(Misconfigured, match=f"postgresql-{real.major}-postgis-3"):
        find_postgresql(installations=[bare])
