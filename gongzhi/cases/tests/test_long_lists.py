"""What lists of a million ask of the row itself: whose the case is, how it is marked, how often it came."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from gongzhi.cases import services
from gongzhi.cases.models import Case, CaseWords, Part
from gongzhi.cases.queries import cases_for, common_words, found_by_words
from gongzhi.cases.queries.cases import repeats_seen
from gongzhi.cases.services.routing import change_matter
from gongzhi.cases.tests.pages import browse, words
from gongzhi.cases.tests.steps import answered, assigned, at, reported_in, submit, submitted
from gongzhi.cases.views_list_filter import ListFilter
from gongzhi.core.paging import CappedPaginator

pytestmark = pytest.mark.usefixtures("contexts")

__all__ = ["browse"]


def by_phone(cast, matter, **given):
    return submit(cast, matter, channel="phone", **given).cases.get()


def kept(case):
    """Readers and keys as the parties, the complaint and the place say they must be."""
    row = Case.objects.select_related("complaint").get(pk=case.pk)
    wanted = set(row.complaint.reader_keys()) | {f"o{one.organisation_id}" for one in row.parties.all()}
    return set(row.readers) == wanted and row.words.keys == row.search_keys()


def found(cast, role, **asked):
    rows = ListFilter.of({"view": "all", **asked}).rows(cast.actor(role), cast.now)
    return list(rows.values_list("number", flat=True))


def test_readers_and_keys_follow_the_parties_through_all_that_happens(cast):
    done = answered(cast, "fire_lane", lead="fire_rescue", now=at(5, 5))
    services.close_case(done, actor=cast.actor("fire_rescue"), now=at(5, 6))
    back = assigned(cast, "group_rental", channel="phone")
    services.return_case(back, should_be="housing", reason="不归我们管", actor=cast.actor("police"), now=at(5, 5, 10))
    moved = reported_in(cast, "fire_lane", lead="fire_rescue", channel="phone")
    change_matter(moved, matter="noise", reason="是噪声", actor=cast.actor("street_office"), now=at(5, 6))
    again = by_phone(cast, "fire_lane")
    services.whistle(again, actor=cast.actor("street_office"), now=at(5, 6))
    rows = list(Case.objects.all())
    assert len(rows) == 4 and all(kept(row) for row in rows)
    assert [row.whistled for row in rows] == [row.pk == again.pk for row in rows]
    first = Case.objects.get(pk=done.pk)
    assert set(first.clerks) == {one.actor_id for one in first.entries.all() if one.actor_id}


def test_a_party_that_is_written_by_itself_sees_the_case_and_finds_it_by_words(cast):
    case = by_phone(cast, "fire_lane")
    ecology = cast.actor("ecology")
    assert not cases_for(ecology).exists() and not found(cast, "ecology", text="玻璃")
    case.parties.create(organisation=ecology.organisation, role=ecology.role, part=Part.TOLD, since=at(5, 5))
    assert cases_for(ecology).get() == case
    assert found(cast, "ecology", text="玻璃") == [case.number]
    assert kept(case)


@pytest.mark.parametrize(
    ("role", "sees"),
    [("street_office", True), ("hotline_desk", True), ("community_station", True), ("urban_management", True),
     ("street_office@2", False), ("ecology", False), ("owner", False)],
)  # fmt: skip
def test_words_are_found_by_whom_the_case_is_for(cast, role, sees):
    """A department finds what it may claim, too."""
    case = by_phone(cast, "centralised_penalty_other")
    assert case.route_lead == "urban_management" and case.lead is None
    assert found(cast, role, text="玻璃") == ([case.number] if sees else [])
    assert found(cast, role, text=cast.estate.name) == ([case.number] if sees else [])
    assert not found(cast, role, text="玻砖")


@pytest.mark.parametrize("handful", [0, 1_500])
def test_by_words_and_keys_alone_everybody_finds_the_same(cast, monkeypatch, handful):
    """Whether the keys are looked up with the words or read beside them."""
    monkeypatch.setattr(common_words, "HANDFUL", handful)
    keys = frozenset({"curban_management", *(f"o{one.pk}" for one in cast.organisations.values())})
    monkeypatch.setattr(common_words, "_counted", lambda hour: common_words.Counted(100, {}, keys))
    by_phone(cast, "centralised_penalty_other")
    by_phone(cast, "centralised_penalty_other", estate=cast.estate_unknown)
    by_phone(cast, "fire_lane")
    answered(cast, "fire_lane", lead="fire_rescue", now=at(5, 5))
    actors = [cast.actor(role) for role in cast.users]
    elsewhere = replace(cast.actor("urban_management"), place_path="34/3402/340299/")
    assert found_by_words("玻璃", actor=cast.actor("urban_management"), now=cast.now).exists()
    for actor in [*actors, elsewhere]:
        held = cases_for(actor).filter(words__grams__contains=["玻璃"])
        assert set(found_by_words("玻璃", actor=actor, now=cast.now)) == set(held), actor.role
    assert all(found_by_words(one, actor=actors[0], now=cast.now) is None for one in ("2幢玻璃", "，"))


def test_a_claim_that_another_took_is_found_no_more(cast):
    case = by_phone(cast, "centralised_penalty_other")
    services.assign_case(
        case, lead=cast.organisation("police"), reason="改派", actor=cast.actor("street_office"), now=at(5, 5)
    )
    assert not found(cast, "urban_management", text="玻璃")
    assert found(cast, "police", text="玻璃") == [case.number]


def test_numbers_of_the_case_of_its_complaint_and_of_the_hotline_lead_to_it(cast):
    case = by_phone(cast, "fire_lane")
    by_phone(cast, "noise")
    for text in (case.number, case.number.lower(), case.complaint.number):
        assert found(cast, "hotline_desk", text=text) == [case.number]
    assert not found(cast, "street_office@2", text=case.number)


def test_repetition_counts_thirty_days_of_the_estate_and_matter(cast):
    first, second = by_phone(cast, "fire_lane", now=at(4, 1)), by_phone(cast, "fire_lane", now=at(4, 20))
    third = by_phone(cast, "fire_lane", now=at(5, 5))
    by_phone(cast, "noise", now=at(5, 5))
    assert times(first, second, third) == [1, 2, 2]
    late = submit(cast, "fire_lane", channel="phone", now=at(5, 6), received_at=at(4, 24)).cases.get()
    assert times(first, second, late, third) == [1, 2, 3, 3], "what was registered late counts for those after it"
    change_matter(late, matter="noise", reason="是噪声", actor=cast.actor("street_office"), now=at(5, 6))
    assert times(first, second, third) == [1, 2, 2]


def test_a_void_case_repeats_nothing(cast):
    first = submitted(cast, "fire_lane", channel="phone", now=at(5, 4))
    second = by_phone(cast, "fire_lane", now=at(5, 5))
    services.ask_void(first, reason="误登", actor=cast.actor("street_office"), now=at(5, 5))
    services.decide_void(first, allowed=True, actor=cast.actor("leading_group_office"), now=at(5, 5))
    assert times(second) == [1]


def times(*cases):
    return [Case.objects.get(pk=one.pk).repeats for one in cases]


def test_a_long_list_is_counted_to_its_limit_and_says_so(cast, browse, monkeypatch):
    cases = [by_phone(cast, "fire_lane", now=at(5, 5) + timedelta(minutes=number)) for number in range(4)]
    rows = ListFilter.of({"view": "all"}).rows(cast.actor("hotline_desk"), cast.now)
    for most, more in ((3, True), (4, False)):
        page = CappedPaginator(rows, 2, most=most).get_page(2)
        assert [one.pk for one in page.object_list] == [one.pk for one in cases[2 : 2 + page.end_index() - 2]]
        assert (page.paginator.count, page.paginator.more) == (min(most, 4), more)
    monkeypatch.setattr("gongzhi.cases.views_list.PAGE_SIZE", 2)
    monkeypatch.setitem(CappedPaginator.__init__.__kwdefaults__, "most", 3)
    page = words(browse("hotline_desk").get("/anjian/?view=all"))
    assert "共3多件，只列前3件，请用筛选缩小范围" in page


def test_a_common_word_is_found_among_the_first_without_counting_them_all(cast, browse, monkeypatch):
    cases = [by_phone(cast, "fire_lane", now=at(5, 5) + timedelta(minutes=number)) for number in range(4)]
    [word] = sorted(set(cases[0].words.grams))[:1]
    counted = common_words.Counted(cases=1_000_000, words={word: 1.0}, wide=frozenset())
    monkeypatch.setattr(common_words, "counted", lambda now: counted)
    monkeypatch.setattr(common_words, "WALKED", 3)
    monkeypatch.setattr("gongzhi.cases.views_list.PAGE_SIZE", 2)
    page = browse("hotline_desk").get("/anjian/", {"text": word})
    shown = page.context["page"]
    assert [one.pk for one in shown.object_list] == [one.pk for one in cases[:2]]
    assert "共3多件" in words(page) and "只列前" not in words(page), "there are more; how many nobody counted"
    shown = browse("hotline_desk").get("/anjian/", {"text": word, "page": "2"}).context["page"]
    assert [one.pk for one in shown.object_list] == [one.pk for one in cases[2:]]
    assert (shown.paginator.count, shown.paginator.more) == (4, False), "who turns the page has them counted"
    monkeypatch.setattr(common_words, "WALKED", 5)
    assert not browse("hotline_desk").get("/anjian/", {"text": word}).context["page"].paginator.more
    assert not browse("market_regulation").get("/anjian/", {"text": word}).context["page"].paginator.count


def test_the_database_removes_the_words_with_their_case(cast):
    case = by_phone(cast, "fire_lane")
    assert CaseWords.objects.filter(case=case.pk).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT confdeltype FROM pg_constraint WHERE conname = 'cases_casewords_case'")
        assert cursor.fetchone() == ("c",)


def test_repetition_is_told_of_what_the_reader_sees_and_of_nothing_more(cast, browse):
    """A department that has one of three learns nothing of the other two; the street has all of them."""
    first, second, third = (by_phone(cast, "fire_lane", now=at(5, day)) for day in (3, 4, 5))
    services.whistle(third, actor=cast.actor("street_office"), now=at(5, 5))
    assert [Case.objects.get(pk=one.pk).repeats for one in (first, second, third)] == [1, 2, 3]
    assert "重复投诉3次" in words(browse("street_office").get("/anjian/"))
    lead, now = cast.actor("fire_rescue"), at(5, 5)
    assert list(cases_for(lead)) == [Case.objects.get(pk=one.pk) for one in (first, second, third)], "it may claim them"
    for one in (first, second):
        services.assign_case(
            one, lead=cast.organisation("police"), reason="改派", actor=cast.actor("street_office"), now=now
        )
    assert list(cases_for(lead)) == [Case.objects.get(pk=third.pk)]
    assert repeats_seen(list(cases_for(lead)), lead) == {third.pk: 1}
    page = words(browse("fire_rescue").get("/anjian/"))
    assert third.number in page and "重复投诉3次" not in page and "重复投诉2次" not in page
    assert not found(cast, "fire_rescue", view="repeated")
    assert found(cast, "street_office", view="repeated") == [second.number, third.number]
    assert "只有这一件" in words(browse("fire_rescue").get(f"/anjian/{third.number}/"))
    assert "另有2件" in words(browse("street_office").get(f"/anjian/{third.number}/"))


def test_an_empty_list_has_no_pager(cast, browse):
    page = words(browse("leading_group_office").get("/biaojue/"))
    assert "还没有表决" in page and "共0" not in page
