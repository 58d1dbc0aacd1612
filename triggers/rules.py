"""The texts that callers may send, each with its bounds: one rule per field, used by doors and by OpenAPI alike."""

from __future__ import annotations

import re

from domain import names
from triggers.bodies import TextField
from triggers.problems import Problem

PLAN_PATTERN = r"[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?"
RUN_PATTERN = PLAN_PATTERN + r"-[0-9a-f]{10}(-a[0-9]{1,3})?"
KEY_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}"

OUTCOMES = ("completed", "completed_with_skips", "partly_failed", "aborted", "refused")

BY = TextField("who does this, where no signed-in name says so", limit=200)
REASON = TextField("why, for the report", limit=500)
REASON_NEEDED = TextField("why, for the report", limit=500, required=True)
STEP = TextField("the step that is meant: its id, or its instance; '*' for every one that asks", limit=200)

PLAN = TextField("the name of a published plan", limit=48, pattern=PLAN_PATTERN, required=True)
MODE = TextField("the mode to run the plan in", choices=names.MODES, required=True)
KEY = TextField("letters, digits and . _ : - (at most 128), chosen by you", limit=128, pattern=KEY_PATTERN)
CONSENTS = TextField("what the caller consents to beforehand", limit=100, pattern=r"[a-z0-9][a-z0-9:._-]*", many=True)

PLAN_QUERY = TextField("only runs of this plan", limit=48, pattern=PLAN_PATTERN)
OUTCOME_QUERY = TextField("only runs that ended so", choices=OUTCOMES)
MODE_QUERY = TextField("the mode to compile (default failover)", choices=names.MODES)


LIMIT_QUERY = TextField("how many runs a page holds (1 to 100, default 50)", limit=3, pattern=r"[1-9][0-9]?|100")
CONTINUATION_QUERY = TextField(
    "the next page: what the one before it gave", limit=100, pattern=r"[0-9]{17}\." + RUN_PATTERN
)


def plan_of(run: str) -> str | None:
    """The plan whose run has this name; None when no run has it."""
    found = re.fullmatch(rf"(?P<plan>{PLAN_PATTERN})-[0-9a-f]{{10}}(-a[0-9]{{1,3}})?", run)
    return found["plan"] if found else None


def checked_run(value: str | None) -> str:
    """A run's name from the path. Raises Problem (404): what cannot be a name is the name of nothing."""
    if not value or len(value) > 80 or not re.fullmatch(RUN_PATTERN, value):
        raise Problem("unknown", "no run has this name")
    return value


def checked_plan(value: str | None) -> str:
    """A plan's name from the path. Raises Problem (404)."""
    if not value or not re.fullmatch(PLAN_PATTERN, value):
        raise Problem("unknown", "no plan has this name")
    return value
