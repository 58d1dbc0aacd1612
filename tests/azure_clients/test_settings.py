"""The environment is checked as a whole, and every complaint names its setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from azure_clients.settings import SettingsError, read_settings

LOOPBACK = {"BRIDGEHEAD_ARM_ENDPOINT": "https://127.0.0.1:1234"}


def test_public_azure_is_the_default() -> None:
    """Only the documents have to be named."""
    settings = read_settings({"BRIDGEHEAD_DOCUMENTS": "/var/documents"})
    assert settings.arm_scope == "https://management.azure.com/.default"
    assert settings.url_of_vault("kv") == "https://kv.vault.azure.net"
    assert not settings.is_simulated


def test_the_region_falls_back_to_the_platforms() -> None:
    """App Service tells its own."""
    assert read_settings({"BRIDGEHEAD_DOCUMENTS": "d", "REGION_NAME": "uksouth"}).region == "uksouth"
    both = {"BRIDGEHEAD_DOCUMENTS": "d", "REGION_NAME": "uksouth", "BRIDGEHEAD_REGION": "ukwest"}
    assert read_settings(both).region == "ukwest"


def test_all_problems_are_told_at_once() -> None:
    """Six mistakes are six sentences."""
    wrong = {
        "BRIDGEHEAD_ARM_ENDPOINT": "http://management.azure.com",
        "BRIDGEHEAD_VAULT_URL": "https://kv.vault.azure.net",
        "BRIDGEHEAD_LOGS_ENDPOINT": "logs",
        "BRIDGEHEAD_CA_BUNDLE": "/nowhere/ca.pem",
        "BRIDGEHEAD_OWNER_GATEWAY": "https://127.0.0.1:1/owner",
    }
    with pytest.raises(SettingsError) as caught:
        read_settings(wrong)
    named = {problem.split(":")[0] for problem in caught.value.problems}
    assert named == {*wrong, "BRIDGEHEAD_DOCUMENTS", "BRIDGEHEAD_ARM_AUDIENCE"}


def test_an_owner_gateway_is_for_rehearsals_only() -> None:
    """Refused beside the real Azure, taken beside a simulated one."""
    gateway = {"BRIDGEHEAD_DOCUMENTS": "d", "BRIDGEHEAD_OWNER_GATEWAY": "https://127.0.0.1:1234/owner"}
    assert read_settings({**gateway, **LOOPBACK}).owner_gateway == "https://127.0.0.1:1234/owner"
    with pytest.raises(SettingsError, match="BRIDGEHEAD_OWNER_GATEWAY"):
        read_settings(gateway)


def test_a_faster_clock_is_for_rehearsals_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Virtual time and the real Azure do not meet."""
    from clock import create

    create(tmp_path / "clock.json", speed="max")
    monkeypatch.setenv("BRIDGEHEAD_CLOCK_FILE", str(tmp_path / "clock.json"))
    monkeypatch.setenv("BRIDGEHEAD_DOCUMENTS", "d")
    with pytest.raises(SettingsError, match="BRIDGEHEAD_CLOCK_FILE"):
        read_settings()
    monkeypatch.setenv("BRIDGEHEAD_ARM_ENDPOINT", LOOPBACK["BRIDGEHEAD_ARM_ENDPOINT"])
    assert read_settings().is_simulated


def test_a_host_that_only_looks_like_loopback_is_none() -> None:
    """127.0.0.1.example.com is somebody else's."""
    assert not read_settings(
        {"BRIDGEHEAD_DOCUMENTS": "d", "BRIDGEHEAD_ARM_ENDPOINT": "https://127.0.0.1.x.io"}
    ).is_simulated
