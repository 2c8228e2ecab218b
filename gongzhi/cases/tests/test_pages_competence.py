"""职责清单 for everybody: every matter has one lead, or is named as having none."""

from typing import Any

import pytest

from gongzhi.cases.matters import MATTERS
from gongzhi.cases.tests.pages import words
from gongzhi.core.tests.cast import Cast

pytestmark = pytest.mark.usefixtures("contexts")

URL = "/anjian/zhize/"


@pytest.mark.clause("JJ-3.3.10-4")
def test_anybody_can_look_up_who_is_competent_without_signing_in(cast: Cast, client: Any) -> None:
    response = client.get(URL)
    page = words(response)
    assert response.status_code == 200
    assert page.count('<th scope="row">') >= len(MATTERS)
    assert "职责待定" in page
    assert "建成区内" in page
    assert "建成区外" in page


@pytest.mark.clause("JJ-3.3.10-4")
def test_the_search_narrows_by_matter_and_by_department(cast: Cast, client: Any) -> None:
    page = words(client.get(f"{URL}?text=占用消防通道"))
    assert page.count('<th scope="row">') == 1
    assert "依据" in page
    assert "没有和“外星人”相符的事项" in words(client.get(f"{URL}?text=外星人"))


def test_every_group_has_one_heading(cast: Cast, client: Any) -> None:
    names = [heading.name for heading in client.get(URL).context["headings"]]
    assert len(names) > 1
    assert sorted(names) == sorted(set(names))
