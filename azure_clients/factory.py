"""The one factory of Azure clients and credentials (rule 13).

SDK retries are off: azure-core would sleep in the thread, and send POSTs again. Connecting takes at most 5 s, an answer
30 s. No provider is registered on the way, nothing is logged, no redirect followed. Clients are made once per process
and setting; SDKs are imported when the first of their clients is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from azure_clients.settings import Settings, read_settings

if TYPE_CHECKING:
    import requests
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline.transport import RequestsTransport
    from azure.keyvault.secrets import SecretClient
    from azure.mgmt.compute import ComputeManagementClient
    from azure.mgmt.core import ARMPipelineClient
    from azure.mgmt.dns import DnsManagementClient
    from azure.mgmt.network import NetworkManagementClient
    from azure.mgmt.privatedns import PrivateDnsManagementClient
    from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient
    from azure.mgmt.trafficmanager import TrafficManagerManagementClient
    from azure.monitor.query import LogsQueryClient
    from azure.storage.blob import ContainerClient

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
VAULT_DOMAINS = (".vault.azure.net", ".vault.azure.cn", ".vault.usgovcloudapi.net")
POOL_SIZE = 64
"""Connections kept per host: as many as activities run at once."""

T = TypeVar("T")


class Clients:
    """Every client of one environment. Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.RLock()
        self._made: dict[tuple[str, str], Any] = {}

    def network(self, subscription: str) -> NetworkManagementClient:
        def make() -> NetworkManagementClient:
            from azure.mgmt.network import NetworkManagementClient

            return NetworkManagementClient(self.credential(), subscription, **self._management())

        return self._once("network", subscription, make)

    def site_recovery(self, subscription: str) -> SiteRecoveryManagementClient:
        def make() -> SiteRecoveryManagementClient:
            from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient

            return SiteRecoveryManagementClient(self.credential(), subscription, **self._management())

        return self._once("site-recovery", subscription, make)

    def compute(self, subscription: str) -> ComputeManagementClient:
        def make() -> ComputeManagementClient:
            from azure.mgmt.compute import ComputeManagementClient

            return ComputeManagementClient(self.credential(), subscription, **self._management())

        return self._once("compute", subscription, make)

    def traffic_manager(self, subscription: str) -> TrafficManagerManagementClient:
        def make() -> TrafficManagerManagementClient:
            from azure.mgmt.trafficmanager import TrafficManagerManagementClient

            return TrafficManagerManagementClient(self.credential(), subscription, **self._management())

        return self._once("traffic-manager", subscription, make)

    def dns(self, subscription: str) -> DnsManagementClient:
        def make() -> DnsManagementClient:
            from azure.mgmt.dns import DnsManagementClient

            return DnsManagementClient(self.credential(), subscription, **self._management())

        return self._once("dns", subscription, make)

    def private_dns(self, subscription: str) -> PrivateDnsManagementClient:
        def make() -> PrivateDnsManagementClient:
            from azure.mgmt.privatedns import PrivateDnsManagementClient

            return PrivateDnsManagementClient(self.credential(), subscription, **self._management())

        return self._once("private-dns", subscription, make)

    def arm(self) -> ARMPipelineClient[Any, Any]:
        """ARM without a provider's SDK: for the few documents that are only read."""

        def make() -> ARMPipelineClient[Any, Any]:
            from azure.mgmt.core import ARMPipelineClient

            return ARMPipelineClient(**self._management())

        return self._once("arm", "", make)

    def secrets(self, vault: str) -> SecretClient:
        def make() -> SecretClient:
            from azure.keyvault.secrets import SecretClient

            return SecretClient(
                self.settings.url_of_vault(vault),
                self.credential(),
                verify_challenge_resource=self.settings.url_of_vault(vault).endswith(VAULT_DOMAINS),
                **self._data_plane(),
            )

        return self._once("secrets", vault, make)

    def logs(self) -> LogsQueryClient:
        def make() -> LogsQueryClient:
            from azure.monitor.query import LogsQueryClient

            endpoint = self.settings.logs_endpoint
            return LogsQueryClient(self.credential(), endpoint=endpoint, audience=endpoint, **self._data_plane())

        return self._once("logs", "", make)

    def container(self, url: str) -> ContainerClient:
        def make() -> ContainerClient:
            from azure.storage.blob import ContainerClient, LinearRetry

            # Storage's own policy also picks the host, so it stays, without any retry.
            once = {**self._data_plane(), "retry_policy": LinearRetry(retry_total=0)}
            return ContainerClient.from_container_url(url, credential=self.credential(), **once)

        return self._once("container", url, make)

    def session(self) -> requests.Session:
        """The HTTP session under every client: pooled, trusting the CA bundle, deaf to proxies of a simulator's."""

        def make() -> requests.Session:
            import requests
            from requests.adapters import HTTPAdapter
            from urllib3.util import Retry

            session = requests.Session()
            session.trust_env = not self.settings.is_simulated
            session.verify = self.settings.ca_bundle or True
            never = Retry(total=False, redirect=False, raise_on_status=False)
            session.mount("https://", HTTPAdapter(pool_connections=8, pool_maxsize=POOL_SIZE, max_retries=never))
            return session

        return self._once("session", "", make)

    def credential(self) -> TokenCredential:
        """Managed identity where App Service offers one, else what the developer is signed in with."""

        def make() -> TokenCredential:
            from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

            quiet: dict[str, Any] = {"transport": self._transport(), "retry_total": 0}
            managed = self.settings.has_managed_identity
            return ManagedIdentityCredential(**quiet) if managed else DefaultAzureCredential(**quiet)

        return self._once("credential", "", make)

    def _once(self, kind: str, key: str, make: Callable[[], T]) -> T:
        with self._lock:
            if (kind, key) not in self._made:
                self._made[(kind, key)] = make()
            made: T = self._made[(kind, key)]
            return made

    def _transport(self) -> RequestsTransport:
        def make() -> RequestsTransport:
            from azure.core.pipeline.transport import RequestsTransport

            return RequestsTransport(
                session=self.session(),
                session_owner=False,
                connection_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                connection_verify=self.settings.ca_bundle or True,
            )

        return self._once("transport", "", make)

    def _management(self) -> dict[str, Any]:
        return {
            "base_url": self.settings.arm_endpoint,
            "policies": self._policies(),
            "transport": self._transport(),
            "credential_scopes": [self.settings.arm_scope],
        }

    def _data_plane(self) -> dict[str, Any]:
        from azure_clients.policies import NoRetry

        return {"transport": self._transport(), "retry_policy": NoRetry(), "retry_total": 0, "logging_enable": False}

    def _policies(self) -> list[Any]:
        """The pipeline of a management client: neither retries nor redirects, nor registration, nor logs.

        Bodies are not decoded on the way: gateways answer HTML under the name of JSON, and the status would be lost.
        """
        from azure.core.pipeline import policies
        from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

        from azure_clients.policies import NoRetry

        return [
            policies.RequestIdPolicy(),
            policies.HeadersPolicy(),
            policies.UserAgentPolicy(base_user_agent="bridgehead"),
            NoRetry(),
            ARMChallengeAuthenticationPolicy(self.credential(), self.settings.arm_scope),
            policies.CustomHookPolicy(),
        ]


_CLIENTS: dict[Settings, Clients] = {}
_CLIENTS_LOCK = threading.Lock()


def clients() -> Clients:
    """The clients of this process's environment. Raises SettingsError."""
    settings = read_settings()
    with _CLIENTS_LOCK:
        if settings not in _CLIENTS:
            _CLIENTS[settings] = Clients(settings)
        return _CLIENTS[settings]
