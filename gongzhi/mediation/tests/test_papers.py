"""The papers that the sides sign, and the court that is asked to confirm what was agreed."""

import docx as word
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.files import open_file
from gongzhi.core.models import Document, OutboxMessage
from gongzhi.core.rights import may
from gongzhi.governance.bodies.services import PersonInput
from gongzhi.mediation import services
from gongzhi.mediation.acts import ACTS, Who
from gongzhi.mediation.models import MediationFile
from gongzhi.mediation.queries.reading import readable_by
from gongzhi.mediation.tests.steps import asked, at, body_of, city, court, day, failed, mediator, registered, settled
from gongzhi.mediation.tests.test_pages import Browser

pytestmark = pytest.mark.django_db
DAYS = {"jiujiang": "2022-05-05", "zhangjiagang": "2023-05-08", "jinhua": "2025-05-08", "jiangyin": "2024-05-08",
        "meixian": "2023-04-10"}  # fmt: skip


def words_of(document: Document) -> str:
    assert document.file is not None
    with open_file(document.file) as content:
        paper = word.Document(content)
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in paper.paragraphs), *cells])


def papers(file: MediationFile) -> dict[str, Document]:
    return {one.instrument: one for one in core.documents_of(file.ref)}


@pytest.mark.clause("JJ-A6-3-1")
def test_an_application_is_a_paper_with_both_sides_and_the_phone_masked():
    cast = city("jiujiang", DAYS["jiujiang"])
    file = asked(cast)
    said = words_of(papers(file)["mediation_application"])
    company = cast.organisations["property_company"].name
    assert all(one in said for one in (cast.user("owner").display_name, company, file.number, "有争议"))
    assert "138****1111" in said and "13800001111" not in said
    found = asked(cast, source="found", actor=at(cast, "mediation_room"), matter="neighbour_dispute")
    assert papers(found) == {}


@pytest.mark.clause("MX-3.10.3-3")
@pytest.mark.parametrize("slug", DAYS)
def test_the_court_of_each_city_is_asked_to_confirm_and_rules(slug):
    cast = city(slug, DAYS[slug])
    judge, owner = court(cast), cast.actor("owner")
    file = settled(asked(cast), cast)
    assert (file.agreement.confirm_by - file.agreement.agreed_on).days >= 30
    assert not may(judge, "mediation.read", file) and list(readable_by(judge, day(DAYS[slug]))) == []
    with pytest.raises(Refused):
        services.note_confirmation(
            file, state="confirmed", on=day(DAYS[slug]), number="民特1号", actor=owner, now=cast.now
        )
    services.note_confirmation(file, state="applied", on=day(DAYS[slug]), actor=owner, now=cast.now)
    paper = papers(file)["judicial_confirmation"]
    said = words_of(paper)
    assert f"此致\n{judge.organisation}" in said and "月底前补缴" in said and papers(file)[
        "mediation_agreement"
    ].number in said  # fmt: skip
    assert "被申请人" not in said
    assert paper.is_party(judge)
    assert OutboxMessage.objects.filter(
        template="mediation.confirmation", to_organisation=judge.organisation
    ).exists()  # fmt: skip
    file = MediationFile.objects.get(pk=file.pk)
    assert list(readable_by(judge, day(DAYS[slug]))) == [file] and not may(judge, "mediation.hear", file)
    assert ACTS["queren"].offered(file, Who(judge, cast.now))
    assert not ACTS["queren"].offered(file, Who(owner, cast.now))
    given = {"state": "confirmed", "on": day(DAYS[slug]), "number": "民特1号", "now": cast.now}
    with pytest.raises(Refused):
        services.note_confirmation(file, actor=owner, **given)
    assert services.note_confirmation(file, actor=judge, **given).confirmation == "confirmed"


def test_an_agreement_names_its_mediators():
    cast = city("meixian", DAYS["meixian"])
    station = registered(cast, "mediation_station", cast.street)
    one = mediator(station, cast)
    file = asked(cast)
    services.appoint(file, mediators=[one], actor=body_of(file, cast), now=cast.now)
    paper = papers(settled_of(file, cast))["mediation_agreement"]
    assert str(one) in words_of(paper)
    with open_file(paper.file) as content:
        hands = word.Document(content).tables[-1]
    kept = [each.paragraph_format.keep_with_next for row in hands.rows for each in row.cells[0].paragraphs]
    assert len(kept) > 3 and all(kept), "the hands stand on one page"


