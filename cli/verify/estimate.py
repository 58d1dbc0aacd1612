"""What ``verify-azure`` would do, before it does it: names, time, money by formula, and rights."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cli.verify.steps import TAG, Order, Step

GROUP_DELETION_SECONDS = 185
"""The longer of two recorded deletions."""
GROUP_RIGHTS = tuple(f"Microsoft.Resources/subscriptions/resourceGroups/{verb}" for verb in ("read", "write", "delete"))


@dataclass(frozen=True)
class Price:
    """US dollars an hour as the public price list had it when this was written; nothing is looked up."""

    thing: str
    hourly: float
    why: str


FREE = (
    Price("2 virtual networks", 0.0, "not billed"),
    Price("2 peerings", 0.0, "billed by the gigabyte moved; nothing is sent"),
    Price("1 local network gateway", 0.0, "not billed"),
)
TUNNEL = Price("1 connection", 0.015, "a gateway's eleventh and later tunnels are billed by the begun hour")

PROTECTED_MACHINE = (
    "A protected VM is not part of this: it takes about an hour to make and a vault, a cache account, two networks,",
    "and disks. Site Recovery bills 25 USD a month per machine after 31 free days, beside a B1s at about 0.012 USD an",
    "hour and about 3 USD a month for disks. Protect a small one yourself, then give --protected-item (read only).",
)


def seconds(table: list[Step]) -> int:
    return sum(step.seconds for step in table) + GROUP_DELETION_SECONDS


def lines(order: Order, table: list[Step]) -> list[str]:
    """The whole dry run, a line each."""
    told = [f"resource group {order.group_name} in {order.location}, tag {TAG}={order.id}: made first, deleted last"]
    for step in table:
        mark = f", tag {TAG}={order.id}" if "tags" in (step.body or {}) else ""
        name = step.path.rsplit("/", 1)[-1]
        told.append(f"{step.method:6} {name} ({step.what}{mark})")
    minutes = math.ceil(seconds(table) / 60)
    told += ["", f"takes about {minutes} min", "", *_cost(order, table), "", "needs a role with these actions:"]
    wanted = sorted({*GROUP_RIGHTS, *(right for step in table for right in step.rights)})
    told += [f"  {right}" for right in wanted]
    told += ["the built-in role Contributor on the subscription has them all", "", *PROTECTED_MACHINE]
    return told


def _cost(order: Order, table: list[Step]) -> list[str]:
    prices = [*FREE, *([TUNNEL] if order.gateway else [])]
    hours = math.ceil(seconds(table) / 3600)
    told = [
        f"  {price.thing}: {price.hourly:.3f} USD/h x {hours} h = {price.hourly * hours:.3f} USD ({price.why})"
        for price in prices
    ]
    total = sum(price.hourly for price in prices) * hours
    return ["costs at most, by list prices written down here and not looked up:", *told, f"  in all {total:.3f} USD"]
