"""A slow tally for comparison, written from voting rules alone: plain dictionaries, whole minutes, fractions.

Shares nothing with the tally under test, not even the formats: it takes the vote as the generator made it.
"""

from fractions import Fraction
from typing import Any

Vote = dict[str, Any]


def naive(vote: Vote) -> dict[str, Any]:
    return {one["motion"]: _motion(vote, one) for one in vote["motions"]}


def _motion(vote: Vote, motion: dict[str, Any]) -> dict[str, Any]:
    rule = vote["settings"]
    rows = _rows(vote)
    if motion["scope"] is not None:
        rows = [one for one in rows if {one["building"], one["entrance"]} & set(motion["scope"])]
    weight = {one["unit"]: rule.get(one["kind"], "counted") for one in rows}
    rows = [one for one in rows if weight[one["unit"]] != "excluded"]
    said: dict[str, tuple[str, Any]] = {}
    for one in rows:
        heard = _voice(vote, one, motion["motion"])
        if heard is not None:
            said[one["unit"]] = heard
    people = _people(rows, rule)
    people = [group for group in people if any(weight[one["unit"]] == "counted" for one in group)]
    plain = {
        unit: (answer, when, "said")
        for unit, (answer, when) in said.items()
        if answer in ("agree", "oppose", "abstain")
    }
    lead = _leader(rows, people, plain, rule)
    final = dict(plain)
    for unit, (answer, when) in said.items():
        if answer == "follow":
            final[unit] = (lead or "abstain", when, "said")
        if answer == "invalid" and rule["invalid"] == "participating":
            final[unit] = ("invalid", when, "said")
    final |= _deemed(vote, rows, people, said, plain, lead)
    area, heads = _measure(rows, people, final, rule)
    total_area, total_heads = sum(one["area"] for one in rows), len(people)
    return {
        "outcome": _outcome(motion, area, heads, total_area, total_heads),
        "area": area,
        "heads": heads,
        "total": (total_heads, total_area),
    }


def _outcome(motion: dict[str, Any], area: dict[str, int], heads: dict[str, int], all_area: int, all_heads: int) -> str:
    if not all_area or not all_heads:
        return "no_voters"
    took_area, took_heads = sum(area.values()), sum(heads.values())
    if motion["quorum"] and not (
        Fraction(took_area, all_area) >= motion["quorum"] and Fraction(took_heads, all_heads) >= motion["quorum"]
    ):
        return "no_quorum"
    of_area, of_heads = (took_area, took_heads) if motion["of"] == "participants" else (all_area, all_heads)
    if not of_area or not of_heads:
        return "rejected"
    shares = Fraction(area["agree"], of_area), Fraction(heads["agree"], of_heads)
    if motion["bound"] == "at_least":
        return "passed" if min(shares) >= motion["approval"] else "rejected"
    return "passed" if min(shares) > motion["approval"] else "rejected"


def _rows(vote: Vote) -> list[dict[str, Any]]:
    rows = {one["unit"]: one for one in vote["units"]}
    for event in vote["events"]:
        if event["type"] == "CORRECT":
            if event["row"] is None:
                rows.pop(event["unit"], None)
            else:
                rows[event["unit"]] = event["row"]
    return list(rows.values())


def _people(rows: list[dict[str, Any]], rule: dict[str, Any]) -> list[list[dict[str, Any]]]:
    groups: list[list[dict[str, Any]]] = []
    for one in rows:
        mine = [group for group in groups if any(_same(one, other, rule) for other in group)]
        groups = [group for group in groups if group not in mine] + [[one, *[each for group in mine for each in group]]]
    return groups


def _same(one: dict[str, Any], other: dict[str, Any], rule: dict[str, Any]) -> bool:
    if (one["stock"] == "sold") != (other["stock"] == "sold"):
        return False
    if one["stock"] != "sold":
        return rule["developer_stock"] == "one_person" and one["owners"] == other["owners"]
    if rule["merge"] == "none":
        return False
    if rule["merge"] == "same_owner_set":
        return set(one["owners"]) == set(other["owners"])
    return bool(set(one["owners"]) & set(other["owners"]))


def _leader(rows: Any, people: Any, plain: Any, rule: Any) -> str | None:
    area, heads = _measure(rows, people, plain, rule)
    for answer in ("agree", "oppose", "abstain"):
        if all(
            area[answer] > area[other] and heads[answer] > heads[other]
            for other in ("agree", "oppose", "abstain")
            if other != answer
        ):
            return answer
    return None


def _measure(rows: Any, people: Any, final: Any, rule: Any) -> tuple[dict[str, int], dict[str, int]]:
    answers = ("agree", "oppose", "abstain", "invalid")
    area = {
        answer: sum(one["area"] for one in rows if final.get(one["unit"], (None,))[0] == answer) for answer in answers
    }
    heads = dict.fromkeys(answers, 0)
    for group in people:
        answer = _person(group, final, rule)
        if answer:
            heads[answer] += 1
    return area, heads


