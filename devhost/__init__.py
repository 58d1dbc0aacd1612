"""The embedded default: an unmodified ``function_app.py`` served from one process on SQLite.

In Azure the Functions host and its durable backend take this room's place. It exists so that the same app runs on a
laptop, in a rehearsal and in CI, behaves there as it would in production (hazards included), and resumes where it
was when the process is killed. It loads whatever app it is pointed at: it must know nothing of ours, so it imports
the clock and the Azure Functions packages only. What the app may use is what this room implements; everything else
is refused by name, never ignored.

``serve(HostOptions(app_dir, database))`` blocks until SIGTERM; ``Host`` is the same thing to start and stop in tests.
"""

from devhost.errors import AppLoadError, HostError, PayloadTooLarge
from devhost.main import Host, serve
from devhost.options import HostOptions

__all__ = ["AppLoadError", "Host", "HostError", "HostOptions", "PayloadTooLarge", "serve"]
