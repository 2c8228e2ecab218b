"""The line of a property area: typed as coordinates, drawn to scale, every version kept."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import NOW
from gongzhi.registry import services as registry
from gongzhi.registry.area_line import area_m2, line_text, overlap, plan, points_of
from gongzhi.registry.models import StandingFact

SQUARE = "107.750000,34.270000\n107.754000,34.270000\n107.754000,34.273000\n107.750000,34.273000"
EAST = SQUARE.replace("107.754", "107.758").replace("107.750", "107.754")
INTO_IT = EAST.replace("107.754", "107.753")


def test_a_line_reads_as_typed_and_closes_itself():
    points = points_of(SQUARE)
    assert (
        points
        == points_of(SQUARE + "\n107.750000,34.270000")
        == points_of(SQUARE.replace(",", "，").replace("\n", "；"))
    )
    assert line_text(points).split(";")[1] == "107.754000,34.270000"
    # 0.004° of longitude × cos(34.2715°) × 0.003° of latitude, a degree 111.195 km: 367.6 m × 333.6 m.
    assert area_m2(points) == pytest.approx(122_611, abs=1)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("107.75,34.27\n107.76,34.27", "至少要3个拐点"),
        ("107.75,34.27\nabc\n107.76,34.28", "第2行“abc”"),
        ("34.27,107.75\n34.28,107.75\n34.28,107.76", "第1行把纬度写在前面了"),
        ("7.75,34.27\n107.76,34.27\n107.76,34.28", "第1行不在国内"),
        ("107.75,34.27\n107.76,34.27\n107.75,34.27\n107.75,34.28", "第3点和第1点是同一点"),
        ("107.75,34.27\n107.76,34.28\n107.76,34.27\n107.75,34.28", "第1点起的边和第3点起的边相交"),
        ("NaN,1\n1,2\n2,3", "第1行"),
    ],
)
def test_a_wrong_point_is_named(typed, told):
    with pytest.raises(Refused) as refused:
        points_of(typed)
    assert told in refused.value.message and told in refused.value.fields["value"]


def test_neighbours_with_a_common_side_do_not_overlap():
    one, east, into = points_of(SQUARE), points_of(EAST), points_of(INTO_IT)
    inner = points_of("107.751,34.271\n107.752,34.271\n107.752,34.272")
    assert not overlap(one, east) and not overlap(east, one)
    assert (
        overlap(one, into) and overlap(into, one) and overlap(one, inner) and overlap(inner, one) and overlap(one, one)
    )


def test_the_plan_is_to_scale_with_the_north_up():
    drawn = plan([("甲", points_of(SQUARE)), ("乙", points_of(EAST))])
    assert drawn is not None
    beside, own = drawn.shapes
    assert own.own and not beside.own
    corners = [tuple(float(one) for one in corner) for corner in own.corners]
    wide, high = corners[1][0] - corners[0][0], corners[0][1] - corners[2][1]
    assert wide / high == pytest.approx(367.6 / 333.6, rel=0.01) and high > 0
    assert float(beside.corners[0][0]) == pytest.approx(corners[1][0], abs=0.2)
    assert drawn.bar_words == "200米" and float(drawn.bar) / wide == pytest.approx(200 / 367.6, rel=0.01)
    assert plan([]) is None


def address(name, estate):
    return reverse(f"registry:{name}", args=[estate.pk])


def sent(client, estate, value, **more):
    return client.post(
        address("draw_line", estate), {"value": value, "from_on": "2022-05-05", "form_key": value[-30:], **more}
    )


@pytest.mark.django_db
@pytest.mark.clause("MX-3.2.1-3")
def test_the_line_is_looked_at_drawn_corrected_and_every_version_stays(quiet_cast):
    estate, other, client = quiet_cast.estate, quiet_cast.estate_unknown, Client()
    client.force_login(quiet_cast.users["housing"])
    page = sent(client, estate, "107.75,34.27\n107.76,34.28")
    assert (
        page.status_code == 422 and "至少要3个拐点" in page.content.decode() and "107.76,34.28" in page.content.decode()
    )
    page = sent(client, estate, SQUARE, look="1").content.decode()
    assert "<polygon" in page and not StandingFact.objects.filter(name="area_line").exists()
    assert sent(client, estate, SQUARE).url == address("line", estate)
    shown = client.get(address("line", estate)).content.decode()
    assert shown.count("<polygon") == 1 and "107.754000" in shown and "约122,611平方米" in shown
    assert "拐点4个" in client.get(address("estate", estate)).content.decode()
    assert other.community.parent == estate.community.parent
    page = sent(client, other, INTO_IT, look="1").content.decode()
    assert page.count("<polygon") == 2 and f"和{estate.name}的界线有重叠" in page
    sent(client, other, INTO_IT)
    larger = SQUARE.replace("34.273", "34.274")
    assert (
        client.post(
            address("draw_line", estate), {"value": larger, "from_on": "2022-06-01", "form_key": "later"}
        ).status_code
        == 303
    )
    shown = client.get(address("line", estate)).content.decode()
    assert shown.count("登记</p>") == 2 and "34.274000" in shown
    before = client.get(address("line", estate) + "?day=2022-05-20").content.decode()
    assert "34.274000" not in before and "34.273000" in before


@pytest.mark.django_db
def test_whoever_keeps_no_files_draws_no_lines_and_a_program_is_told_the_same(quiet_cast):
    estate, client = quiet_cast.estate, Client()
    client.force_login(quiet_cast.users["owner"])
    assert client.get(address("draw_line", estate)).status_code == 403
    assert client.get(address("line", estate)).status_code == 200
    given = {"name": "area_line", "from_on": date(2022, 5, 5), "now": NOW}
    with pytest.raises(Refused, match="第1行"):
        registry.record_fact(estate, value="x", actor=quiet_cast.actor("housing"), **given)
