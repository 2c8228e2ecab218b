"""A petition of many: its list typed at once, a line put right, the sheets looked at again."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gongzhi.core.models import Event
from gongzhi.core.tests.cast import Cast
from gongzhi.core.tests.test_files import PNG
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Petition
from gongzhi.governance.bodies.tests.steps import SYSTEM, city, day, owner_name, owners

pytestmark = pytest.mark.django_db
DAY = "2026-03-16"


def opened(cast: Cast) -> Petition:
    return bodies.open_petition(
        cast.estate, kind="interim_meeting", matter="公布账目", opened_on=day(DAY), actor=SYSTEM, now=cast.now
    )


def send(client: Client, petition: Petition, act: str, **typed: object) -> tuple[int, str]:
    answer = client.post(
        f"/zuzhi/ban/petition/{petition.pk}/{act}/", {"form_key": uuid4().hex, "signed_on": DAY, **typed}, follow=True
    )
    return answer.status_code, answer.content.decode()


@pytest.mark.clause("ZJG-3.3.2-3c")
def test_a_list_of_signatures_is_typed_at_once_or_not_at_all(client: Client) -> None:
    cast = city("zhangjiagang", DAY)
    homes, petition = owners(cast.estate, 4), opened(cast)
    client.force_login(cast.user("community_station"))
    lines = [f"{home}\t{owner_name(number)}" for number, home in enumerate(homes, start=1)]
    status, page = send(client, petition, "mingdan", lines="\n".join([*lines[:2], "9幢999室 某"]))
    assert status == 422 and "第3行：没有“9幢999室”这套房屋" in page
    assert not petition.signatures.exists()
    lines[3] = f"{homes[3]} 写错的名字"
    photo = SimpleUploadedFile("签名页.png", PNG)
    many = ("\n" * 400).join(lines)
    status, page = send(client, petition, "mingdan", lines=many, papers=[photo])
    assert "计入3户，不计入1户" in page and re.search(r'href="/wenjian/\d+/">签名页.png', page)
    wrong = petition.signatures.exclude(fault="").get()
    status, page = send(client, petition, "chexia", signature=wrong.pk, reason="录入有误")
    assert "计入3户，不计入0户" in page
    status, page = send(client, petition, "qianming", unit=homes[3].pk, name=owner_name(4))
    assert "计入4户，不计入0户" in page
    assert Event.objects.get(kind="petition.signature_withdrawn").data == {"signatures": 3, "reason": "录入有误"}
    status, page = send(client, petition, "mingdan", lines=lines[0])
    assert status == 422 and "第1行" in page and "已经登记过签名" in page


def test_what_was_counted_is_not_taken_off_any_more(client: Client) -> None:
    cast = city("zhangjiagang", DAY)
    homes, petition = owners(cast.estate, 2), opened(cast)
    client.force_login(cast.user("community_station"))
    send(client, petition, "mingdan", lines=f"{homes[0]} {owner_name(1)}")
    bodies.decide_petition(petition, on=day(DAY), actor=SYSTEM, now=cast.now)
    status, page = send(client, petition, "chexia", signature=petition.signatures.get().pk, reason="后悔")
    assert status == 422 and "已经核验" in page
