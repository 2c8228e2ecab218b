"""The same complaint in five cities: five documents, five lawful ways, each with its clauses, each to the archive."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from gongzhi.cases import services
from gongzhi.cases.models import Case
from gongzhi.cases.queries import asking
from gongzhi.core.days import ZONE
from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import Cast, build
from gongzhi.duties.models import Duty

# A Wednesday on which all five documents are in force.
RECEIVED = datetime(2024, 5, 8, 9, 0, tzinfo=ZONE)
CITIES = {
    "jiujiang": "340207",
    "zhangjiagang": "320582",
    "jinhua": "330782",
    "jiangyin": "320281",
    "meixian": "610326",
}
PREFIX = {"jiujiang": "JJ", "zhangjiagang": "ZJG", "jinhua": "JH", "jiangyin": "JY", "meixian": "MX"}
TEXT = "楼顶违法搭建玻璃房，找物业反映没有人管；物业费收交也有纠纷，要求说清楚。"
Step = tuple[str, str]
NONE = ("investigation", "pictures", "minutes", "instructions")


@pytest.fixture
def city(request: Any, db: Any) -> "City":
    return City(request.param, build(RECEIVED, county=CITIES[request.param], pack=request.param))


def in_city(slug: str) -> Any:
    return pytest.mark.parametrize("city", [slug], indirect=True)


class City:
    """A city's cast and its clock; every act happens an hour after the last one, by the role that may do it."""

    def __init__(self, slug: str, cast: Cast) -> None:
        self.slug, self.cast, self.now = slug, cast, RECEIVED

    def by(self, role: str, act: Callable[..., Any], case: Case, **given: Any) -> Case:
        self.now += timedelta(hours=1)
        done: Case = act(case, actor=self.cast.actor(role), now=self.now, **given)
        return done

    def receive(self, *matters: str, **given: Any) -> list[Case]:
        values: dict[str, Any] = {
            "channel": "web",
            "text": TEXT,
            "matters": [services.MatterInput(matter=one, title="楼顶搭建和物业费") for one in matters],
            "complainant": services.ComplainantInput(name="陈建国", phone="13812345678", address="2幢301室"),
            "actor": self.cast.actor("owner"),
            **given,
        }
        self.now += timedelta(minutes=1)
        complaint = services.receive_complaint(estate=self.cast.estate, received_at=self.now, now=self.now, **values)
        return list(complaint.cases.order_by("number"))

    def work(self, role: str, case: Case, *, outcome: str = "rectified", signed: bool = False) -> Case:
        """Signed for, told by when, handled and answered."""
        if not signed:
            case = self.by(role, services.report_in, case)
        promised = (self.now + timedelta(days=3)).date()
        case = self.by(role, services.contact_complainant, case, promised_on=promised, method="电话")
        case = self.by(role, services.handle, case, result="已办理。", outcome=outcome)
        return self.by(role, services.answer, case, text="已办理，情况说明如下。", method="电话")

    def archive(self, role: str, case: Case) -> Case:
        return self.by(role, services.archive_case, case, items=dict.fromkeys(NONE, "none"))

    def refused(self, role: str, act: Callable[..., Any], case: Case, **given: Any) -> Refused:
        with pytest.raises(Refused) as refused:
            act(case, actor=self.cast.actor(role), now=self.now, **given)
        return refused.value


def way(case: Case) -> list[Step]:
    """What happened, by whom; the platform's own acts are the system's."""
    rows = case.entries.exclude(kind__in=("opened", "contacted", "handled", "progress_noted")).order_by("id")
    return [(kind, role) for kind, role in rows.values_list("kind", "actor_role")]


# ── five ways ──


def in_jiujiang(city: City, structure: Case, charge: Case) -> tuple[Case, Case]:
    """The hotline whistles the bureau out; planning finds; only a numbered penalty ends it. The station mediates."""
    structure = city.by("hotline_desk", services.whistle, structure)
    structure = city.by("urban_management", services.report_in, structure)
    structure = city.by("urban_management", services.verify_on_site, structure, note="到场核实，情况属实。")
    structure = city.by("urban_management", services.request_finding, structure)
    structure = city.by("planning", services.record_finding, structure, lawful=False, note="没有规划许可。")
    structure = city.by("urban_management", services.file_penalty, structure, number="芜鸠城罚〔2024〕1号")
    structure = city.work("urban_management", structure, outcome="penalised", signed=True)
    structure = city.by("urban_management", services.close_case, structure)
    charge = city.by("community_station", services.report_in, charge)
    charge = city.by("community_station", services.verify_on_site, charge, note="上门听了双方的说法。")
    charge = city.work("community_station", charge, outcome="mediated", signed=True)
    charge = city.by("community_station", services.close_case, charge)
    return city.archive("urban_management", structure), city.archive("community_station", charge)


