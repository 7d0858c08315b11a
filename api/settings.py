"""Settings from ``WANGGE_*`` variables, read once and passed in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gis.errors import Misconfigured

SHIPPED_PROFILE = Path(__file__).parent / "profiles" / "example.toml"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Settings(BaseSettings):
    """Everything the environment may say; each field is ``WANGGE_`` plus its name.

    An empty variable counts as unset.
    """

    model_config = SettingsConfigDict(env_prefix="WANGGE_", env_ignore_empty=True, frozen=True)

    database_url: str | None = None
    home: Path = Path(".wangge")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    city: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,43}$")] = "330281"
    profile: Path = SHIPPED_PROFILE
    test_data: Path = Path("../shared/data")
    basemap: str | None = None
    public_url: str | None = None
    session_hours: Annotated[int, Field(ge=1, le=720)] = 12
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None

    @field_validator("home", "profile", "test_data")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("postgresql://", "postgres://")):
            raise ValueError("must begin with postgresql://")
        return url

    @field_validator("public_url", "oidc_issuer")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must begin with https:// (or http://) and name a host")
        if parts.query or parts.fragment:
            raise ValueError("must not have a query or fragment")
        return url


def read_settings() -> Settings:
    """The settings of this process.

    Raises
    ------
    Misconfigured
        ``setting_invalid``, naming the variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        variable = f"WANGGE_{str(first['loc'][0]).upper()}"
        raise Misconfigured(
            "setting_invalid",
            f"{variable}={first['input']!r}: {first['msg']}.",
            variable=variable,
        ) from error
