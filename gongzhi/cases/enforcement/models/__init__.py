"""The rows of law enforcement in estates."""

from gongzhi.cases.enforcement.models.evidence import Custody, Evidence
from gongzhi.cases.enforcement.models.ledgers import CompanyCase, PremisesReview, Structure, Tenancy
from gongzhi.cases.enforcement.models.notices import DissuasionNotice
from gongzhi.cases.enforcement.models.operations import Operation, OperationItem, OperationUnit
from gongzhi.cases.enforcement.models.presence import Officer, SiteEntry, Station

__all__ = [
    "CompanyCase",
    "Custody",
    "DissuasionNotice",
    "Evidence",
    "Officer",
    "Operation",
    "OperationItem",
    "OperationUnit",
    "PremisesReview",
    "SiteEntry",
    "Station",
    "Structure",
    "Tenancy",
]