def in_zhangjiagang(city: City, structure: Case, charge: Case) -> tuple[Case, Case]:
    """The service centre hands over both on the same day, follows them, calls back, and itself ends them."""
    structure = city.by("complaint_desk", services.assign_case, structure)
    charge = city.by("complaint_desk", services.assign_case, charge)
    done = []
    for case, lead, outcome in ((structure, "urban_management", "rectified"), (charge, "mediation_room", "mediated")):
        case = city.work(lead, case, outcome=outcome)
        assert city.refused(lead, services.close_case, case).code == "not_follower"
        assert "called_back" in city.refused("complaint_desk", services.close_case, case).fields
        case = city.by("complaint_desk", services.call_back, case, satisfied=True)
        case = city.by("complaint_desk", services.close_case, case)
        done.append(city.archive("complaint_desk", case))
    return done[0], done[1]


def in_jinhua(city: City, structure: Case, charge: Case) -> tuple[Case, Case]:
    """The street assigns and calls back: not solved, so it opens again. The community fails, the street's office
    for comprehensive governance settles it."""
    structure = city.by("street_office", services.assign_case, structure)
    structure = city.work("urban_management", structure)
    structure = city.by("street_office", services.call_back, structure, satisfied=False, note="玻璃房还在。")
    structure = city.work("urban_management", structure, signed=True)
    structure = city.by("street_office", services.call_back, structure, satisfied=True)
    structure = city.by("urban_management", services.close_case, structure)
    charge = city.by("community_station", services.report_in, charge)
    charge = city.by("community_station", services.hand_up, charge, reason="双方对服务质量各执一词，没有达成。")
    charge = city.work("governance_office", charge, outcome="mediated")
    charge = city.by("street_office", services.call_back, charge, satisfied=True)
    charge = city.by("governance_office", services.close_case, charge)
    return city.archive("urban_management", structure), city.archive("governance_office", charge)


def in_jiangyin(city: City, structure: Case, charge: Case) -> tuple[Case, Case]:
    """The street's station calls two more departments: both must tell before it closes. The dispute is the street's."""
    police = city.cast.organisation("police")
    structure = city.by("street_office", services.assign_case, structure, support=[police])
    structure = city.work("urban_management", structure)
    assert "silent_helpers" in city.refused("urban_management", services.close_case, structure).fields
    structure = city.by("police", services.note_progress, structure, note="已到场维持秩序。")
    structure = city.by("urban_management", services.close_case, structure)
    charge = city.work("street_office", charge, outcome="mediated")
    charge = city.by("street_office", services.close_case, charge)
    return city.archive("urban_management", structure), city.archive("street_office", charge)


def in_meixian(city: City, structure: Case, charge: Case) -> tuple[Case, Case]:
    """Community, then street: no level is skipped. Found valid first; the bureau itself finds before it acts."""
    done = []
    for case, lead, outcome in ((structure, "urban_management", "rectified"), (charge, "street_office", "mediated")):
        case = city.by("community_station", services.judge_validity, case, valid=True)
        if case is not charge and lead == "urban_management":
            assert city.refused("community_station", services.assign_case, case).code == "not_dispatcher"
        assert (
            city.refused(
                "community_station", services.report_up, case, to="leading_group_office", reason="直接到县"
            ).code
            == "one_level"
        )
        case = city.by("community_station", services.report_up, case, reason="社区办不了，升镇街。")
        case = city.by("street_office", services.sign_report, case)
        case = city.by("street_office", services.assign_case, case, lead=city.cast.organisation(lead))
        case = city.by(lead, services.report_in, case)
        if lead == "urban_management":
            case = city.by(lead, services.record_finding, case, lawful=False, note="没有规划许可，违反规划。")
        case = city.work(lead, case, outcome=outcome, signed=True)
        case = city.by(lead, services.close_case, case)
        done.append(city.archive(lead, case))
    return done[0], done[1]


