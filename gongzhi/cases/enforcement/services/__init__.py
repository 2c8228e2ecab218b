"""The face of enforcement in estates: notices, evidence, operations, presence, books."""

from gongzhi.cases.enforcement.services.common import Where
from gongzhi.cases.enforcement.services.evidence import (
    HOW_TO_VERIFY,
    hand_over,
    package,
    package_name,
    sign_for,
    take_in,
)
from gongzhi.cases.enforcement.services.ledgers import (
    choose_category,
    end_tenancy,
    enter_structure,
    find_tenancy,
    measure_structure,
    remove_structure,
    report_tenancy,
    review_premises,
    tell_tenancy,
)
from gongzhi.cases.enforcement.services.notices import issue_notice, serve_notice
from gongzhi.cases.enforcement.services.operations import (
    archive_operation,
    call_off_operation,
    give_item,
    hold_operation,
    plan_operation,
    tell_result,
    tell_unit,
)
from gongzhi.cases.enforcement.services.presence import (
    change_station,
    close_station,
    end_officer,
    name_officer,
    record_entry,
    set_up_station,
)

__all__ = [
    "HOW_TO_VERIFY",
    "Where",
    "archive_operation",
    "call_off_operation",
    "change_station",
    "choose_category",
    "close_station",
    "end_officer",
    "end_tenancy",
    "enter_structure",
    "find_tenancy",
    "give_item",
    "hand_over",
    "hold_operation",
    "issue_notice",
    "measure_structure",
    "name_officer",
    "package",
    "package_name",
    "plan_operation",
    "record_entry",
    "remove_structure",
    "report_tenancy",
    "review_premises",
    "serve_notice",
    "set_up_station",
    "sign_for",
    "take_in",
    "tell_result",
    "tell_tenancy",
    "tell_unit",
]
