"""The JSON Schemas that are shipped, and validation against them."""

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from pydantic import BaseModel

from tipstaff_schemas.action import ActionRecord
from tipstaff_schemas.authoring import PolicyInWords, PolicyLinted
from tipstaff_schemas.clients import ClientsCompared, ClientsListed
from tipstaff_schemas.comparison import PersonSimulated, PoliciesCompared, PolicySimulated
from tipstaff_schemas.credentials import (
    CopiesFound,
    CredentialsListed,
    LoginMoved,
    LoginsRevoked,
    LogOutReport,
)
from tipstaff_schemas.delivery import PolicySynced
from tipstaff_schemas.doctor import DoctorReport
from tipstaff_schemas.enforcement import EnforcementReport
from tipstaff_schemas.fleet import FleetDiff, FleetDuplicates, FleetRejected, FleetReport
from tipstaff_schemas.fleet_simulation import FleetSimulated
from tipstaff_schemas.knowledge import KnowledgeShown, KnowledgeVerified
from tipstaff_schemas.knowledge_document import knowledge_document_schema
from tipstaff_schemas.login import LoginReport
from tipstaff_schemas.policy_document import policy_document_schema
from tipstaff_schemas.provenance import KeyExplained, PolicyShown, WhyAnswered
from tipstaff_schemas.report import Report
from tipstaff_schemas.report_comparison import ReportsCompared
from tipstaff_schemas.report_verified import ReportVerified
from tipstaff_schemas.reports import MergedReports
from tipstaff_schemas.rollout import ArtefactVerified
from tipstaff_schemas.setup import SetupReport, StatusReport
from tipstaff_schemas.users import AuditOfUsers, EnforcementOfUsers
from tipstaff_schemas.values import ObjectSchema

MODELS: dict[str, type[BaseModel]] = {
    "report": Report,
    "enforcement": EnforcementReport,
    "users-report": AuditOfUsers,
    "merged-reports": MergedReports,
    "report-comparison": ReportsCompared,
    "report-verified": ReportVerified,
    "users-enforcement": EnforcementOfUsers,
    "settings": PolicyShown,
    "explanation": KeyExplained,
    "why": WhyAnswered,
    "doctor": DoctorReport,
    "login": LoginReport,
    "logout": LogOutReport,
    "credentials": CredentialsListed,
    "copies": CopiesFound,
    "move": LoginMoved,
    "revocations": LoginsRevoked,
    "setup": SetupReport,
    "status": StatusReport,
    "action": ActionRecord,
    "comparison": PoliciesCompared,
    "simulation": PolicySimulated,
    "simulated": PersonSimulated,
    "fleet-simulation": FleetSimulated,
    "artefact": ArtefactVerified,
    "synced": PolicySynced,
    "lint": PolicyLinted,
    "policy-in-words": PolicyInWords,
    "client-list": ClientsListed,
    "client-diff": ClientsCompared,
    "knowledge-shown": KnowledgeShown,
    "knowledge-verified": KnowledgeVerified,
    "fleet-report": FleetReport,
    "fleet-diff": FleetDiff,
    "fleet-duplicates": FleetDuplicates,
    "fleet-rejected": FleetRejected,
}

WRITTEN_BY_FIELDS: dict[str, Callable[[], dict[str, Any]]] = {
    "policy": policy_document_schema,
    "knowledge": knowledge_document_schema,
}
"""Documents whose schema is made from the fields of their reader."""
DOCUMENTS = (*WRITTEN_BY_FIELDS, *MODELS)
"""The names of all documents that have a schema."""


def schema_of(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a document, made from its model or its fields."""
    made = (
        WRITTEN_BY_FIELDS[name]()
        if name in WRITTEN_BY_FIELDS
        else MODELS[name].model_json_schema(
            by_alias=True, mode="validation", schema_generator=ObjectSchema
        )
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:tipstaff:schema:{name}:1",
        **made,
    }


def schema_text(name: str) -> str:
    """Return a schema as it is shipped."""
    return json.dumps(schema_of(name), indent=2, sort_keys=True) + "\n"


def read_shipped_schema(name: str) -> str:
    """Return the schema file that came with this release."""
    return files("tipstaff_schemas").joinpath(f"json/{name}.schema.json").read_text("utf-8")


def faults(name: str, document: Any) -> list[str]:
    """Return what in a document breaks its shipped schema; empty where nothing does."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - costs every command's start-up

    validator = Draft202012Validator(json.loads(read_shipped_schema(name)))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]
