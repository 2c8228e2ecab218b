import os
from datetime import date
from textwrap import dedent

import pytest
from django.core.management import CommandError, call_command

from gongzhi.core import packs
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import PackBroken, Refused
from gongzhi.core.models import CalendarYear, Event, PackAttachment, Place
from gongzhi.core.places import import_divisions
from gongzhi.core.tests.cast import NOW, county_rows

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()
COUNTY = "34/3402/340207/"
ON = date(2022, 5, 5)
QUESTION = "cases.answer_deadline"
FACTS = {"channel": "web", "nature": "violation", "matter": "noise"}


def clauses(prefix):
    return f"""
        clauses:
          - {{id: {prefix}-1, where: 第一条, kind: duty, topic: complaint, says: 答复投诉有期限, strength: must,
             anchor: 答复投诉}}
    """


def write(folder, name, text):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(dedent(text), encoding="utf-8")


def write_pack(root, slug, prefix, *, head, period, overrides="", extra=""):
    folder = root / slug
    top = f"pack: {slug}\ntitle: {slug}\ndocument: 某办法\nprefix: {prefix}\nsource: x.txt\n{head}\n"
    write(folder, "pack.yaml", top)
    write(folder, "clauses.yaml", clauses(prefix))
    write(
        folder,
        "rules.yaml",
        f"""
        switches:
          {slug}_period: {{title: 答复期限, type: period, default: {period}, clause: {prefix}-1}}
          {slug}_size: {{title: 规模, type: count, default: "3", clause: {prefix}-1}}
        decisions:
          - question: {QUESTION}
            hit: first
            {overrides}
            rows:
              - {{when: {{}}, answer: {{switch: {slug}_period}}, clauses: [{prefix}-1], says: 按本办法}}
        {extra}
        """,
    )


CHECK = """
        checks:
          - {name: phone_given, on: cases.register, when: {channel: phone}, must: {caller_phone: {given: yes}},
             outcome: refuse, says: 来电投诉要填联系电话, field: caller_phone, clauses: [TW-1]}
"""


@pytest.fixture
def folder(tmp_path, settings, quiet):
    root = tmp_path / "packs"
    root.mkdir()
    write_pack(root, "national", "NA", head="status: in_force\nfrom: 2021-01-01", period="15d")
    write_pack(
        root,
        "town",
        "TW",
        head='place: "340207"\nextends: national\nstatus: draft\nfrom: 2022-04-28',
        period="7d",
        overrides="overrides: national",
        extra=CHECK,
    )
    settings.PACKS = root
    assert packs.loaded(anew=True)[1] == []
    import_divisions(county_rows())
    return root


@pytest.fixture
def county(folder):
    return Place.objects.get(code="340207")


def period(place_path=COUNTY, on=ON):
    return core.ask(QUESTION, FACTS, place_path=place_path, on=on).value.text


def attach(county, **extra):
    return core.attach_pack(county, pack="town", actor=SYSTEM, now=NOW, **{"switched_on": True, **extra})


def test_where_nothing_is_attached_national_law_holds(folder):
    assert core.pack_for(COUNTY, ON).slug == "national"
    assert period() == "15日"


def test_a_draft_holds_only_where_it_is_switched_on(county):
    attach(county, switched_on=False)
    assert period() == "15日"
    attach(county)
    assert period() == "7日"
    assert period(f"{COUNTY}340207001/") == "7日"
    assert period("34/3402/") == "15日"
    assert [event.data["switched_on"] for event in Event.objects.filter(kind="pack.attached").order_by("pk")] == [
        False,
        True,
    ]


def test_a_document_holds_from_its_first_day_on_and_not_before(county):
    attach(county)
    assert core.pack_for(COUNTY, date(2022, 4, 28)).slug == "town"
    assert core.pack_for(COUNTY, date(2022, 4, 27)).slug == "national"


def test_an_attachment_may_begin_later_than_its_document(county):
    attach(county, since=date(2022, 6, 1))
    assert core.pack_for(COUNTY, date(2022, 5, 31)).slug == "national"
    assert core.pack_for(COUNTY, date(2022, 6, 1)).slug == "town"


def test_attaching_twice_the_same_way_records_nothing_more(county):
    attach(county)
    attach(county)
    assert Event.objects.filter(kind="pack.attached").count() == 1
    assert PackAttachment.objects.count() == 1


def test_an_unknown_pack_and_a_stranger_are_refused(county):
    with pytest.raises(Refused, match="没有名为"):
        core.attach_pack(county, pack="nowhere", actor=SYSTEM, now=NOW)
    with pytest.raises(Refused, match="权限"):
        core.attach_pack(county, pack="town", actor=Actor.public(), now=NOW)


