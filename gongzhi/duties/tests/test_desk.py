"""The pages of duties as each role sees them."""

from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse

from gongzhi.core.models import Event
from gongzhi.core.tests.cast import Cast
from gongzhi.duties import services
from gongzhi.duties.models import Duty, State
from gongzhi.duties.tests.acts import assigned, happened, on, the_duty
from gongzhi.duties.tests.test_acts import colleague
from gongzhi.duties.tests.test_tick import task

pytestmark = pytest.mark.usefixtures("contexts")

SEE_OTHER, UNPROCESSABLE, FORBIDDEN, NOT_FOUND, CONFLICT = 303, 422, 403, 404, 409


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Pages read the clock once, in one middleware: there the test says what time it is."""
    from gongzhi.core import middleware

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(middleware.timezone, "now", lambda: moment)

    set_to(on("05-05 09:00"))
    return set_to


def client_of(cast: Cast, role: str) -> Client:
    client = Client()
    client.force_login(cast.user(role))
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def test_without_signing_in_the_desk_leads_to_the_door(cast: Cast, client: Client) -> None:
    response = client.get(reverse("duties:desk"))
    assert response.status_code == 302
    assert "denglu" in response.url


def test_the_desk_divides_by_due_time_and_names_the_clause(cast: Cast, at: Any) -> None:
    assigned(cast)
    at(on("05-13 10:00"))
    page = text(client_of(cast, "urban_management").get(reverse("duties:desk")))
    assert "今日到期　1件" in page
    assert "已超期　3件" in page
    assert "答复投诉人" in page
    assert "依据" in page and "梧桐花园" in page
    assert "电话投诉" in page


@pytest.mark.parametrize("role", ["ecology", "community_station@2", "owner", "project_manager"])
def test_others_do_not_see_it_on_their_desks(cast: Cast, at: Any, role: str) -> None:
    assigned(cast)
    response = client_of(cast, role).get(reverse("duties:desk"))
    assert response.status_code == (FORBIDDEN if role == "owner" else 200)
    assert "答复投诉人" not in text(response)
    assert client_of(cast, role).get(reverse("duties:detail", args=[the_duty("answer_complaint").pk])).status_code == (
        NOT_FOUND
    )


def test_the_dispatcher_is_owed_what_it_handed_on_and_prompts_it(cast: Cast, at: Any) -> None:
    assigned(cast)
    client, duty = client_of(cast, "street_office"), the_duty("answer_complaint")
    page = text(client.get(reverse("duties:desk")))
    assert cast.organisation("urban_management").name in page
    response = client.post(reverse("duties:act"), {"prompt": str(duty.pk), "form_key": "k1"})
    assert response.status_code == SEE_OTHER
    assert happened(duty, "prompted") == 1
    again = client.post(reverse("duties:act"), {"prompt": str(duty.pk), "form_key": "k1"})
    assert again.status_code == SEE_OTHER
    assert happened(duty, "prompted") == 1
    page = text(client.get(reverse("duties:owed")))
    assert "已催办1件" in page


def test_the_tabs_count_mine_and_my_units_and_what_is_done(cast: Cast, at: Any) -> None:
    assigned(cast)
    actor = cast.actor("urban_management")
    services.hand_out(the_duty("answer_complaint"), user=cast.user("urban_management"), actor=actor, now=cast.now)
    page = text(client_of(cast, "urban_management").get(reverse("duties:desk")))
    assert "我本人 1" in page and "本单位 4" in page and "已办 0" in page


def test_ticked_duties_are_handed_to_a_colleague(cast: Cast, at: Any) -> None:
    assigned(cast)
    user = colleague(cast, "urban_management")
    ticked = list(Duty.objects.filter(rule__in=("answer_complaint", "report_in")).values_list("pk", flat=True))
    response = client_of(cast, "urban_management").post(
        reverse("duties:act"), {"act": "assign", "to": f"user:{user.pk}", "duty": ticked, "form_key": "k1"}
    )
    assert response.status_code == SEE_OTHER
    assert set(Duty.objects.filter(pk__in=ticked).values_list("assigned_to", flat=True)) == {user.pk}


@pytest.mark.parametrize("act", ["assign", "prompt", "done", "export"])
def test_ticking_the_duties_of_others_is_refused_as_a_whole(cast: Cast, at: Any, act: str) -> None:
    assigned(cast)
    before = Event.objects.count()
    response = client_of(cast, "ecology").post(
        reverse("duties:act"),
        {
            "act": act,
            "to": f"user:{cast.user('ecology').pk}",
            "duty": [the_duty("answer_complaint").pk],
            "form_key": "k1",
        },
    )
    assert response.status_code == FORBIDDEN
    assert Event.objects.count() == before


def test_who_is_owed_a_duty_neither_hands_it_out_nor_marks_it_done(cast: Cast, at: Any) -> None:
    duty = task(cast)
    client = client_of(cast, "leading_group_office")
    data = {"to": f"user:{cast.user('street_office').pk}", "duty": [duty.pk], "form_key": "k1"}
    assert client.post(reverse("duties:act"), {"act": "assign", **data}).status_code == FORBIDDEN
    assert client.get(f"{reverse('duties:fulfil_many')}?duty={duty.pk}").status_code == FORBIDDEN


def test_marking_done_in_bulk_asks_for_one_account_and_files_it_on_each(cast: Cast, at: Any) -> None:
    first, second = task(cast), task(cast)
    at(on("06-01 09:00"))
    client = client_of(cast, "street_office")
    response = client.post(reverse("duties:act"), {"act": "done", "duty": [first.pk, second.pk], "form_key": "k1"})
    assert response.status_code == SEE_OTHER
    assert client.get(response.url).status_code == 200
    address = reverse("duties:fulfil_many")
    empty = client.post(address, {"duty": [first.pk, second.pk], "note": "", "form_key": "k2"})
    assert empty.status_code == UNPROCESSABLE
    assert "请写明办了什么" in text(empty)
    done = client.post(address, {"duty": [first.pk, second.pk], "note": "已整改", "form_key": "k2"})
    assert done.status_code == SEE_OTHER
    assert set(Duty.objects.filter(source="task").values_list("state", "note")) == {(State.FULFILLED, "已整改")}


def test_the_export_holds_exactly_what_the_filter_shows(cast: Cast, at: Any) -> None:
    for number in range(25):
        assigned(cast, case=str(number + 1))
    at(on("05-13 10:00"))
    client = client_of(cast, "urban_management")
    today = _sheet(client.get(reverse("duties:export") + "?tab=unit&group=today").content)
    assert today.count("答复投诉人") == 25
    assert "报到签收" not in today
    every = client.post(reverse("duties:act"), {"act": "export", "tab": "unit", "words": "阳光房 7"})
    assert "搭建阳光房 7" in _sheet(every.content)
    assert "搭建阳光房 8" not in _sheet(every.content)


def _sheet(content: bytes) -> str:
    with ZipFile(BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist() if "sheet1" in name or "sharedS" in name)


def test_a_long_desk_is_paged_and_costs_as_many_queries_as_a_short_one(
    cast: Cast, at: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_of(cast, "urban_management")
    assigned(cast)
    client.get(reverse("duties:desk"))
    for number in range(2, 30):
        assigned(cast, case=str(number))
    with django_assert_max_num_queries(24):
        response = client.get(reverse("duties:desk"))
    assert len(response.context["page"].object_list) == 20
    assert "第1至20件，共116件" in text(response)


@pytest.mark.parametrize("name", ["calendar", "tasks", "owed", "today"])
def test_the_other_lists_keep_their_number_of_queries(
    cast: Cast, at: Any, django_assert_max_num_queries: Any, name: str
) -> None:
    client = client_of(cast, "urban_management")
    for number in range(12):
        assigned(cast, case=str(number + 1))
    client.get(reverse(f"duties:{name}"))
    with django_assert_max_num_queries(16):
        assert client.get(reverse(f"duties:{name}")).status_code == 200


def test_one_duty_shows_how_its_deadline_was_counted_and_what_happened(cast: Cast, at: Any) -> None:
    assigned(cast)
    duty = the_duty("answer_complaint")
    page = text(client_of(cast, "urban_management").get(reverse("duties:detail", args=[duty.pk])))
    assert "5月13日" in page and "24:00" in page
    assert "gz-calc" in page
    assert "职责产生" in page
    assert "办完所属事项里对应的一步" in page
    assert "标记办结" not in page


def test_marking_a_task_done_goes_through_its_form_with_key_and_version(cast: Cast, at: Any) -> None:
    duty = task(cast)
    at(on("06-01 09:00"))
    client, address = client_of(cast, "street_office"), reverse("duties:do", args=[duty.pk, "banjie"])
    assert 'name="version"' in text(client.get(address))
    stale = client.post(address, {"note": "已整改", "version": duty.version + 1, "form_key": "k1"})
    assert stale.status_code == CONFLICT
    assert "已整改" in text(stale)
    empty = client.post(address, {"note": "", "version": duty.version, "form_key": "k1"})
    assert empty.status_code == UNPROCESSABLE
    done = client.post(address, {"note": "已整改", "version": duty.version, "form_key": "k1"})
    assert done.status_code == SEE_OTHER
    again = client.post(address, {"note": "已整改", "version": duty.version, "form_key": "k1"})
    assert again.status_code == SEE_OTHER
    assert happened(duty, "fulfilled") == 1


def test_every_act_offered_has_a_page_and_no_other_is_taken(cast: Cast, at: Any) -> None:
    duty = task(cast)
    client = client_of(cast, "leading_group_office")
    shown = client.get(reverse("duties:detail", args=[duty.pk])).context["acts"]
    assert {act.code for act in shown} == {"cuiban", "mianze", "zhongzhi"}
    for act in shown:
        assert client.get(reverse("duties:do", args=[duty.pk, act.code])).status_code == 200
    assert client.get(reverse("duties:do", args=[duty.pk, "shanchu"])).status_code == NOT_FOUND
    address = reverse("duties:do", args=[duty.pk, "banjie"])
    assert client.post(address, {"note": "替办", "version": duty.version, "form_key": "k"}).status_code == FORBIDDEN


def test_a_task_is_given_on_the_board_alone_and_listed_on_both_sides(cast: Cast, at: Any) -> None:
    client, address = client_of(cast, "leading_group_office"), reverse("accountability:give")
    assert f'href="{address}"' in text(client.get(reverse("duties:desk")))
    assert address not in text(client_of(cast, "ecology").get(reverse("duties:desk")))
    title = task(cast).title
    assert title in text(client.get(reverse("duties:tasks")))
    assert title in text(client_of(cast, "street_office").get(reverse("duties:tasks") + "?side=got"))


def test_a_supervisor_compares_units_by_overdue_work_and_on_time_rate(
    cast: Cast, at: Any, django_assert_max_num_queries: Any
) -> None:
    from gongzhi.duties.tests.acts import answered

    for number in range(4):
        assigned(cast, case=str(number + 1))
    for number in range(3):
        answered(cast, at=on("05-10 09:00"), case=str(number + 1))
    Duty.objects.exclude(rule="answer_complaint").delete()
    services.tick(on("05-14 00:05"))
    at(on("05-16 09:00"))
    client, address = client_of(cast, "leading_group_office"), reverse("duties:units")
    client.get(address)
    with django_assert_max_num_queries(14):
        page = text(client.get(f"{address}?month=2022-05&order=rate"))
    assert "75.0%" in page and "3/4" in page
    unit = text(client.get(reverse("duties:unit", args=[cast.organisation("urban_management").pk])))
    assert "搭建阳光房 4" in unit and "搭建阳光房 1" not in unit
    assert client_of(cast, "ecology").get(address).status_code == FORBIDDEN
    other = reverse("duties:unit", args=[cast.organisation("housing").pk])
    assert client_of(cast, "ecology").get(other).status_code == FORBIDDEN


def test_the_calendar_shows_the_month_with_rest_days_and_what_falls_due(cast: Cast, at: Any) -> None:
    for number in range(6):
        assigned(cast, case=str(number + 1))
    page = text(client_of(cast, "urban_management").get(reverse("duties:calendar") + "?month=2022-05"))
    assert "5月13日" in page and "劳动节" in page
    assert "另有2件" in page
    assert client_of(cast, "urban_management").get(reverse("duties:calendar") + "?month=abc").status_code == 200


def test_the_list_for_the_printer_holds_what_is_due_today_and_before(cast: Cast, at: Any) -> None:
    assigned(cast)
    at(on("05-06 10:00"))
    page = text(client_of(cast, "urban_management").get(reverse("duties:today")))
    assert "报到签收" in page and "答复投诉人" not in page


def test_only_who_may_register_a_complaint_is_offered_the_quick_form(cast: Cast, at: Any) -> None:
    assert "快速登记来电" in text(client_of(cast, "street_office").get(reverse("duties:desk")))
    assert "快速登记来电" not in text(client_of(cast, "project_manager").get(reverse("duties:desk")))
