"""Documents of a fleet that were saved as JSON."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from tipstaff_schemas.fleet import FleetDiff, FleetDuplicates, FleetRejected, FleetReport
from tipstaff_schemas.fleet_simulation import FleetSimulated
from tipstaff_schemas.report_verified import FleetDocument

Fleet = FleetReport | FleetDiff | FleetDuplicates | FleetRejected | FleetSimulated
OF_FLEET: dict[FleetDocument, type[Fleet]] = {
    "fleet-report": FleetReport,
    "fleet-diff": FleetDiff,
    "fleet-duplicates": FleetDuplicates,
    "fleet-rejected": FleetRejected,
    "fleet-simulation": FleetSimulated,
}
"""By the name of the schema."""


def read_fleet(data: bytes) -> tuple[FleetDocument, Fleet] | None:
    """Return a document of a fleet and the name of its schema; None for anything else."""
    fields = _read_fields(data)
    for name, model in OF_FLEET.items():
        if fields and fields == set(model.model_fields):
            try:
                return name, model.model_validate_json(data)
            except ValidationError:
                return None
    return None


def _read_fields(data: bytes) -> set[str]:
    try:
        found: Any = from_json(data)
    except ValueError:
        return set()
    return set(found) if isinstance(found, dict) else set()
