"""Estates, units, who owned, served and governed them, and what is known of them from a day to a day."""

from gongzhi.registry.models.estates import Building, BuildingStay, Estate, EstateStay
from gongzhi.registry.models.facilities import Facility, FacilityInspection
from gongzhi.registry.models.facts import EstateReview, StandingFact
from gongzhi.registry.models.imports import ImportProgress, ImportRun
from gongzhi.registry.models.projects import ArchiveCatalogue, ArchivePaper, CompanyStaff, Project, ProjectManager
from gongzhi.registry.models.spans import covers
from gongzhi.registry.models.units import Ownership, OwnershipShare, Unit, UnitArea

__all__ = [
    "ArchiveCatalogue",
    "ArchivePaper",
    "Building",
    "BuildingStay",
    "CompanyStaff",
    "Estate",
    "EstateReview",
    "EstateStay",
    "Facility",
    "FacilityInspection",
    "ImportProgress",
    "ImportRun",
    "Ownership",
    "OwnershipShare",
    "Project",
    "ProjectManager",
    "StandingFact",
    "Unit",
    "UnitArea",
    "covers",
]
