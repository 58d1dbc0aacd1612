"""The types that the fields of a plan have: durations, prefixes, names, references; each says what it expects."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

from domain.addresses import network
from domain.ncrontab import parse
from domain.schedules import is_zone

NAME_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$"
DURATION_PATTERN = r"^([0-9]{1,6}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$"
LONGEST_SECONDS = 30 * 86400
_LEAP_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def _seconds_from_zero(value: Any) -> Any:
    if not isinstance(value, str) or not value.strip() or not re.match(DURATION_PATTERN, value.strip()):
        raise ValueError("expected a duration such as 90s, 15m, 1h30m or 2d")
    seconds = sum(int(amount) * _UNITS[unit] for amount, unit in re.findall(r"([0-9]+)([dhms])", value))
    if seconds > LONGEST_SECONDS:
        raise ValueError("expected a duration of at most 30d")
    return seconds


def _seconds(value: Any) -> Any:
    seconds = _seconds_from_zero(value)
    if seconds < 1:
        raise ValueError("expected a duration of at least 1s")
    return seconds


def _prefix(value: str) -> str:
    try:
        return str(network(value))
    except ValueError as error:
        raise ValueError(f"expected an address prefix such as 10.50.0.0/16 ({error})") from None


def _address(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        raise ValueError("expected an address such as 10.1.1.4") from None


def _https(value: str) -> str:
    if not re.match(r"^https://[A-Za-z0-9.-]+(:\d+)?(/[^\s#]*)?$", value):
        raise ValueError("expected an https URL with a host name and no fragment")
    return value


def _schedule(value: str) -> str:
    try:
        schedule = parse(value)
    except ValueError as error:
        raise ValueError(f"expected six fields such as 0 0 6 * * SAT ({str(error)[:200]})") from None
    if len(schedule.minutes) * len(schedule.seconds) > 1:
        raise ValueError("expected at most one drill an hour: one second and one minute")
    if schedule.next_after(_LEAP_YEAR) is None:
        raise ValueError("expected a day that comes")
    return value


def _zone(value: str) -> str:
    if not is_zone(value):
        raise ValueError("expected an IANA time zone such as Asia/Singapore")
    return value


_DURATION_SCHEMA = WithJsonSchema(
    {"type": "string", "minLength": 2, "pattern": DURATION_PATTERN, "examples": ["90s", "15m", "1h30m"]}
)
Seconds = Annotated[int, BeforeValidator(_seconds), _DURATION_SCHEMA]
SecondsFromZero = Annotated[int, BeforeValidator(_seconds_from_zero), _DURATION_SCHEMA]
Prefix = Annotated[str, AfterValidator(_prefix), WithJsonSchema({"type": "string", "examples": ["10.50.0.0/16"]})]
Url = Annotated[
    str, AfterValidator(_https), WithJsonSchema({"type": "string", "format": "uri", "pattern": "^https://"})
]
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Region = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]+$", description="ARM name of a region, such as eastasia")]
Reference = Annotated[str, Field(min_length=1, max_length=512, description="a resource's name, or its full ARM id")]
Address = Annotated[str, AfterValidator(_address), Field(pattern=r"^[0-9a-fA-F:.]+$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Schedule = Annotated[
    str, AfterValidator(_schedule), Field(description="NCRONTAB: second minute hour day month day-of-week")
]
TimeZone = Annotated[str, AfterValidator(_zone), Field(description="IANA name, such as Asia/Singapore")]
ResourceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,78}[A-Za-z0-9_]$")]


class Model(BaseModel):
    """Strict, frozen, and camelCase in YAML."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=to_camel,
        populate_by_name=False,
        str_strip_whitespace=True,
    )


class SecretReference(Model):
    """A secret in Key Vault; its value is never written anywhere else."""

    vault: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$")]
    secret: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,127}$")]
