"""What a result of an assessment brings: advice to end a contract, an order to leave that an office then confirms."""

from datetime import date

from gongzhi.contracts.queries import running_exit
from gongzhi.contracts.services.common import after, unit_of
from gongzhi.contracts.services.opening import Opening, in_the_market, open_procedure
from gongzhi.contracts.services.stepping import Taking, take_step
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.models import Event
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import county_of, project_on
from gongzhi.registry.services import told

# What each says where nothing was recorded: the other one alone decides.
RESULTS = {"bottom_streak": 0, "assessment_passed": True}
COMMITTEE = "owners_committee"
FAILED = "年度考核不达标"


def order_out_by_result(event: Event) -> None:
    """Reaction to `estate.fact_recorded`: opens what `contracts.ordered_out` says of a result that holds by now.

    A letter to the company and the advice to the committee go out at once. Each order waits for its office, which
    confirms or stops it. An estate whose company is leaving already stays as it is.
    """
    name, value, on = event.data.get("name"), event.data.get("value"), core.local_day(event.at)
    if name not in RESULTS or value is None or date.fromisoformat(str(event.data["from_on"])) > on:
        return
    estate = Estate.objects.select_related("place").filter(pk=event.subject_id).first()
    project = project_on(estate, on) if estate is not None else None
    if estate is None or project is None:
        return
    result = told(str(name), str(value))
    facts = {"estate_type": estate.estate_type, **RESULTS, str(name): result}
    answer = core.ask("contracts.ordered_out", facts, place_path=estate.place_path, on=on)
    if not answer.ok or answer.value.get("within") is None:
        return
    actor = Actor.system(demo=event.demo)
    reason = FAILED if name == "assessment_passed" else f"连续{result}次全区后三名"
    leave_on = after(estate.place_path, on, answer.value["within"])
    if answer.value["reach"] == "nowhere":
        issuer = unit_of(answer.value["by"], estate, on)
        if issuer is not None:
            core.issue_document(
                answer.value["letter"], subject=estate.ref, to=[project.company], issuer=issuer,
                values={"estate": estate.name, "text": reason, "due": cn_date(leave_on)},
                place_path=estate.place_path, actor=actor, now=event.at,
            )  # fmt: skip
        return
    reached = [estate]
    if answer.value["reach"] == "company":
        others = in_the_market(project.company, on)
        reached += [one for one in others if one != estate and one.place_path.startswith(county_of(estate.place_path))]
    for one in reached:
        if running_exit(one) is not None:
            continue
        why = reason if one == estate else f"{reason}（{estate.name}）"
        opening = Opening(ground="ordered", reason=why, leave_on=leave_on, office=answer.value.get("by") or "")
        row = open_procedure(one, kind="exit", given=opening, actor=actor, now=event.at)
        if one == estate and answer.value.get("advise") and unit_of(COMMITTEE, estate, on) is not None:
            take_step(row, step="suggest", given=Taking(on=on, note=reason), actor=actor, now=event.at)
