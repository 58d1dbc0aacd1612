"""What a process is told by its environment, read once and checked as a whole.

Every complaint names the setting. What exists for rehearsals alone (an owner's URLs led elsewhere, any speed of time
but the real one) is refused unless the Azure endpoint is this very machine.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from clock import from_environment
from clock.clock import CLOCK_FILE_SETTING

PUBLIC_ARM = "https://management.azure.com"
PUBLIC_VAULT = "https://{name}.vault.azure.net"
PUBLIC_LOGS = "https://api.loganalytics.io"
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")


class SettingsError(ValueError):
    """The environment cannot be used. ``problems`` says everything that is wrong, each naming its setting."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """The environment of one process.

    vault_url  pattern with ``{name}`` for the vault's name
    documents  a folder, or the https URL of a blob container
    """

    arm_endpoint: str = PUBLIC_ARM
    arm_audience: str = PUBLIC_ARM
    vault_url: str = PUBLIC_VAULT
    logs_endpoint: str = PUBLIC_LOGS
    documents: str = ""
    ca_bundle: str | None = None
    owner_gateway: str | None = None
    region: str | None = None
    has_managed_identity: bool = False

    @property
    def is_simulated(self) -> bool:
        """Azure is a simulator on this machine."""
        return is_loopback(self.arm_endpoint)

    @property
    def arm_scope(self) -> str:
        return f"{self.arm_audience.rstrip('/')}/.default"

    def url_of_vault(self, name: str) -> str:
        return self.vault_url.replace("{name}", name)


def is_loopback(url: str) -> bool:
    return (urlsplit(url).hostname or "") in LOOPBACK_HOSTS


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises SettingsError with every problem at once."""
    found = os.environ if environment is None else environment
    endpoint = _text(found, "BRIDGEHEAD_ARM_ENDPOINT") or PUBLIC_ARM
    settings = Settings(
        arm_endpoint=endpoint.rstrip("/"),
        arm_audience=(_text(found, "BRIDGEHEAD_ARM_AUDIENCE") or endpoint).rstrip("/"),
        vault_url=_text(found, "BRIDGEHEAD_VAULT_URL") or PUBLIC_VAULT,
        logs_endpoint=(_text(found, "BRIDGEHEAD_LOGS_ENDPOINT") or PUBLIC_LOGS).rstrip("/"),
        documents=_text(found, "BRIDGEHEAD_DOCUMENTS") or "",
        ca_bundle=_text(found, "BRIDGEHEAD_CA_BUNDLE"),
        owner_gateway=(_text(found, "BRIDGEHEAD_OWNER_GATEWAY") or "").rstrip("/") or None,
        region=_text(found, "BRIDGEHEAD_REGION") or _text(found, "REGION_NAME"),
        has_managed_identity=bool(_text(found, "IDENTITY_ENDPOINT") or _text(found, "MSI_ENDPOINT")),
    )
    problems = [*_problems(settings), *_speed_problems(found, settings)]
    if problems:
        raise SettingsError(problems)
    return settings


def _text(environment: Mapping[str, str], name: str) -> str | None:
    return environment.get(name, "").strip() or None


def _problems(settings: Settings) -> list[str]:
    urls = {
        "BRIDGEHEAD_ARM_ENDPOINT": settings.arm_endpoint,
        "BRIDGEHEAD_ARM_AUDIENCE": settings.arm_audience,
        "BRIDGEHEAD_VAULT_URL": settings.vault_url,
        "BRIDGEHEAD_LOGS_ENDPOINT": settings.logs_endpoint,
    }
    if settings.owner_gateway:
        urls["BRIDGEHEAD_OWNER_GATEWAY"] = settings.owner_gateway
    problems = [f"{name}: expected an https URL, found {url!r}" for name, url in urls.items() if not _is_https(url)]
    if "{name}" not in settings.vault_url:
        found = repr(settings.vault_url)
        problems.append(f"BRIDGEHEAD_VAULT_URL: expected {{name}} where the vault's name goes, found {found}")
    if not settings.documents:
        problems.append("BRIDGEHEAD_DOCUMENTS: expected a folder or the https URL of a blob container, found nothing")
    elif "://" in settings.documents and not _is_https(settings.documents):
        problems.append(f"BRIDGEHEAD_DOCUMENTS: expected a folder or an https URL, found {settings.documents!r}")
    if settings.ca_bundle and not Path(settings.ca_bundle).is_file():
        problems.append(f"BRIDGEHEAD_CA_BUNDLE: expected a file of certificates, found {settings.ca_bundle!r}")
    if settings.owner_gateway and not settings.is_simulated:
        problems.append(
            "BRIDGEHEAD_OWNER_GATEWAY: leads owners' URLs elsewhere, which is for rehearsals: "
            f"expected a loopback BRIDGEHEAD_ARM_ENDPOINT, found {settings.arm_endpoint!r}"
        )
    return problems


def _speed_problems(environment: Mapping[str, str], settings: Settings) -> list[str]:
    path = _text(environment, CLOCK_FILE_SETTING)
    if path is None:
        return []
    if not Path(path).is_file():
        return [f"{CLOCK_FILE_SETTING}: expected a clock file, found {path!r}"]
    speed = from_environment().speed if environment is os.environ else 1.0
    if speed == 1 or settings.is_simulated:
        return []
    expected = f"expected a loopback BRIDGEHEAD_ARM_ENDPOINT, found {settings.arm_endpoint!r}"
    return [f"{CLOCK_FILE_SETTING}: time at speed {speed} is for rehearsals: {expected}"]


def _is_https(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname)
