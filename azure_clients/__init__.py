"""The one door to the Azure SDKs, to Key Vault, to documents and to the owner's own URLs.

No other room imports an SDK or opens a socket to Azure. Every call is made once: nothing here retries, sleeps or polls
in a loop, because only orchestrators do (rule 13). What goes wrong leaves this room as one of the errors
of ``azure_clients.errors``, with every secret and signed URL taken out of its text.

Nothing is imported here, so that a cold start pays only for what it uses.
"""
