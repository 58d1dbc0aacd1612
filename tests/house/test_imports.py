"""Which room may import which foreign package: what import-linter cannot see, because `azure` is many packages."""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = (
    "activities", "azure_clients", "cli", "clock", "devhost", "domain", "entities", "orchestrators", "simulator",
    "triggers",
)  # fmt: skip

SDKS = (
    "azure.core",
    "azure.identity",
    "azure.keyvault",
    "azure.mgmt",
    "azure.monitor",
    "azure.storage",
    "msal",
    "requests",
)
"""The packages that talk to Azure: one room alone may know them (ARCHITECTURE, azure_clients)."""

ALLOWED: dict[str, tuple[str, ...]] = {
    "domain": ("pydantic", "yaml"),
    "clock": (),
    "orchestrators": ("azure.durable_functions",),
    "entities": ("azure.durable_functions",),
    "activities": ("azure.durable_functions", "azure.functions", "jinja2", "jmespath"),
    "triggers": ("azure.durable_functions", "azure.functions", "pydantic"),
    "azure_clients": (*SDKS, "urllib3"),
    "simulator": ("cryptography", "pydantic", "starlette", "uvicorn", "yaml"),
    "devhost": ("azure.durable_functions", "azure.functions", "starlette", "uvicorn"),
    "cli": ("httpx", "pydantic", "rich", "typer", "uvicorn", "yaml"),
}


def _modules(room: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / room).rglob("*.py")):
        if "tests" not in path.relative_to(ROOT / room).parts:
            yield path, _parse(path)


def _parse(path: Path) -> ast.Module:
    """Without a garbage collection in between: one that parses, too, breaks CPython 3.11's count (gh-106905)."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    finally:
        if enabled:
            gc.enable()


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_foreign(name: str) -> bool:
    top = name.split(".", maxsplit=1)[0]
    return top not in sys.stdlib_module_names and top not in ROOMS and top != "function_app"


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_imports_only_the_foreign_packages_it_may(room: str) -> None:
    """The table above is the whole truth: an import that is not in it needs a reason and a line there."""
    strangers = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path, tree in _modules(room)
        for name in _imported(tree)
        if _is_foreign(name) and not any(f"{name}.".startswith(f"{allowed}.") for allowed in ALLOWED[room])
    ]
    assert strangers == []


def test_every_room_has_a_docstring_that_says_why_it_exists() -> None:
    """A newcomer learns from a room's first lines what it is for and what it must not do."""
    silent = [room for room in ROOMS if not ast.get_docstring(_parse(ROOT / room / "__init__.py"))]
    assert silent == []


def test_no_room_is_named_after_the_standard_library_or_azure() -> None:
    """A top-level folder of such a name would hide the real one from every import."""
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert not folders & (set(sys.stdlib_module_names) | {"azure"})
