from datetime import datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from gongzhi.core import dispatcher
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.recording import BadEvent, validated
from gongzhi.core.refs import Ref
from gongzhi.core.tests.cast import NOW
from gongzhi.policy.vocabulary import AREA_M2, BOOL, DATE, LIST, MOMENT, OPTIONAL, ROLE, TEXT, Enum, EventKind

PLACE = Ref("place", "1", "某地", "1/")


def entered(year=2030, **data):
    return core.record(
        "calendar.entered",
        subject=Ref("calendar", str(year)),
        actor=Actor.system(),
        at=NOW,
        place_path="1/",
        data={"year": year, "source": "某文件", **data},
    )


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE core_event SET kind = 'x'", "DELETE FROM core_event"])
def test_the_application_may_neither_change_nor_remove_an_event(statement, quiet):
    entered()
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Event.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE core_event SET kind = 'x'", "DELETE FROM core_event"])
def test_the_trigger_refuses_the_owner_of_the_table_too(statement, quiet):
    entered()
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        try:
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                cursor.execute(statement)
        finally:
            cursor.execute("SET ROLE gongzhi_app")
    assert Event.objects.get().kind == "calendar.entered"


@pytest.mark.django_db
def test_events_of_the_demonstration_can_be_removed_and_no_others(quiet):
    kept = entered()
    core.record(
        "calendar.entered",
        subject=Ref("calendar", "1"),
        actor=Actor.system(demo=True),
        at=NOW,
        place_path="",
        data={"year": 2031, "source": "x"},
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT core_remove_demo_events()")
        assert cursor.fetchone() == (1,)
    assert list(Event.objects.all()) == [kept]


def test_the_model_refuses_to_change_or_delete_a_row():
    event = Event(pk=1)
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()


@pytest.mark.django_db
def test_an_event_keeps_who_where_and_what(quiet):
    event = Event.objects.get(pk=entered().pk)
    assert (event.kind, event.subject.key, event.actor_label, event.data) == (
        "calendar.entered",
        "calendar:2030",
        "平台",
        {"year": 2030, "source": "某文件"},
    )
    assert event.at == NOW


@pytest.mark.django_db
def test_an_unknown_kind_names_the_nearest_one():
    with pytest.raises(BadEvent, match=r"calendar\.entered"):
        core.record("calendar.entred", subject=PLACE, actor=Actor.system(), at=NOW, place_path="", data={})


@pytest.mark.django_db
def test_a_field_that_the_kind_does_not_declare_is_an_error():
    with pytest.raises(BadEvent, match="colour"):
        entered(colour="red")


KIND = EventKind(
    "thing.done",
    "办了",
    {
        "text": TEXT,
        "flag": BOOL,
        "day": DATE,
        "moment": MOMENT,
        "area": AREA_M2,
        "roles": LIST(ROLE),
        "colour": Enum("red", "blue"),
        "maybe": OPTIONAL(TEXT),
    },
    subject="thing",
)
GOOD = {
    "text": "说明",
    "flag": True,
    "day": NOW.date(),
    "moment": NOW,
    "area": Decimal("60.10"),
    "roles": ["housing"],
    "colour": "red",
}


def test_a_payload_becomes_json_without_floats():
    assert validated(KIND, GOOD) == {
        "text": "说明",
        "flag": True,
        "day": "2022-05-05",
        "moment": "2022-05-05T09:00:00+08:00",
        "area": "60.10",
        "roles": ["housing"],
        "colour": "red",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", 3),
        ("flag", "yes"),
        ("flag", 1),
        ("day", NOW),
        ("moment", datetime(2022, 5, 5)),
        ("area", 60.1),  # noqa: DTZ001
        ("roles", "housing"),
        ("colour", "green"),
        ("text", None),
    ],
)
def test_a_value_of_another_type_is_an_error(field, value):
    with pytest.raises(BadEvent):
        validated(KIND, {**GOOD, field: value})


@pytest.mark.parametrize("text", ["打13800001234找他", "身份证11010519491231002X", "13800001234"])
def test_a_number_of_a_person_typed_into_a_text_is_refused_with_what_to_do(text):
    with pytest.raises(Refused) as caught:
        validated(KIND, {**GOOD, "text": text})
    assert caught.value.code == "personal_data"
    assert "text" in caught.value.fields


@pytest.mark.parametrize("text", ["JJ-2022-00012", "20220505138000012345", "面积138.00平方米"])
def test_other_numbers_are_no_persons(text):
    assert validated(KIND, {**GOOD, "text": text})["text"] == text


def test_a_kind_that_declares_a_personal_field_cannot_be_recorded():
    with pytest.raises(BadEvent, match="personal"):
        validated(EventKind("x.y", "x", {"caller_phone": OPTIONAL(TEXT)}, subject="x"), {})


@pytest.mark.django_db
def test_reactions_run_first_in_first_out_with_their_cause():
    seen = []

    def first(event):
        seen.append(f"first {event.data['year']}")
        if event.data["year"] == 1:
            entered(2)
            entered(3)

    def second(event):
        seen.append(f"second {event.data['year']}")
        if event.data["year"] == 2:
            entered(4)

    with dispatcher.only([("*", first), ("calendar.entered", second), ("switch.set", first)]):
        root = entered(1)
    assert seen == [f"{which} {year}" for year in (1, 2, 3, 4) for which in ("first", "second")]
    by_year = {event.data["year"]: event for event in Event.objects.all()}
    assert (by_year[2].cause, by_year[4].cause, by_year[4].depth) == (root, by_year[2], 2)


@pytest.mark.django_db
def test_reactions_without_end_fail_the_whole_transaction():
    with (
        dispatcher.only([("*", lambda event: entered(event.data["year"] + 1))]),
        pytest.raises(dispatcher.TooDeep),
        transaction.atomic(),
    ):
        entered(0)
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_ten_deep_is_still_allowed():
    def react(event):
        if event.data["year"] < 10:
            entered(event.data["year"] + 1)

    with dispatcher.only([("*", react)]):
        entered(0)
    assert Event.objects.order_by("-depth").first().depth == 10


@pytest.mark.django_db
def test_a_failed_reaction_takes_the_event_with_it_and_leaves_the_next_one_a_clean_queue():
    def fail(event):
        raise ZeroDivisionError

    with dispatcher.only([("*", fail)]), pytest.raises(ZeroDivisionError), transaction.atomic():
        entered()
    with dispatcher.only([]):
        assert entered().depth == 0
    assert Event.objects.count() == 1
