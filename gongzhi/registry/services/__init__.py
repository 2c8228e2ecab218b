"""What is written down of estates, units, owners and whoever serves them. The face of the registry."""

from gongzhi.registry.queries import (
    area_on,
    estate_facts,
    estates_within,
    fact,
    facts_of,
    find_estates,
    governing,
    history,
    organisation_for,
    organisations_for,
    owners_on,
    project_on,
    serving,
    units_on,
)
from gongzhi.registry.services.archive import Items, archive_items, set_archive_items
from gongzhi.registry.services.companies import absorb_company, join_staff, leave_staff, record_organisation_fact
from gongzhi.registry.services.division import merge_estates, split_estate
from gongzhi.registry.services.estates import (
    change_building,
    change_estate,
    file_paper,
    record_fact,
    register_estate,
    set_management,
)
from gongzhi.registry.services.facilities import end_facility, inspect_facility, register_facility, watch_inspections
from gongzhi.registry.services.facts import set_fact, stored, told
from gongzhi.registry.services.moving import hand_on, move_estate, successor
from gongzhi.registry.services.projects import begin_project, change_manager, change_terms, end_project
from gongzhi.registry.services.reviews import answer_review, ask_review
from gongzhi.registry.services.units import (
    OwnerInput,
    correct_area,
    place_in_entrance,
    record_unit_fact,
    register_unit,
    transfer_unit,
)

__all__ = [
    "Items",
    "OwnerInput",
    "absorb_company",
    "answer_review",
    "archive_items",
    "area_on",
    "ask_review",
    "begin_project",
    "change_building",
    "change_estate",
    "change_manager",
    "change_terms",
    "correct_area",
    "place_in_entrance",
    "end_facility",
    "end_project",
    "estate_facts",
    "estates_within",
    "fact",
    "facts_of",
    "file_paper",
    "find_estates",
    "governing",
    "history",
    "inspect_facility",
    "hand_on",
    "join_staff",
    "leave_staff",
    "merge_estates",
    "move_estate",
    "organisation_for",
    "organisations_for",
    "owners_on",
    "project_on",
    "record_fact",
    "record_organisation_fact",
    "record_unit_fact",
    "register_estate",
    "register_facility",
    "register_unit",
    "serving",
    "set_archive_items",
    "set_fact",
    "set_management",
    "split_estate",
    "stored",
    "successor",
    "told",
    "transfer_unit",
    "units_on",
    "watch_inspections",
]
