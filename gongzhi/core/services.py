"""The face of the core: what other packages call. `from gongzhi.core import services as core`."""

from gongzhi.core.days import local_day
from gongzhi.core.deciding import attach_pack, enter_calendar_year, set_switch
from gongzhi.core.documents import documents_of, issue_document, sign_for_document
from gongzhi.core.errors import Refused
from gongzhi.core.files import files_of, may_download, open_file, store_file
from gongzhi.core.grams import grams, search_grams
from gongzhi.core.holdings import Holding, by_column, in_hand, register_holdings
from gongzhi.core.jobs import later
from gongzhi.core.messages import notify
from gongzhi.core.money import yuan
from gongzhi.core.numbers import next_number
from gongzhi.core.packs import ask, judged_checks, pack_for, run_checks, switches_for
from gongzhi.core.packs import held as hold_policy
from gongzhi.core.people import (
    begin_post,
    end_post,
    erase_person,
    holders,
    keep_person,
    looks_at,
    opened,
    persons_by,
    phone_ends_with,
    reveal,
    set_deputy,
)
from gongzhi.core.places import (
    add_place,
    ancestors,
    ensure_organisation,
    move_place,
    place_at,
    place_title,
    rebase,
    role_level,
    role_name,
)
from gongzhi.core.prepared import Fetch, all_rows, first_row
from gongzhi.core.prepared import insert as insert_rows
from gongzhi.core.prepared import update as update_row
from gongzhi.core.recording import Happening, holds_number, just_recorded, record, record_many
from gongzhi.core.rights import may, require
from gongzhi.core.units import begin_unit, end_unit
from gongzhi.core.versions import check_version, form_key, keep_form_key
from gongzhi.core.word import render_word

__all__ = [
    "Fetch",
    "Happening",
    "Holding",
    "Refused",
    "add_place",
    "all_rows",
    "ancestors",
    "ask",
    "attach_pack",
    "begin_post",
    "begin_unit",
    "by_column",
    "check_version",
    "documents_of",
    "end_post",
    "end_unit",
    "ensure_organisation",
    "enter_calendar_year",
    "erase_person",
    "files_of",
    "first_row",
    "form_key",
    "grams",
    "hold_policy",
    "in_hand",
    "holders",
    "holds_number",
    "insert_rows",
    "issue_document",
    "judged_checks",
    "just_recorded",
    "keep_form_key",
    "keep_person",
    "later",
    "local_day",
    "looks_at",
    "may",
    "move_place",
    "may_download",
    "next_number",
    "notify",
    "open_file",
    "opened",
    "pack_for",
    "persons_by",
    "phone_ends_with",
    "place_at",
    "place_title",
    "rebase",
    "record",
    "record_many",
    "register_holdings",
    "render_word",
    "require",
    "reveal",
    "role_level",
    "role_name",
    "run_checks",
    "search_grams",
    "set_deputy",
    "set_switch",
    "sign_for_document",
    "store_file",
    "switches_for",
    "update_row",
    "yuan",
]
