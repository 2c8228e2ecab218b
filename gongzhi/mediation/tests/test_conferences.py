"""联席会议: the list of open disputes, measures with a name, what waits for a conclusion, what goes up."""

from uuid import uuid4

import pytest
from django.urls import reverse

from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, OutboxMessage
from gongzhi.core.pages import Who
from gongzhi.core.rights import may
from gongzhi.mediation import services
from gongzhi.mediation.acts import ACTS
from gongzhi.mediation.models import MediationFile
from gongzhi.mediation.queries.agenda import agenda
from gongzhi.mediation.queries.reading import readable_by
from gongzhi.mediation.services import PartyInput
from gongzhi.mediation.tests.steps import accepted, asked, at, body_of, city, day, settled

pytestmark = pytest.mark.django_db

CAME = "社区、派出所、业委会、物业"


def sent(client, url, **data):
    """A form of a page, opened anew and sent."""
    return client.post(url, {"form_key": uuid4().hex, **data})


def held(cast, on, actor, now=None):
    moment = now or cast.now
    return services.hold_conference(actor.place_path, held_on=day(on), attended=CAME, actor=actor, now=moment)


def on_list(conference):
    return [(one.file, one.measure) for one in conference.topics.order_by("file_id")]


def measure(file, cast, actor):
    services.set_measure(file, measure="每周上门", person="社区 王五", actor=actor, now=cast.now)


@pytest.mark.clause("ZJG-7.1c")
def test_each_conference_lists_the_open_disputes_and_takes_up_again_what_nobody_was_charged_with():
    cast = city("zhangjiagang", "2026-03-16")
    street = at(cast, "street_office")
    first, second = asked(cast), accepted(asked(cast), cast)
    over = settled(asked(cast), cast)
    one = held(cast, "2026-03-15", street)
    assert on_list(one) == [(first, ""), (second, "")] and not over.topics.exists()
    measure(first, cast, street)
    coming = agenda(street.organisation, street.place_path, day("2026-03-16"))
    assert [topic.file for topic in coming.carried] == [second] and coming.listed == [first]
    two = held(cast, "2026-03-16", street)
    assert on_list(two) == [(first, ""), (second, "")]
    assert one.topics.get(file=second).carried and not one.topics.get(file=first).carried
    said = Event.objects.filter(kind="conference.held").values_list("data__listed", flat=True)
    assert list(said) == [2, 2]


@pytest.mark.clause("ZJG-7.1c")
def test_a_dispute_that_was_listed_is_put_away_when_it_is_over_and_listed_no_more():
    cast = city("zhangjiagang", "2026-03-16")
    street = at(cast, "street_office")
    file = settled(asked(cast), cast)
    assert services.close(file, actor=body_of(file, cast), now=cast.now).state == "closed"
    assert len(agenda(street.organisation, street.place_path, day("2026-03-16"))) == 0


@pytest.mark.clause("ZJG-7.1c")
def test_the_page_shows_the_next_list_and_each_line_is_given_a_measure_and_a_name(client):
    cast = city("zhangjiagang", "2026-03-16")
    street = at(cast, "street_office")
    file = asked(cast)
    client.force_login(street.user)
    assert "联席会议" in client.get(reverse("mediation:list")).content.decode()
    page = client.get(reverse("mediation:conferences")).content.decode()
    assert "下次会议的清单（1件）" in page and file.number in page
    assert client.get(reverse("mediation:file", args=[file.pk])).status_code in (403, 404)  # not before it is listed
    done = sent(client, reverse("mediation:hold_conference"), held_on="2026-03-16", attended=CAME)
    assert done.status_code == 303
    page = client.get(done.url).content.decode()
    assert file.number in page and "未登记措施" in page
    form = reverse("mediation:act", args=[file.pk, "cuoshi"])
    assert form in page
    version = MediationFile.objects.get(pk=file.pk).version
    refused = sent(client, form, measure="每周上门", version=version).content.decode()
    assert "每周上门" in refused and "责任人" in refused
    sent(client, form, measure="每周上门", person="社区 王五", version=version)
    page = client.get(done.url).content.decode()
    assert "社区 王五" in page and "未登记措施" not in page
    again = sent(client, reverse("mediation:hold_conference"), held_on="2026-03-16", attended=CAME)
    assert "已经登记过" in again.content.decode()
    assert file.text not in client.get(reverse("mediation:file", args=[file.pk])).content.decode()


