"""The demonstration: complete, marked, loaded once, and gone without a trace."""

from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from gongzhi.cases.hotline.models import HotlineRun, HotlineSource
from gongzhi.cases.models import Case, Problem, SiteCheck
from gongzhi.cases.models.case import State
from gongzhi.core import services as core
from gongzhi.core.models import Document, Event, NumberSeries, Organisation, PackAttachment, Post, User
from gongzhi.duties.models import Duty
from gongzhi.governance.votes.models import Motion, Vote
from gongzhi.governance.votes.paper.models import PaperSheet
from gongzhi.governance.votes.secret.models import Ceremony
from gongzhi.registry.models import Estate, OwnershipShare
from gongzhi.site.demo import removal
from gongzhi.site.demo.loading import Stage

# Places and attached documents are there before the demonstration is.
WITHOUT_DEMONSTRATION = ("Place", "PackAttachment")


@pytest.fixture(autouse=True)
def no_mark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def marked() -> list[type]:
    ours = [model for model in apps.get_models() if model.__module__.startswith("gongzhi.")]
    return [model for model in ours if any(field.name == "demo" for field in model._meta.fields)]


def test_no_step_of_the_scene_is_refused(stage: Stage) -> None:
    assert stage.skipped == []


def test_the_hotline_has_a_source_with_tickets_and_a_file_to_confirm(stage: Stage) -> None:
    source = HotlineSource.objects.get()
    assert source.tickets.count() == 2 and source.demo
    run = HotlineRun.objects.get()
    assert run.state == "checked" and run.report["counts"]["faulty"] == 1 and run.report["total"] == 2


def test_cases_stand_in_many_states(stage: Stage) -> None:
    states = set(Case.objects.values_list("state", flat=True))
    assert {State.PENDING, State.ASSIGNED, State.HANDLING, State.ANSWERED, State.CLOSED} <= states
    assert Case.objects.filter(needs__contains=["in_built_up_area"]).exists()
    assert Case.objects.count() >= 25


@pytest.mark.parametrize(
    "address",
    ["/wenze/", "/wenze/ducha/", "/wenze/jiaobandan/", "/wenze/jiancha/", "/wenze/cengji/", "/gongzuotai/jiaoban/"],
)
def test_no_page_of_the_offices_tour_is_empty(stage: Stage, address: str) -> None:
    client = Client()
    client.force_login(stage.users["lingdaoxiaozu"])
    response = client.get(address)
    assert response.status_code == 200
    rows = response.content.decode().split("<tbody", 1)
    assert len(rows) > 1 and "<tr" in rows[1].split("</tbody", 1)[0], f"{address} shows no row"


def test_votes_stand_at_every_step_and_an_election_seated_its_committee(stage: Stage) -> None:
    states = sorted(Vote.objects.values_list("state", flat=True))
    assert states == ["filed", "filed", "noticed", "open", "open", "published", "published"]
    elected = Motion.objects.get(vote__estate=stage.estates["beiyuan"])
    assert elected.follow_up is not None and elected.follow_up["done"]
    assert {one.outcome for one in Motion.objects.filter(vote__state="filed")} >= {"passed", "rejected", "elected"}
    secret = Vote.objects.get(secret=True)
    assert secret.result is not None and secret.result["motions"][0]["outcome"] in ("elected", "partly_elected")
    assert Ceremony.objects.get(vote=secret).guard == Ceremony.objects.get(vote=secret).safe
    assert Motion.objects.filter(entrances__len=1).exists()
    assert PaperSheet.objects.filter(state="waiting").exists() and PaperSheet.objects.filter(state="counted").exists()


def test_the_companys_register_has_lines_of_each_kind(stage: Stage) -> None:
    assert Problem.objects.filter(solved_at=None).exists() and Problem.objects.exclude(solved_at=None).exists()
    assert Problem.objects.filter(violation=True).exists()
    assert SiteCheck.objects.filter(violation=True).exists()


def test_some_duties_are_overdue_and_documents_were_issued_for_them(stage: Stage) -> None:
    assert Duty.objects.filter(state="overdue").exists()
    assert Duty.objects.filter(state="open", due_at__gt=timezone.now()).exists()
    assert Document.objects.filter(instrument="copy_notice").exists()


def test_every_row_is_marked(stage: Stage) -> None:
    for model in marked():
        if model.__name__ not in WITHOUT_DEMONSTRATION:
            rows = model._default_manager.filter(demo=False)
            assert not (rows.exclude(kind="pack.attached") if model is Event else rows).exists(), model


def test_a_second_load_changes_nothing(stage: Stage) -> None:
    before = Event.objects.count()
    assert "已经在了" in run("load")
    assert Event.objects.count() == before


def test_the_accounts_are_listed_with_the_password(stage: Stage) -> None:
    listed = run("accounts")
    for title in (
        "业主",
        "社区物管站",
        "镇街物管办",
        "区城管局",
        "区住建局",
        "领导小组办公室",
        "物业项目经理",
        "系统管理员",
    ):
        assert title in listed


def test_removal_leaves_nothing(stage: Stage) -> None:
    assert "已删除" in run("remove")
    for model in marked():
        assert not model._default_manager.filter(demo=True).exists(), model
    assert not Event.objects.exclude(kind="pack.attached").exists()
    assert not NumberSeries.objects.exists()
    assert not PackAttachment.objects.filter(pack="jiujiang", switched_on=True).exists()
    assert "没有示范数据" in run("accounts")
    assert "删除过" in run("load")


def test_removal_leaves_real_rows_alone(stage: Stage) -> None:
    User.objects.create_user(username="zhen", password="x", display_name="真人")
    place = stage.estates["garden"].community
    real = Organisation.objects.create(
        name="真单位", role="mediation_room", kind="committee", place=place, place_path=place.path
    )
    removal.remove()
    assert User.objects.filter(username="zhen").exists()
    assert Organisation.objects.filter(pk=real.pk).exists()
    assert place.__class__.objects.filter(pk=place.pk).exists()


def test_a_database_with_real_data_is_not_filled_unasked(stage: Stage) -> None:
    removal.remove()
    User.objects.create_user(username="zhen", password="x", display_name="真人")
    assert "已有真实数据" in run("load")
    assert not Estate.objects.exists()


def test_an_owners_account_is_the_person_whom_the_register_names(stage: Stage) -> None:
    for post in Post.objects.filter(role="owner", user__demo=True).select_related("user"):
        shares = OwnershipShare.objects.filter(
            ownership__unit__building__estate__place_path__startswith=post.place_path
        )
        own = [one.owner for one in shares.select_related("owner") if one.owner.phone_hash == post.user.phone_hash]
        assert {core.opened(one, "name") for one in own} == {post.user.display_name}, post.user


@pytest.mark.clause("JY-2.8.23-3")
def test_a_police_station_sees_the_estates_of_its_street_and_no_other(stage: Stage) -> None:
    client = Client()
    client.force_login(User.objects.get(username="jy-paichusuo"))
    page = client.get("/shebei/jiancha/xiafa/").content.decode()
    assert "日常监督" in page and "示范西街花苑" in page and "示范花园" not in page
    here, elsewhere = Estate.objects.get(name="示范西街花苑"), Estate.objects.get(name="示范花园")
    assert [client.get(f"/xiaoqu/{one.pk}/").status_code for one in (here, elsewhere)] == [200, 403]
