"""Doors: parse, authorise, start or signal. They take no decisions.

Importing this package must stay cheap, since every cold start pays for it: Azure SDKs, the plan's model and templates
are imported by the doors that need them, when they are used.
"""

from __future__ import annotations

from triggers.client_activities import CLIENT_ACTIVITIES
from triggers.door import as_function
from triggers.doors import DOORS

__all__ = ["CLIENT_ACTIVITIES", "DOORS", "as_function"]