def _person(group: Any, final: Any, rule: Any) -> str | None:
    own = [(one, *final[one["unit"]]) for one in group if one["unit"] in final]
    spoken = [one for one in own if one[3] == "said" and one[1] != "invalid"] or [
        one for one in own if one[3] == "deemed"
    ]
    if not spoken:
        return "invalid" if own else None
    if len({one[1] for one in spoken}) == 1:
        return str(spoken[0][1])
    if rule["split_head"] == "latest":
        return str(max(spoken, key=lambda one: one[2])[1])
    if rule["split_head"] == "largest_area":
        sums: dict[str, int] = {}
        for one in spoken:
            sums[one[1]] = sums.get(one[1], 0) + one[0]["area"]
        best = [answer for answer, area in sums.items() if area == max(sums.values())]
        return best[0] if len(best) == 1 else "abstain"
    return "abstain"


def _deemed(vote: Vote, rows: Any, people: Any, said: Any, plain: Any, lead: str | None) -> dict[str, Any]:
    rule = vote["settings"]
    told = any(one["type"] == "NOTICE" and one["told"] and one["at"] < vote["opens"] for one in vote["events"])
    if rule["silence"] == "not_participating" or not told:
        return {}
    answer = {"deem_abstain": "abstain", "deem_agree": "agree"}.get(rule["silence"], lead)
    if answer is None:
        return {}
    if rule["silence"] == "follow_majority" and rule["floor"] is not None:
        area, heads = _measure(rows, people, plain, rule)
        whole = sum(one["area"] for one in rows)
        if not (
            Fraction(area[answer]) > whole * rule["floor"] and Fraction(heads[answer]) > len(people) * rule["floor"]
        ):
            return {}
    served = {
        unit
        for one in vote["events"]
        if one["type"] == "SERVE" and one["at"] < vote["closes"]
        and (one["result"] == "served" or (one["result"] == "refused" and rule["service"] == "delivered_or_refused"))
        for unit in one["units"]
    }  # fmt: skip
    quiet = [
        one["unit"]
        for one in rows
        if one["unit"] not in said or (said[one["unit"]][0] == "invalid" and rule["invalid"] == "as_silent")
    ]
    return {unit: (answer, (-1, -1), "deemed") for unit in quiet if unit in served}


def _owners_through_time(vote: Vote, row: dict[str, Any]) -> list[dict[str, Any]]:
    found = [
        {"since": -(10**9), "owners": row["owners"], "nominees": [(-(10**9), row["nominee"])] if row["nominee"] else []}
    ]
    moves = [one for one in vote["events"] if one["type"] in ("TRANSFER", "NOMINATE") and one["unit"] == row["unit"]]
    for one in sorted(moves, key=lambda one: one["at"]):
        if one["type"] == "TRANSFER":
            found.append({"since": one["at"], "owners": one["owners"], "nominees": []})
        elif one["nominee"] in found[-1]["owners"] and one["at"] < vote["closes"]:
            found[-1]["nominees"].append((one["at"], one["nominee"]))
    return found


def _may(vote: Vote, times: list[dict[str, Any]], who: str, at: int) -> int | None:
    rule = vote["settings"]
    if rule["sale"] == "roll_owner":
        number = 0
    else:
        number = max(index for index, one in enumerate(times) if one["since"] <= at)
    period = times[number]
    if who not in period["owners"]:
        return None
    if len(period["owners"]) > 1 and rule["co_owners"] == "nominee":
        then = [name for since, name in period["nominees"] if since <= at]
        if not period["nominees"] or who not in (then[-1] if then else None, period["nominees"][-1][1]):
            return None
    return number


def _voice(vote: Vote, row: dict[str, Any], motion: str) -> tuple[str, Any] | None:  # noqa: C901  (one long tale)
    rule = vote["settings"]
    times = _owners_through_time(vote, row)
    good: list[dict[str, Any]] = []
    spoiled = False
    numbered = [(one["at"], index, one) for index, one in enumerate(vote["events"]) if one["type"] == "CAST"]
    for at, index, one in sorted(numbered, key=lambda entry: entry[:2]):
        if not vote["opens"] <= at < vote["closes"]:
            continue
        who = one["voter"]
        if one["proxy"]:
            paper = _power(vote, one)
            if paper is None:
                continue
            who = paper["principal"]
        number = _may(vote, times, who, at)
        covers = row["unit"] in one["units"]
        if not covers and rule["ballot_covers"] == "all_of_owner" and not one["proxy"] and number is not None:
            covers = True
        if not covers:
            continue
        state, choices = _finding(vote, one)
        if state == "bad":
            spoiled = True
            continue
        if number is None:
            continue
        answer = choices.get(motion)
        if answer is None:
            if rule["blank"] == "invalid":
                spoiled = True
            if rule["blank"] != "abstain":
                continue
            answer = "abstain"
        if answer == "follow" and rule["follow_choice"] == "invalid":
            spoiled = True
            continue
        if one["proxy"]:
            if not set(one["units"]) <= set(paper["units"]) or (
                paper["motions"] is not None and motion not in paper["motions"]
            ):
                continue
            wish = paper["instructions"].get(motion)
            if rule["instruction"] == "must_follow" and wish is not None and wish != answer:
                spoiled = True
                continue
        good.append(
            {
                "answer": answer,
                "when": (at, index),
                "by": who,
                "own": not one["proxy"],
                "channel": one["channel"],
                "period": number,
            }
        )
    answer = _choose(good, rule)
    if answer is not None:
        return answer
    return ("invalid", None) if spoiled else None


