"""What the pages do, the API does: every address of a page has its operations, or a reason why none is needed."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from ninja import Schema

from gongzhi.site.api import api

PARTS = ("core", "duties", "cases", "accountability", "enforcement", "registry", "bodies", "governance", "mediation")

# address by name -> what a program calls instead; several by a blank.
PAGES: dict[str, str] = {
    # enforcement
    "enforcement:overview": "get/statistics/enforcement",
    "enforcement:operations": "get/operations",
    "enforcement:operation": "get/operations/{pk}",
    "enforcement:stations": "get/enforcement/stations get/estates/{pk}/officers",
    "enforcement:structures": "get/structures",
    "enforcement:structure": "get/structures/{pk}",
    "enforcement:tenancies": "get/tenancies",
    "enforcement:tenancy": "get/tenancies/{pk}",
    "enforcement:reveal": "post/tenancies/{pk}/tenant",
    "enforcement:tenancy_act": "get/tenancies/{pk}/acts/{act} post/tenancies/{pk}/acts/{act}",
    "enforcement:premises": "get/premises-reviews",
    "enforcement:evidence": "get/evidence/{kind}/{pk}",
    "enforcement:package": "post/evidence/{kind}/{pk}/package",
    "enforcement:evidence_act": "get/evidence/{kind}/{pk}/acts/{act} post/evidence/{kind}/{pk}/acts/{act}",
    "enforcement:begin": "get/enforcement/acts/{act}/{pk} post/enforcement/acts/{act}/{pk}",
    "enforcement:act": "get/enforcement/acts/{act}/{pk} post/enforcement/acts/{act}/{pk}",
    "enforcement:notice_pdf": "get/documents/{pk}/content",
    "enforcement:board_pdf": "get/accountability/boards/{pk}",
    # mediation
    "mediation:list": "get/mediations",
    "mediation:choose": "get/estates",
    "mediation:apply": "get/estates/{pk}/mediations/form post/estates/{pk}/mediations",
    "mediation:file": "get/mediations/{pk}",
    "mediation:act": "get/mediations/{pk}/acts/{act} post/mediations/{pk}/acts/{act}",
    "mediation:figures": "get/statistics/mediations",
    "mediation:bodies": "get/mediation-bodies",
    "mediation:add_mediator": "get/mediation-bodies/{pk}/mediators/form post/mediation-bodies/{pk}/mediators",
    "mediation:train": "get/mediation-forms/{act} post/mediation-forms/{act}",
    "mediation:guide": "get/mediation-forms/{act} post/mediation-forms/{act}",
    "mediation:plan": "get/mediation-forms/{act} post/mediation-forms/{act}",
    "core:file": "get/files/{pk}/content",
    "core:document": "get/documents/{pk}/content",
    "core:sign_for": "post/documents/{pk}/sign",
    # the desk
    "duties:desk": "get/duties get/duties/counts",
    "duties:act": "post/bulk/duties",
    "duties:fulfil_many": "post/bulk/duties",
    "duties:export": "get/exports/duties",
    "duties:today": "get/duties",
    "duties:owed": "get/duties/owed",
    "duties:calendar": "get/duties/calendar",
    "duties:units": "get/duties/units",
    "duties:unit": "get/duties/units/{pk} get/duties/units/{pk}/running",
    "duties:tasks": "get/duties/tasks",
    "duties:detail": "get/duties/{pk} get/duties/{pk}/events",
    "duties:do": "get/duties/{pk}/acts/{act} post/duties/{pk}/acts/{act}",
    # cases
    "cases:list": "get/cases get/counts/cases get/statistics/month",
    "cases:export": "get/exports/cases",
    "cases:bulk": "post/bulk/cases",
    "cases:bulk_assign": "post/bulk/cases",
    "cases:bulk_merge": "post/bulk/cases",
    "cases:print_many": "get/cases/{number}",
    "cases:intake": "post/complaints",
    "cases:register_form": "post/forms/visit-register",
    "cases:ledger": "get/registers/complaints",
    "cases:ledger_export": "get/exports/complaint-register",
    "cases:hotspots": "get/statistics/hotspots",
    "cases:hotspots_export": "get/exports/hotspots",
    "cases:statistics": "get/statistics/complaints",
    "cases:statistics_export": "get/exports/statistics",
    "cases:statistics_chart": "get/statistics/complaints",
    "cases:hotline": "get/hotline/sources get/hotline/runs post/hotline/runs post/hotline/sources/{pk}/tickets",
    "cases:hotline_source_new": "post/hotline/sources",
    "cases:hotline_source": "get/hotline/sources/{pk} patch/hotline/sources/{pk} get/hotline/sources/{pk}/posted",
    "cases:hotline_answers": "get/hotline/sources/{pk}/answers",
    "cases:hotline_resend": "post/hotline/sources/{pk}/resend",
    "cases:hotline_run": "get/hotline/runs/{pk} post/hotline/runs/{pk}/recheck post/hotline/runs/{pk}/import",
    "cases:hotline_marked": "get/hotline/runs/{pk}/marked",
    "cases:concentration": "get/statistics/concentration",
    "cases:concentration_export": "get/exports/concentration",
    "cases:concentration_estate": "get/statistics/concentration/{pk} post/statistics/concentration/{pk}/tasks",
    "cases:checks": "get/checks get/statistics/checks",
    "cases:check_new": "post/checks get/forms/check",
    "cases:competences": "get/competences",
    "cases:problems": "get/problems",
    "cases:problem_new": "get/forms/problem post/problems",
    "cases:problems_export": "get/exports/problems",
    "cases:problem": "get/problems/{number}",
    "cases:problem_act": "get/problems/{number}/acts/{act} post/problems/{number}/acts/{act}",
    "cases:complaint": "get/complaints/{number}",
    "cases:case": "get/cases/{number} get/cases/{number}/acts",
    "cases:print": "get/cases/{number}",
    "cases:zip": "get/cases/{number}/file",
    "cases:reveal": "post/cases/{number}/reveal",
    "cases:act": "get/cases/{number}/acts/{act} post/cases/{number}/acts/{act}",
    # accountability
    "accountability:board": "get/accountability/items get/accountability/board",
    "accountability:months": "get/accountability/months",
    "accountability:division": "get/accountability/division",
    "accountability:give": "get/accountability/forms/{kind} post/accountability/items/{kind}",
    "accountability:task": "get/accountability/items/{kind}/{pk}",
    "accountability:task_act": "post/accountability/items/{kind}/{pk}/acts/{act}",
    "accountability:plan": "post/accountability/plans",
    "accountability:inspections": "get/accountability/items",
    "accountability:inspection_new": "post/accountability/items/{kind}",
    "accountability:inspection": "get/accountability/items/{kind}/{pk}",
    "accountability:inspection_act": "post/accountability/items/{kind}/{pk}/acts/{act}",
    "accountability:finding": "get/accountability/items/{kind}/{pk}",
    "accountability:finding_act": "post/accountability/items/{kind}/{pk}/acts/{act}",
    "accountability:sheets": "get/accountability/items",
    "accountability:sheet_new": "post/accountability/sheets",
    "accountability:sheet": "get/accountability/items/{kind}/{pk}",
    "accountability:sheet_act": "post/accountability/items/{kind}/{pk}/acts/{act}",
    "accountability:census": "get/accountability/census get/accountability/late-duties",
    "accountability:unit_year": "get/accountability/units/{pk}",
    "accountability:duty_act": "post/accountability/duties/{pk}/shirking post/accountability/duties/{pk}/talk "
    "post/accountability/duties/{pk}/refer",
    "accountability:talks": "get/accountability/items",
    "accountability:talk": "get/accountability/items/{kind}/{pk}",
    "accountability:talk_record": "post/accountability/items/{kind}/{pk}/acts/{act}",
    "accountability:referral": "get/accountability/items/{kind}/{pk}",
    "accountability:referral_answer": "post/accountability/items/{kind}/{pk}/acts/{act}",
    "accountability:clues": "get/accountability/items",
    "accountability:clue_new": "post/accountability/items/{kind}",
    "accountability:clue": "get/accountability/items/{kind}/{pk}",
    "accountability:clue_act": "post/accountability/items/{kind}/{pk}/acts/{act}",
    "accountability:candidates": "get/accountability/candidates get/accountability/major-conflicts",
    "accountability:major": "get/accountability/forms/major-conflict post/accountability/major-conflicts",
    "accountability:review": "post/accountability/candidates/{number}/{party}/review",
    "accountability:censure": "post/accountability/candidates/{number}/{party}/censure",
    "accountability:boards": "get/accountability/boards",
    "accountability:notice_board": "get/accountability/boards/{pk}",
    "accountability:board_print": "post/accountability/boards/{pk}/print",
    "accountability:board_post": "post/accountability/boards/{pk}/post",
    "accountability:number": "post/organisations/{pk}/number",
    "accountability:checks": "get/accountability/check-sources",
    # the registry
    "registry:estates": "get/estates",
    "registry:export": "get/exports/estates",
    "registry:mine": "get/estates",
    "registry:register": "post/estates",
    "registry:known": "get/statistics/registry get/statistics/estates",
    "registry:imports": "get/imports post/imports",
    "registry:template": "get/imports/template",
    "registry:import": "get/imports/{pk} post/imports/{pk}/confirm",
    "registry:marked": "get/imports/{pk}/marked",
    "registry:chart": "get/organisation-chart",
    "registry:archive_items": "get/archive-items post/archive-items",
    "registry:archive_items_of": "get/estates/{pk}/archive-items post/estates/{pk}/archive-items",
    "registry:building": "post/buildings/{pk}",
    "registry:delivery": "post/units/{pk}/delivery",
    "registry:unit_fact": "post/units/{pk}/facts",
    "registry:terms": "post/projects/{pk}/terms",
    "registry:facilities": "get/facilities",
    "registry:facility": "get/facilities/{pk}",
    "registry:inspect_facility": "post/facilities/{pk}/inspect",
    "registry:end_facility": "post/facilities/{pk}/end",
    "registry:organisations": "get/organisations",
    "registry:organisation": "get/organisations/{pk} get/organisations/{pk}/posts get/organisations/{pk}/staff",
    "registry:begin_post": "post/organisations/{pk}/posts",
    "registry:staff": "post/organisations/{pk}/staff",
    "registry:address": "post/organisations/{pk}/address",
    "registry:join": "post/organisations/{pk}/absorb",
    "registry:leave": "post/staff/{pk}/end",
    "registry:end_post": "post/posts/{pk}/end",
    "registry:deputy": "post/posts/{pk}/deputy",
    "registry:end_project": "post/projects/{pk}/end",
    "registry:manager": "post/projects/{pk}/manager",
    "registry:review": "get/reviews/{pk} post/reviews/{pk}/answer",
    "registry:unit": "get/units/{pk}",
    "registry:transfer": "post/units/{pk}/transfer",
    "registry:area": "post/units/{pk}/area",
    "registry:entrance": "post/units/{pk}/entrance",
    "registry:reveal": "post/units/{pk}/owners/{owner}/reveal",
    "registry:estate": "get/estates/{pk} get/estates/{pk}/events get/estates/{pk}/reviews",
    "registry:fact": "post/estates/{pk}/facts",
    "registry:change": "patch/estates/{pk}",
    "registry:paper": "get/estates/{pk}/papers post/estates/{pk}/papers",
    "registry:units": "get/estates/{pk}/units",
    "registry:add_unit": "post/estates/{pk}/units",
    "registry:add_facility": "get/forms/facility/{pk} post/estates/{pk}/facilities",
    "registry:management": "post/estates/{pk}/management",
    "registry:project": "post/estates/{pk}/projects",
    "registry:ask_review": "post/estates/{pk}/reviews",
    "registry:begin_unit": "post/organisations",
    "registry:end_unit": "post/organisations/{pk}/end",
    "registry:move": "post/estates/{pk}/move",
    "registry:merge": "post/estates/{pk}/merge",
    "registry:split": "post/estates/{pk}/split",
    # bodies
    "bodies:list": "get/bodies get/statistics/bodies",
    "bodies:mine": "get/bodies/rows/{kind}/{pk}",
    "bodies:estate": "get/bodies/rows/{kind}/{pk}",
    "bodies:ranking": "get/statistics/body-assessments",
    "bodies:place": "get/bodies/rows/{kind}/{pk}",
    "bodies:body": "get/bodies/rows/{kind}/{pk}",
    "bodies:formation": "get/bodies/rows/{kind}/{pk}",
    "bodies:notice": "get/formations/{pk}/notice",
    "bodies:candidate": "get/bodies/rows/{kind}/{pk}",
    "bodies:filing": "get/bodies/rows/{kind}/{pk}",
    "bodies:handover": "get/bodies/rows/{kind}/{pk}",
    "bodies:petition": "get/bodies/rows/{kind}/{pk}",
    "bodies:meeting": "get/bodies/rows/{kind}/{pk}",
    "bodies:correction": "get/bodies/rows/{kind}/{pk}",
    "bodies:advice": "get/bodies/rows/{kind}/{pk}",
    "bodies:representatives": "get/bodies/rows/{kind}/{pk}",
    "bodies:charge": "get/bodies/rows/{kind}/{pk}",
    "bodies:text": "get/bodies/rows/{kind}/{pk}",
    "bodies:act": "get/bodies/rows/{kind}/{pk}/acts/{act} post/bodies/rows/{kind}/{pk}/acts/{act}",
    # votes
    "governance:votes": "get/votes",
    "governance:draft": "get/forms/vote post/votes",
    "governance:results": "get/votes",
    "governance:result": "get/votes/{pk}/result",
    "governance:export": "get/votes/{pk}/package",
    "governance:notice": "get/votes/{pk}/notice",
    "governance:proof": "get/votes/{pk}/proof",
    "governance:court": "get/votes/{pk}/proof",
    "governance:sheet": "get/sheets/{pk}/acts/{act} post/sheets/{pk}/acts/{act}",
    "governance:sheet_code": "post/sheets/{pk}/acts/{act}",
    "governance:sheet_set_aside": "post/sheets/{pk}/acts/{act}",
    "governance:procedure": "get/estates/{pk}/procedure post/estates/{pk}/procedure",
    "governance:adjudicate": "post/ballots/{pk}/adjudicate",
    "governance:reply": "get/objections/{pk} post/objections/{pk}/reply get/votes/{pk}/objections",
    "governance:vote": "get/votes/{pk}",
    "governance:motion": "get/votes/{pk}/motions post/votes/{pk}/motions",
    "governance:roll": "get/votes/{pk}/roll",
    "governance:link": "post/votes/{pk}/roll/{code}/link",
    "governance:nominate": "post/votes/{pk}/roll/{code}/acts/{act}",
    "governance:correct": "post/votes/{pk}/roll/{code}/acts/{act}",
    "governance:sale": "get/votes/{pk}/roll/{code}/acts/{act} post/votes/{pk}/roll/{code}/acts/{act}",
    "governance:proxies": "get/votes/{pk}/proxies post/votes/{pk}/proxies/{proxy}/revoke",
    "governance:agent_link": "post/votes/{pk}/proxies/{proxy}/link",
    "governance:paper": "get/votes/{pk}/sheets",
    "governance:paper_print": "get/votes/{pk}/printed-ballots post/votes/{pk}/printed-ballots",
    "governance:paper_scan": "get/votes/{pk}/sheets/scan post/votes/{pk}/sheets/scan",
    "governance:trustees": "get/votes/{pk}/trustees",
    "governance:trustees_name": "get/votes/{pk}/trustees/form post/votes/{pk}/trustees",
    "governance:trustee_renew": "post/votes/{pk}/trustees/{number}/link",
    "governance:witnesses": "post/votes/{pk}/witnesses",
    "governance:serve": "post/votes/{pk}/service",
    "governance:filing_form": "get/votes/{pk}/filing-form",
    "governance:result_notice": "get/votes/{pk}/result-notice",
    "governance:participants": "get/votes/{pk}/participants",
    "governance:opened": "get/votes/{pk}/opened",
    "governance:act": "get/votes/{pk}/acts/{act} post/votes/{pk}/acts/{act}",
    # service charges
    "funds:charges": "get/charges/projects",
    "funds:charges_project": "get/charges/projects/{pk} get/charges/projects/{pk}/tariffs "
    "get/charges/projects/{pk}/runs",
    "funds:charges_units": "get/charges/projects/{pk}/arrears",
    "funds:charges_unit": "get/charges/projects/{pk}/units/{unit}",
    "funds:arrears": "get/charges/projects/{pk}/arrears",
    "funds:run_begin": "get/charges/projects/{pk}/run-preview post/charges/projects/{pk}/runs",
    "funds:charges_act": "get/charges/rows/{kind}/{key}/acts get/charges/rows/{kind}/{key}/acts/{act} "
    "post/charges/rows/{kind}/{key}/acts/{act}",
    "funds:billing_run": "get/charges/runs/{pk} get/charges/runs/{pk}/bills",
    "funds:bill": "get/charges/bills/{pk} get/charges/bills/{pk}/pdf",
    "funds:tariff": "get/charges/tariffs/{pk}",
    "funds:price_change": "get/charges/price-changes/{pk}",
    "funds:guide_prices": "get/charges/guide-prices",
    "funds:guide_public": "get/charges/guide-prices",
    "funds:price_checks": "get/charges/checks",
    "funds:helps": "get/charges/helps",
    "funds:handover": "get/charges/handovers/{pk}",
    "funds:clearance": "get/charges/projects/{pk}/units/{unit}",
    # pages about policy, the work days, the public
    "clauses": "get/packs",
    "pack_clauses": "get/packs/{slug} get/packs/{slug}/clauses get/packs/{slug}/coverage",
    "pack_switches": "get/packs/{slug}/switches post/packs/{slug}/switches/{name}",
    "ask": "get/packs/{slug}/questions",
    "ask_question": "post/packs/{slug}/questions/{question}/ask",
    "simulate": "post/packs/{slug}/simulate",
    "workdays": "get/workdays",
    "workdays_of_year": "get/workdays/{year}",
    "workdays_enter": "put/workdays/{year}",
    "complain": "post/public/complaints",
    "estates_public": "get/public/estates",
    "estate_public": "get/public/estates/{pk}",
    "track": "post/public/complaints/{number}/progress",
    "track_complaint": "post/public/complaints/{number}/progress",
    "rate_case": "post/public/complaints/{number}/cases/{case}/rate",
    "reopen_case": "post/public/complaints/{number}/cases/{case}/reopen",
}

# What a person does himself, before a page that has asked who he is: no program does it for him.
IN_PERSON: dict[str, str] = {
    "governance:phone": "an owner or agent votes",
    "governance:ballot_receipt": "his receipt",
    "governance:own_choice": "what he chose",
    "governance:paper_code": "the code on his ballot leads to his phone page",
    "governance:trustee": "a trustee's secrets stay in his browser, or with the tool that has no network",
    "governance:sealed_desk": "a sealed ballot is encrypted on the device that the owner holds",
    "governance:sealed_booth": "the same",
    "governance:sealed_paper": "a sheet to print, the same for everybody",
    "funds:own_account": "an owner's own bills",
    "bodies:volunteer": "an owner puts himself forward",
}


def names(found: Any = None, space: str = "") -> Iterator[str]:
    for one in (found or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            yield from names(one, one.namespace or space)
        elif isinstance(one, URLPattern) and one.name and space in PARTS:
            yield f"{space}:{one.name}"


def test_every_page_has_its_operations() -> None:
    known = {*PAGES, *IN_PERSON}
    assert set(names()) <= known, sorted(set(names()) - known)
    assert not set(PAGES) & set(IN_PERSON)


def test_every_operation_named_is_there() -> None:
    offered = {
        f"{method}{path.removeprefix('/api/v1')}"
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
    }
    missing = {f"{page}: {one}" for page, ways in PAGES.items() for one in ways.split() if one not in offered}
    assert not missing, "\n".join(sorted(missing))


def test_no_two_shapes_share_a_name() -> None:
    """The description lists shapes by their names: of two with one name an operation would be given the wrong one."""
    assert api.get_openapi_schema()
    found: dict[str, set[str]] = {}
    left: list[Any] = [Schema]
    while left:
        one = left.pop()
        left += one.__subclasses__()
        if one.__module__.startswith("gongzhi.") and "[" not in one.__name__:
            found.setdefault(one.__name__, set()).add(one.__module__)
    twice = {name: modules for name, modules in found.items() if len(modules) > 1}
    assert not twice, twice