def test_another_town_neither_sees_the_conference_nor_holds_one_here(client):
    cast = city("zhangjiagang", "2026-03-16")
    street, other = at(cast, "street_office"), at(cast, "street_office@2")
    file = asked(cast)
    one = held(cast, "2026-03-16", street)
    assert file in readable_by(street, day("2026-03-16")) and file not in readable_by(other, day("2026-03-16"))
    client.force_login(other.user)
    assert client.get(reverse("mediation:conference", args=[one.pk])).status_code in (403, 404)
    assert file.number not in client.get(reverse("mediation:conferences")).content.decode()
    with pytest.raises(Refused):
        services.set_measure(file, measure="上门", person="王五", actor=other, now=cast.now)
    with pytest.raises(Refused):
        services.hold_conference(street.place_path, held_on=day("2026-03-16"), attended=CAME, actor=other, now=cast.now)


def found(cast, text):
    """What the community found and reports."""
    community = at(cast, "community_station")
    parties = [
        PartyInput("applicant", "owner", name="赵某", phone="13900001111"),
        PartyInput("respondent", "property_company"),
    ]
    return asked(cast, actor=community, source="found", text=text, parties=parties)


@pytest.mark.clause("MX-3.10.1-3")
def test_of_two_disputes_the_one_that_was_put_comes_before_the_next_conference_and_waits_for_it():
    cast = city("meixian", "2026-03-16")
    street = at(cast, "street_office")
    put, plain = found(cast, "停车位纠纷"), found(cast, "漏水纠纷")
    services.put_to_conference(put, reason="各说各的", actor=body_of(put, cast), now=cast.now)
    put, plain = settled(put, cast), settled(plain, cast)
    assert services.close(plain, actor=body_of(plain, cast), now=cast.now).state == "closed"
    with pytest.raises(Refused) as refused:
        services.close(put, actor=body_of(put, cast), now=cast.now)
    assert "等下次会议" in refused.value.message and refused.value.clauses
    one = held(cast, "2026-03-16", street)
    assert on_list(one) == [(put, "")]
    with pytest.raises(Refused):
        services.close(put, actor=body_of(put, cast), now=cast.now)
    services.conclude_topic(put, conclusion="按楼栋划分。", actor=street, now=cast.now)
    put = MediationFile.objects.get(pk=put.pk)
    assert services.close(put, actor=body_of(put, cast), now=cast.now).state == "closed"


@pytest.mark.clause("MX-3.10.1-3")
def test_without_a_conclusion_it_comes_before_the_one_after_too():
    cast = city("meixian", "2026-03-16")
    street = at(cast, "street_office")
    file = found(cast, "停车位纠纷")
    services.put_to_conference(file, reason="各说各的", actor=body_of(file, cast), now=cast.now)
    held(cast, "2026-03-15", street)
    measure(file, cast, street)
    assert on_list(held(cast, "2026-03-16", street)) == [(file, "")]
    services.conclude_topic(file, conclusion="按楼栋划分。", actor=street, now=cast.now)
    assert not any(one.binding for one in file.topics.all())