def set_period(place, value, from_on=ON, name="town_period", **extra):
    given = {"actor": SYSTEM, "reason": "区政府专题会议纪要", "now": NOW, **extra}
    return core.set_switch(place=place, pack="town", name=name, value=value, from_on=from_on, **given)


def test_a_switch_decided_for_a_place_holds_below_it_from_its_day_on(county):
    attach(county)
    set_period(county, "10d", date(2022, 6, 1))
    assert period(on=date(2022, 5, 31)) == "7日"
    assert period(on=date(2022, 6, 1)) == "10日"
    street = Place.objects.get(code="340207001")
    set_period(street, "5d", date(2022, 7, 1))
    assert period(street.path, date(2022, 7, 1)) == "5日"
    assert period(COUNTY, date(2022, 7, 1)) == "10日"


def test_a_later_decision_for_the_same_day_takes_its_place_and_both_stay_on_record(county):
    attach(county)
    set_period(county, "10d")
    set_period(county, "12d")
    assert period() == "12日"
    assert [event.data["value"] for event in Event.objects.filter(kind="switch.set").order_by("pk")] == ["10d", "12d"]


@pytest.mark.parametrize(("name", "value"), [("town_period", "soon"), ("town_size", "-1"), ("town_size", "1.5")])
def test_a_value_of_another_type_is_refused_with_the_clause(county, name, value):
    with pytest.raises(Refused) as caught:
        set_period(county, value, name=name)
    assert (caught.value.code, caught.value.clause) == ("bad_switch_value", "TW-1")
    assert not Event.objects.filter(kind="switch.set").exists()


def test_an_unknown_switch_a_missing_reason_and_a_stranger_are_refused(county):
    with pytest.raises(Refused, match="没有开关"):
        set_period(county, "1d", name="nothing")
    with pytest.raises(Refused, match="理由"):
        set_period(county, "1d", reason=" ")
    with pytest.raises(Refused, match="权限"):
        set_period(county, "1d", actor=Actor.public())


def test_a_check_that_refuses_names_field_and_clause(county):
    attach(county)
    with pytest.raises(Refused) as caught:
        core.run_checks("cases.register", {"channel": "phone"}, place_path=COUNTY, on=ON)
    assert (caught.value.fields, caught.value.clauses) == ({"caller_phone": "来电投诉要填联系电话"}, ("TW-1",))
    found = core.run_checks("cases.register", {"channel": "phone"}, place_path=COUNTY, on=ON, raise_=False)
    assert [one.outcome for one in found] == ["refuse"]
    given = {"channel": "phone", "caller_phone": "x"}
    assert core.run_checks("cases.register", given, place_path=COUNTY, on=ON) == []


HOLIDAYS = {"holidays": [{"name": "春节", "from": "2031-01-22", "to": "2031-01-28"}], "workdays": ["2031-01-19"]}


def enter(data=HOLIDAYS, **extra):
    given = {"source": "某放假通知", "actor": SYSTEM, "now": NOW, **extra}
    return core.enter_calendar_year(2031, data=data, **given)


def test_a_calendar_year_entered_on_screen_holds_in_every_pack(county):
    attach(county)
    before = core.pack_for(COUNTY, ON).calendar
    assert before.is_work_day(date(2031, 1, 22)) and not before.knows(date(2031, 1, 22))
    enter()
    for path in (COUNTY, "34/"):
        calendar = core.pack_for(path, ON).calendar
        assert calendar.knows(date(2031, 1, 22))
        assert not calendar.is_work_day(date(2031, 1, 22))
        assert calendar.is_work_day(date(2031, 1, 19))
    assert Event.objects.get(kind="calendar.entered").data == {"year": 2031, "source": "某放假通知"}


def test_a_year_is_corrected_only_from_its_latest_version(folder):
    enter()
    enter({"holidays": [], "workdays": []}, version=1)
    with pytest.raises(Refused) as caught:
        enter(version=1)
    assert caught.value.code == "stale"
    assert CalendarYear.objects.get().version == 2


def test_a_faulty_calendar_and_a_stranger_are_refused(folder):
    with pytest.raises(Refused, match="2031-01-20"):
        enter({"holidays": [], "workdays": ["2031-01-20"]})
    with pytest.raises(Refused, match="字号"):
        enter(source="")
    with pytest.raises(Refused, match="权限"):
        enter(actor=Actor.public())


def test_asking_costs_one_query_and_none_while_policy_is_held(county, django_assert_num_queries):
    attach(county)
    period()
    with django_assert_num_queries(1):
        core.pack_for(COUNTY, ON)
    with core.hold_policy():
        with django_assert_num_queries(1):
            core.pack_for(COUNTY, ON)
        with django_assert_num_queries(0):
            for _ in range(5):
                period()
                core.switches_for(COUNTY, ON)


