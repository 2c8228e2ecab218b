"""What a result of an assessment brings: advice to end a contract, an order to leave that an office then confirms."""

from datetime import date

from gongzhi.contracts.queries import running_exit
from gongzhi.contracts.services.common import after, unit_of
from gongzhi.contracts.services.opening import Opening, in_the_market, open_procedure
from gongzhi.contracts.services.stepping import Taking, take_step
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
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

    Each order waits for its office, which confirms or stops it; the advice goes to the committee at once. An estate
    whose company is leaving already stays as it is.
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
    if not answer.ok or answer.value["reach"] == "nowhere":
        return
    actor = Actor.system(demo=event.demo)
    reason = FAILED if name == "assessment_passed" else f"连续{result}次全区后三名"
    leave_on = after(estate.place_path, on, answer.value["within"])
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
