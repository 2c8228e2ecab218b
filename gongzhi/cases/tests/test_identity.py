"""Who complained is not to be found by those he complained of: on no page, in no file, in no log."""

import io
import json
import zipfile
from typing import Any

import pytest

from gongzhi.cases import services
from gongzhi.cases.models import Case, Part
from gongzhi.cases.tests.pages import Browse, browse, case_url, words
from gongzhi.cases.tests.steps import at, submit
from gongzhi.core.models import Document, Event, OutboxMessage
from gongzhi.core.tests.cast import Cast
from gongzhi.duties.models import Duty

__all__ = ["browse"]
SECRETS = ("陈建国", "13812345678", "陈**", "138****5678")


def _with_the_company(cast: Cast) -> Case:
    """Submitted by the owner's own account, his name and number in the title, the company a party."""
    case = submit(
        cast,
        "company_violation",
        matters=[services.MatterInput("company_violation", title="陈建国13812345678投诉物业出租走廊")],
        text="我是陈建国，电话13812345678，物业把走廊租出去了。",
    ).cases.get()
    services.assign_case(case, actor=cast.actor("hotline_desk"), now=at(5, 5))
    services.report_in(case, actor=cast.actor("housing"), now=at(5, 5))
    services.handle(case, result="已找陈建国核实。", outcome="rectified", actor=cast.actor("housing"), now=at(5, 6))
    services.answer(case, text="陈建国您好，已责令改正。", method="电话", actor=cast.actor("housing"), now=at(5, 6))
    services.rate(case, stars=4, comment="陈建国评价", actor=cast.actor("owner"), now=at(5, 6))
    services.reopen(case, reason="又租出去了", actor=cast.actor("owner"), now=at(5, 7))
    company = cast.organisation("property_company")
    case.parties.create(organisation=company, role=company.role, part=Part.TOLD, since=at(5, 5))
    return Case.objects.get(pk=case.pk)


def _package(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        text = "".join(package.namelist())
        for name in package.namelist():
            body = package.read(name)
            if name.endswith((".docx", ".xlsx")):
                text += _package(body)
            else:
                text += body.decode(errors="replace")
    return text


@pytest.mark.parametrize("where", ["", "dayin/", "juanzong/", "list", "export", "duties"])
def test_the_company_finds_no_trace_of_who_complained(cast: Cast, browse: Browse, where: str) -> None:
    case = _with_the_company(cast)
    client = browse("project_manager", at(5, 7))
    address = {"list": "/anjian/?view=all", "export": "/anjian/daochu/?view=all"}.get(where, f"{case_url(case)}{where}")
    if where == "duties":
        duty = Duty.objects.filter(subject_kind="case", subject_id=str(case.pk)).earliest("id")
        address = f"/gongzuotai/{duty.pk}/"
    answered = client.get(address)
    assert answered.status_code == 200, address
    zipped = where in ("juanzong/", "export")
    shown = _package(answered.content) if zipped else words(answered)
    assert "物业出租走廊" in shown
    assert [secret for secret in SECRETS if secret in shown] == []


def test_staff_read_the_timeline_without_the_complainants_name(cast: Cast, browse: Browse) -> None:
    case = _with_the_company(cast)
    page = words(browse("hotline_desk", at(5, 7)).get(case_url(case)))
    whos = {entry.actor_label for entry in case.entries.all()}
    assert "投诉人" in whos
    assert not [one for one in whos if "陈建国" in one]
    assert "138****5678" in page
    assert "13812345678" not in page.replace(case.text, "")


def test_the_log_the_clocks_the_documents_and_the_outbox_hold_no_name_of_the_complainant(cast: Cast) -> None:
    case = _with_the_company(cast)
    since = Event.objects.get(kind="complaint.received").pk
    events = Event.objects.filter(pk__gte=since)
    log = "".join(f"{one.subject_title}{one.actor_label}{json.dumps(one.data, ensure_ascii=False)}" for one in events)
    clocks = "".join(Duty.objects.values_list("subject_title", flat=True))
    papers = "".join(f"{one.subject_title}{one.data}" for one in Document.objects.filter(subject_id=str(case.pk)))
    to_units = OutboxMessage.objects.filter(to_organisation__isnull=False)
    told = "".join(f"{one.text}{one.ref_title}" for one in to_units)
    for name, text in {"log": log, "clocks": clocks, "papers": papers, "told": told}.items():
        assert [secret for secret in SECRETS if secret in text] == [], name
    assert "出租走廊" in log and "出租走廊" in clocks and told


@pytest.mark.parametrize(("role", "label"), [("owner", "投诉人"), ("building_steward", "代提的楼幢长")])
def test_what_a_complainant_does_is_signed_by_what_he_is(cast: Cast, role: str, label: str) -> None:
    actor = cast.actor(role)
    given: dict[str, Any] = {"on_behalf": actor.user} if role == "building_steward" else {}
    case = submit(cast, "greening", actor=actor, **given).cases.get()
    assert case.entries.get(kind="opened").actor_label == label
    assert Event.objects.get(kind="case.opened").actor_label == label
    assert Event.objects.get(kind="complaint.received").actor == actor.user
