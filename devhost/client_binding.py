"""The JSON string that a ``durable_client_input`` parameter receives (sources: Durable Functions)."""

from __future__ import annotations

import json

WEBHOOKS = "runtime/webhooks/durabletask"
RPC = "durabletask"
INSTANCE_PLACEHOLDER = "INSTANCEID"


def management_urls(base: str, instance_id: str, query: str) -> dict[str, str]:
    """The links of one instance. ``base`` ends without a slash."""
    instance = f"{base}/instances/{instance_id}"
    return {
        "id": instance_id,
        "statusQueryGetUri": f"{instance}?{query}",
        "sendEventPostUri": f"{instance}/raiseEvent/{{eventName}}?{query}",
        "terminatePostUri": f"{instance}/terminate?reason={{text}}&{query}",
        "rewindPostUri": f"{instance}/rewind?reason={{text}}&{query}",
        "purgeHistoryDeleteUri": f"{instance}?{query}",
        "restartPostUri": f"{instance}/restart?{query}",
        "suspendPostUri": f"{instance}/suspend?reason={{text}}&{query}",
        "resumePostUri": f"{instance}/resume?reason={{text}}&{query}",
    }


def query_string(hub: str, system_key: str) -> str:
    return f"taskHub={hub}&connection=Storage&code={system_key}"


def binding_text(url: str, hub: str, system_key: str) -> str:
    """``url`` is the host's own, without a trailing slash."""
    base = f"{url}/{WEBHOOKS}"
    create = f"{base}/orchestrators/{{functionName}}[/{{instanceId}}]"
    return json.dumps(
        {
            "taskHubName": hub,
            "connectionName": None,
            "creationUrls": {
                "createNewInstancePostUri": f"{create}?code={system_key}",
                "createAndWaitOnNewInstancePostUri": (
                    f"{create}?timeout={{timeoutInSeconds}}&pollingInterval={{intervalInSeconds}}&code={system_key}"
                ),
            },
            "managementUrls": management_urls(base, INSTANCE_PLACEHOLDER, query_string(hub, system_key)),
            "baseUrl": base,
            "requiredQueryStringParameters": f"code={system_key}",
            "rpcBaseUrl": f"{url}/{RPC}/",
            "httpBaseUrl": None,
        }
    )