def test_a_change_made_while_policy_is_held_is_seen_at_once(county):
    attach(county)
    with core.hold_policy():
        assert period() == "7日"
        set_period(county, "9d")
        assert period() == "9日"


def test_a_change_rolled_back_is_forgotten(county):
    from django.db import transaction

    attach(county)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        set_period(county, "9d")
        assert period() == "9日"
        raise ZeroDivisionError
    assert period() == "7日"


def test_a_pack_written_anew_is_read_anew(county, folder, monkeypatch):
    attach(county)
    assert period() == "7日"
    file = folder / "town" / "rules.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("default: 7d", "default: 8d"), encoding="utf-8")
    os.utime(file, (1, 1))
    monkeypatch.setattr(packs, "SECONDS_BETWEEN_LOOKS", 0)
    assert period() == "8日"


def test_a_pack_spoilt_while_the_platform_runs_goes_on_holding_as_it_was(county, folder, monkeypatch):
    attach(county)
    assert period() == "7日"
    file = folder / "town" / "rules.yaml"
    whole = file.read_text(encoding="utf-8")
    monkeypatch.setattr(packs, "SECONDS_BETWEEN_LOOKS", 0)
    file.write_text(whole + "\ndecisions: [{question: cases.unheard_of}]\n", encoding="utf-8")
    assert packs.loaded()[1]
    assert period() == "7日"
    file.write_text(whole.replace("default: 7d", "default: 8d"), encoding="utf-8")
    os.utime(file, (2, 2))
    assert period() == "8日"


def test_packs_are_not_looked_at_again_within_two_seconds(county, folder, monkeypatch):
    period()
    monkeypatch.setattr(packs, "fingerprint", lambda folder: pytest.fail("looked at the folder"))
    monkeypatch.setattr(packs.time, "monotonic", lambda: packs._loaded[folder].looked_at + 1)
    period()


def test_the_command_attaches_packs_to_their_places_once(folder, capsys):
    call_command("sync_packs")
    call_command("sync_packs")
    attachment = PackAttachment.objects.get()
    assert (attachment.pack, attachment.place.code, attachment.switched_on) == ("town", "340207", False)
    assert capsys.readouterr().out.count("挂到") == 1


def test_the_command_stops_at_a_faulty_pack_and_says_where(folder, capsys):
    (folder / "town" / "more.yaml").write_text("figures:\n  x: {unit: nonsense, value: '1'}\n", encoding="utf-8")
    with pytest.raises(CommandError, match="处问题"):
        call_command("sync_packs")
    assert "town/more.yaml:2" in capsys.readouterr().err.replace("\\", "/")
    assert not PackAttachment.objects.exists()


def _new_process(folder):
    """A process that loads the packs for the first time knows no earlier version to go on with."""
    packs._loaded.clear()
    return packs.loaded()


def test_a_process_that_first_loads_a_broken_pack_refuses_and_never_answers_by_national_law(county, folder):
    attach(county)
    write(folder / "town", "rules.yaml", "duties: [{duty: x}]\n")
    _new_process(folder)
    with pytest.raises(PackBroken, match=r"“town”有错.*town/rules.yaml:1"):
        period()
    with pytest.raises(PackBroken):
        core.pack_for(f"{COUNTY}340207001/", ON)
    with pytest.raises(Refused) as refusal:
        core.run_checks("cases.register", {"channel": "phone"}, place_path=COUNTY, on=ON)
    assert (refusal.value.code, refusal.value.status) == ("pack_broken", 503)
    assert period("34/3401/") == "15日", "elsewhere national law goes on"
    assert core.role_name("housing", place_path=COUNTY, on=ON), "a name for reading decides nothing"


def test_a_broken_pack_that_would_not_hold_yet_is_in_nobodys_way(county, folder):
    attach(county, switched_on=False)
    write(folder / "town", "rules.yaml", "duties: [{duty: x}]\n")
    _new_process(folder)
    assert period() == "15日", "a draft that is not switched on"
    packs._loaded.clear()
    attach_after = date(2022, 6, 1)
    PackAttachment.objects.update(switched_on=True, since=attach_after)
    packs.changed()
    assert period() == "15日", "from June on only"
    with pytest.raises(PackBroken):
        period(on=attach_after)


def test_a_pack_whose_folder_is_gone_is_told_as_broken(county, folder):
    import shutil

    attach(county)
    shutil.rmtree(folder / "town")
    _new_process(folder)
    with pytest.raises(PackBroken, match="找不到这份文件的文件夹"):
        period()