def _choose(good: list[dict[str, Any]], rule: dict[str, Any]) -> tuple[str, Any] | None:
    if not good:
        return None
    periods = [one["period"] for one in good]
    whose = max(periods) if rule["sale"] == "buyer_replaces" else min(periods)
    good = [one for one in good if one["period"] == whose]
    if any(one["own"] for one in good):
        good = [one for one in good if one["own"]]
    if rule["order"]:
        ranks = [rule["order"].index(one["channel"]) if one["channel"] in rule["order"] else 99 for one in good]
        good = [one for one, rank in zip(good, ranks, strict=True) if rank == min(ranks)]
    pick = {"first_only": lambda own: own[0], "last_valid": lambda own: own[-1]}.get(
        rule["revote"], lambda own: own[: rule["changes"] + 1][-1]
    )
    if rule["co_owners"] == "any_unless_conflict":
        each = [pick([one for one in good if one["by"] == who]) for who in {one["by"] for one in good}]
        if len({one["answer"] for one in each}) > 1:
            return ("invalid", None)
        chosen = max(each, key=lambda one: one["when"])
    else:
        chosen = pick(good)
    return (chosen["answer"], chosen["when"])


def _finding(vote: Vote, ballot: dict[str, Any]) -> tuple[str, dict[str, str]]:
    last = None
    for one in vote["events"]:
        if one["type"] == "ADJUDICATE" and one["ballot"] == ballot["id"] and len(set(one["by"])) >= 2:
            last = one
    if last is not None:
        if last["decision"] == "invalid":
            return "bad", {}
        return "good", ballot["choices"] if last["choices"] is None else last["choices"]
    return ("bad", {}) if ballot["faults"] else ("good", ballot["choices"])


def _power(vote: Vote, ballot: dict[str, Any]) -> dict[str, Any] | None:
    rule = vote["settings"]
    papers = [one for one in vote["events"] if one["type"] == "PROXY" and one["id"] == ballot["proxy"]]
    if rule["proxy"] == "not_allowed" or not papers or papers[0]["agent"] != ballot["voter"]:
        return None
    paper = papers[0]
    if not _formally_good(vote, paper) or paper["id"] in _too_many(vote):
        return None
    ended = [one["at"] for one in vote["events"] if one["type"] == "REVOKE" and one["proxy"] == paper["id"]]
    if ended and min(ended) <= ballot["at"]:
        return None
    return paper if paper["from"] <= ballot["at"] < paper["until"] else None


def _formally_good(vote: Vote, paper: dict[str, Any]) -> bool:
    owners = {who for row in _rows(vote) for who in row["owners"]}
    owners |= {
        who
        for one in vote["events"]
        if one["type"] == "TRANSFER" and any(row["unit"] == one["unit"] for row in _rows(vote))
        for who in one["owners"]
    }
    if vote["settings"]["agent"] == "owner" and paper["agent"] not in owners:
        return False
    return paper["signed"] and paper["kind"] not in vote["settings"]["barred"]


def _too_many(vote: Vote) -> set[str]:
    cap = vote["settings"]["cap"]
    over: set[str] = set()
    kept: list[dict[str, Any]] = []
    papers = [one for one in vote["events"] if one["type"] == "PROXY" and _formally_good(vote, one)]
    for paper in sorted(papers, key=lambda one: one["at"]):
        ends = {one["id"]: one["until"] for one in kept}
        for one in vote["events"]:
            if one["type"] == "REVOKE" and one["proxy"] in ends:
                ends[one["proxy"]] = min(ends[one["proxy"]], one["at"])
        others = {one["principal"] for one in kept if one["agent"] == paper["agent"] and ends[one["id"]] > paper["at"]}
        if cap is not None and len(others | {paper["principal"]}) > cap:
            over.add(paper["id"])
        else:
            kept.append(paper)
    return over