@pytest.mark.clause("MX-3.10.1-4")
def test_what_is_raised_is_concluded_above_and_comes_back():
    cast = city("meixian", "2026-03-16")
    street, county = at(cast, "street_office"), at(cast, "leading_group_office")
    files = [found(cast, "停车位纠纷"), found(cast, "漏水纠纷")]
    for one in files:
        services.put_to_conference(one, reason="各说各的", actor=body_of(one, cast), now=cast.now)
    held(cast, "2026-03-16", street)
    hard, easy = files
    topic = services.raise_topic(hard, reason="牵涉两个镇", actor=street, now=cast.now)
    assert topic.state == "县级待议"
    services.conclude_topic(easy, conclusion="物业修复。", actor=street, now=cast.now)
    with pytest.raises(Refused) as refused:
        services.conclude_topic(hard, conclusion="物业修复。", actor=street, now=cast.now)
    assert "县级待议" in refused.value.message
    file = settled(hard, cast)
    with pytest.raises(Refused) as refused:
        services.close(file, actor=body_of(file, cast), now=cast.now)
    assert refused.value.code == "conference" and "县级待议" in refused.value.message
    OutboxMessage.objects.all().delete()
    services.conclude_topic(file, conclusion="由县住建局协调。", actor=county, now=cast.now)
    told = OutboxMessage.objects.filter(template="mediation.concluded").values_list("to_organisation__role", flat=True)
    assert "street_office" in told
    shown = hard.topics.get()
    assert (shown.state, shown.concluded_by) == ("已有结论", county.organisation)


@pytest.mark.clause("MX-3.10.1-3", "MX-3.10.1-4")
def test_the_community_ticks_it_on_the_form_and_the_county_finds_what_was_raised(client):
    cast = city("meixian", "2026-03-16")
    street, county = at(cast, "street_office"), at(cast, "leading_group_office")
    client.force_login(at(cast, "community_station").user)
    page = reverse("mediation:apply", args=[cast.estate.pk])
    assert "提请联席会议" in client.get(page).content.decode()
    given = {
        "source": "found", "matter": "neighbour_dispute", "text": "车位一直争。", "applicant_kind": "owner",
        "applicant_name": "赵某", "applicant_phone": "13900001111", "respondent_kind": "property_company",
        "conference": "on",
    }  # fmt: skip
    response = sent(client, page, **given)
    assert response.status_code == 303, response.content.decode()
    file = MediationFile.objects.get(text="车位一直争。")
    assert file.topics.get().origin == "put"
    held(cast, "2026-03-16", street)
    client.force_login(street.user)
    shown = client.get(reverse("mediation:conference", args=[file.topics.get().conference_id])).content.decode()
    for code in ("cuoshi", "jielun", "shangbao"):
        assert reverse("mediation:act", args=[file.pk, code]) in shown
    services.raise_topic(file, reason="牵涉两个镇", actor=street, now=cast.now)
    client.force_login(county.user)
    above = client.get(reverse("mediation:conferences")).content.decode()
    assert "县级待议" in above and reverse("mediation:act", args=[file.pk, "jielun"]) in above
    assert may(county, "mediation.conclude", file)
    assert ACTS["jielun"].offered(file, Who(county, cast.now)) and not ACTS["jielun"].offered(
        file, Who(street, cast.now)
    )


@pytest.mark.clause("MX-3.10.1-3", "MX-3.10.1-4")
def test_the_desk_says_what_waits_for_whom(client):
    cast = city("meixian", "2026-03-16")
    street, county = at(cast, "street_office"), at(cast, "leading_group_office")

    def desk(actor):
        client.force_login(actor.user)
        return client.get(reverse("duties:desk")).content.decode()

    file = found(cast, "停车位纠纷")
    assert "还没有落实的" not in desk(county)
    services.put_to_conference(file, reason="各说各的", actor=body_of(file, cast), now=cast.now)
    assert "1件纠纷提请联席会议，还没有开" in desk(street)
    held(cast, "2026-03-16", street)
    assert "有1件纠纷还没有措施" in desk(street)
    services.raise_topic(file, reason="牵涉两个镇", actor=street, now=cast.now)
    assert "还没有措施" not in desk(street) and "1件上报来的纠纷等本单位的结论" in desk(county)
    services.conclude_topic(file, conclusion="由县住建局协调。", actor=county, now=cast.now)
    assert "等本单位的结论" not in desk(county)


@pytest.mark.parametrize("slug", ["jinhua", "jiangyin"])
def test_where_the_document_knows_no_conference_none_is_offered(client, slug):
    cast = city(slug, "2026-03-16")
    street = at(cast, "street_office")
    file = asked(cast)
    assert not ACTS["tiqing"].offered(file, Who(body_of(file, cast), cast.now))
    client.force_login(street.user)
    assert client.get(reverse("mediation:hold_conference")).status_code in (403, 404)
