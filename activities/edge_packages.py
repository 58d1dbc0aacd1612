"""The files that a person uploads on a device's screen, made from the run's own snapshot."""

from __future__ import annotations

from activities import packages
from activities.work import Work
from azure_clients import plan_library
from domain.edge.packages import upload_file
from domain.outcomes import Outcome, failed, succeeded


def write_files(work: Work) -> Outcome:
    """The list of service tags with the new ranges in the region's tags, and the list as it was."""
    snapshot = plan_library.read_snapshot(work.documents, work.settings["snapshot"])
    document, region = snapshot.get(work.settings["tags"]), work.settings["region"]
    if document is None:
        return failed("the snapshot does not hold the list of service tags", code="DocumentMissing")
    additions = plan_library.read_reference(work.documents, work.settings["additions"])
    files = {work.settings["before"]: {}, work.settings["document"]: additions}
    written: dict[str, str] = {}
    for name, ranges in files.items():
        outcome = packages.write(work, name, upload_file(document, ranges, region))
        if outcome.status != "succeeded":
            return outcome
        written[name] = outcome.evidence["sha256"]
    return succeeded(f"{work.settings['document']} is written", sha256=written)