def settled_of(file, cast):
    from gongzhi.mediation.tests.steps import accepted

    file = accepted(file, cast)
    services.agree(file, terms="补缴。", agreed_on=core.local_day(cast.now), actor=body_of(file, cast), now=cast.now)
    return file


@pytest.mark.clause("MX-3.10.3-3")
def test_nothing_is_confirmed_of_what_was_not_agreed():
    cast = city("meixian", DAYS["meixian"])
    file = failed(asked(cast), cast)
    with pytest.raises(Refused):
        services.note_confirmation(
            file, state="applied", on=day(DAYS["meixian"]), actor=body_of(file, cast), now=cast.now
        )
    assert "judicial_confirmation" not in papers(file)


@pytest.mark.clause("JJ-A6-2.2-3", "JJ-A3-2.8-1")
def test_a_meeting_over_several_disputes_and_a_template_with_its_file(client, monkeypatch):
    cast = city("jiujiang", DAYS["jiujiang"])
    browser = Browser(client, cast, monkeypatch)
    first, second = asked(cast, matter="title_dispute"), asked(cast, matter="property_use_dispute")
    station = browser.as_(at(cast, "mediation_station"))
    given = {"kind": "analysis", "title": "疑难纠纷研判", "text": "一并研判。", "on": DAYS["jiujiang"]}
    assert "TJ-2022-99999" in station.do("guide", status=422, numbers="TJ-2022-99999", **given)
    station.do("guide", numbers=f"{first.number} {second.number}", **given)
    page = station.see("bodies")
    assert first.number in page and second.number in page
    assert "疑难纠纷研判" in station.see("file", second.pk)
    justice = browser.as_(at(cast, "justice"))
    justice.do("guide", kind="template", title="调解笔录样式", text="按样式记。", on=DAYS["jiujiang"],
               attachment=SimpleUploadedFile("笔录.txt", "调解笔录".encode()))  # fmt: skip
    assert "笔录.txt" in justice.see("bodies")
    justice.see("file", first.pk, status=403)


def test_only_the_court_hands_over_what_it_hands_over(client, monkeypatch):
    cast = city("jiujiang", DAYS["jiujiang"])
    browser = Browser(client, cast, monkeypatch)
    assert "法院移交的庭外调解" not in browser.as_(cast.actor("owner")).see("apply", cast.estate.pk)
    assert "法院移交的庭外调解" in browser.as_(court(cast)).see("apply", cast.estate.pk)


@pytest.mark.clause("MX-3.2.13-1")
def test_justice_registers_a_towns_body_from_the_list_of_those_lacking(client, monkeypatch):
    cast = city("meixian", DAYS["meixian"])
    browser = Browser(client, cast, monkeypatch)
    justice = browser.as_(at(cast, "justice"))
    assert f"difang={cast.street.pk}" in justice.see("bodies")
    given = {"formed_on": DAYS["meixian"], "address": "为民路1号", "phone": "0917-0000000"}
    wrong = {"kind": "mediation_station", "place": cast.community.pk}
    assert "不设在这里" in justice.do("register", status=422, **given, **wrong)
    right = {"kind": "mediation_station", "place": cast.street.pk}
    justice.do("register", **given, **right)
    page = justice.see("bodies")
    assert "为民路1号" in page and f"difang={cast.street.pk}" not in page
    assert "已有" in justice.do("register", status=422, **given, **right)
    browser.as_(cast.actor("owner")).see("register", status=403)


@pytest.mark.clause("JJ-A6-2.2-1")
def test_who_heads_a_towns_body_is_asked_when_it_is_registered():
    cast = city("jiujiang", DAYS["jiujiang"])
    by = {"formed_on": day(DAYS["jiujiang"]), "head": PersonInput("张三"), "actor": at(cast, "mediation_station"),
          "now": cast.now}  # fmt: skip
    with pytest.raises(Refused) as refused:
        services.register_body("mediation_station", place=cast.street, head_title="科长", **by)
    assert "JJ-A6-2.2-1" in refused.value.clauses
    body = services.register_body("mediation_station", place=cast.street, **by)
    assert [one.title for one in body.members.filter(post="head")] == ["镇街分管领导"]
    with pytest.raises(Refused):
        services.register_body("mediation_station", place=cast.streets[1], **by)