RUN: dict[str, Callable[[City, Case, Case], tuple[Case, Case]]] = {
    "jiujiang": in_jiujiang,
    "zhangjiagang": in_zhangjiagang,
    "jinhua": in_jinhua,
    "jiangyin": in_jiangyin,
    "meixian": in_meixian,
}
S, U = "system", "urban_management"
WAYS: dict[str, tuple[list[Step], list[Step]]] = {
    "jiujiang": (
        [("whistled", "hotline_desk"), ("reported_in", U), ("verified", U), ("finding_requested", U),
         ("finding_recorded", "planning"), ("penalty_recorded", U), ("answered", U), ("closed", U), ("archived", U)],
        [("assigned", S), ("reported_in", "community_station"), ("verified", "community_station"),
         ("answered", "community_station"),
         ("closed", "community_station"), ("archived", "community_station")],
    ),
    "zhangjiagang": (
        [("assigned", "complaint_desk"), ("reported_in", U), ("answered", U), ("called_back", "complaint_desk"),
         ("closed", "complaint_desk"), ("archived", "complaint_desk")],
        [("assigned", "complaint_desk"), ("reported_in", "mediation_room"), ("answered", "mediation_room"),
         ("called_back", "complaint_desk"), ("closed", "complaint_desk"), ("archived", "complaint_desk")],
    ),
    "jinhua": (
        [("assigned", "street_office"), ("reported_in", U), ("answered", U), ("called_back", "street_office"),
         ("reopened", "street_office"), ("answered", U), ("called_back", "street_office"), ("closed", U),
         ("archived", U)],
        [("assigned", S), ("reported_in", "community_station"), ("handed_up", "community_station"),
         ("reported_in", "governance_office"), ("answered", "governance_office"), ("called_back", "street_office"),
         ("closed", "governance_office"), ("archived", "governance_office")],
    ),
    "jiangyin": (
        [("assigned", "street_office"), ("reported_in", U), ("answered", U), ("closed", U), ("archived", U)],
        [("assigned", S), ("reported_in", "street_office"), ("answered", "street_office"),
         ("closed", "street_office"), ("archived", "street_office")],
    ),
    "meixian": (
        [("found_valid", "community_station"), ("reported_up", "community_station"),
         ("report_signed", "street_office"), ("assigned", "street_office"), ("reported_in", U),
         ("finding_recorded", U), ("answered", U), ("closed", U), ("archived", U)],
        [("found_valid", "community_station"), ("reported_up", "community_station"),
         ("report_signed", "street_office"), ("assigned", "street_office"), ("reported_in", "street_office"),
         ("answered", "street_office"), ("closed", "street_office"), ("archived", "street_office")],
    ),
}  # fmt: skip
DESKS = {
    "jiujiang": "hotline_desk",
    "zhangjiagang": "complaint_desk",
    "jinhua": "street_office",
    "jiangyin": "street_office",
    "meixian": "community_station",
}


def test_the_five_ways_differ() -> None:
    assert all(one != other for one, other in combinations(WAYS.values(), 2))


@pytest.mark.parametrize(
    "city",
    [
        pytest.param("jiujiang", marks=pytest.mark.clause("JJ-A7-2.1-1", "JJ-A3-2.1-2", "JJ-A3-2.7-2", "JJ-3.3.10-2")),
        pytest.param("zhangjiagang", marks=pytest.mark.clause("ZJG-2.3.11a", "ZJG-2.3.3", "ZJG-2.3.1b", "ZJG-5.3a")),
        pytest.param("jinhua", marks=pytest.mark.clause("JH-3.2.2b", "JH-4.2d", "JH-4.1f", "JH-4.2c", "JH-3.2.2a")),
        pytest.param("jiangyin", marks=pytest.mark.clause("JY-2.1.2-3", "JY-2.1.2-5", "JY-2.4.9-2", "JY-2.4.10-6")),
        pytest.param("meixian", marks=pytest.mark.clause("MX-3.10.2-1", "MX-3.10.2-2", "MX-3.2.11-1", "MX-3.1.2-7")),
    ],
    indirect=True,
)
def test_the_same_complaint_takes_five_lawful_ways(city: City) -> None:
    structure, charge = city.receive("illegal_structure", "service_charge_dispute")
    assert structure.desk == city.cast.organisation(DESKS[city.slug])
    done = RUN[city.slug](city, structure, charge)
    for case, wanted in zip(done, WAYS[city.slug], strict=True):
        case.refresh_from_db()
        assert way(case) == wanted
        assert case.state == "archived"
        assert not case.answered_late
        assert case.number.startswith(f"{PREFIX[city.slug]}-2024-")
        route = asking.stored_route(case)
        assert route is not None
        assert any(one.startswith(PREFIX[city.slug]) for one in route.clauses)
        assert route.explanation.steps
        overdue = Duty.objects.filter(subject_kind="case", subject_id=str(case.pk), state="overdue")
        assert not overdue.exists()
