"""What a competent unit is asked to state about an estate: asked, answered, asked again after a refusal."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Place
from gongzhi.registry.models import Estate, EstateReview
from gongzhi.registry.queries import county_of, facts_of, organisation_for
from gongzhi.registry.questions import AREA_DIVISION, ITEMS, REVIEW_KINDS, REVIEW_RESULTS

CHOICE = "community_choice"
LONGEST_NAME = 100


@transaction.atomic
def ask_review(
    estate: Estate,
    *,
    kind: str,
    asked: str,
    choice: str = "",
    details: Mapping[str, Any] | None = None,
    files: Sequence[Any] = (),
    actor: Actor,
    now: datetime,
) -> EstateReview:
    """Puts the question to the unit that the local document names."""
    core.require(actor, "estate.ask_review", estate)
    if kind not in REVIEW_KINDS:
        raise Refused("review_kind", "请从列表里选事项。", fields={"kind": "请从列表里选"})
    facts = {"kind": kind, "estate_type": estate.estate_type}
    answer = core.ask("registry.review", facts, place_path=estate.place_path, on=core.local_day(now))
    value = answer.value if answer.ok else {}
    desk = organisation_for(value.get("desk") or "", estate.place_path, estate) if value.get("desk") else None
    title = REVIEW_KINDS[kind]
    if not value.get("desk"):
        raise Refused("review_unknown", f"本地文件没有规定“{title}”由谁核办，不能提出。", tuple(answer.clauses))
    if desk is None:
        raise Refused("review_desk", f"还没有登记“{title}”的核办单位，请先登记单位。", tuple(answer.clauses))
    if value.get("asked_by") and not actor.is_system and actor.role not in value["asked_by"]:
        raise Refused("forbidden", f"“{title}”不由您的岗位提出。", tuple(answer.clauses), status=403)
    _known_first(estate, value.get("requires") or (), tuple(answer.clauses), on=core.local_day(now))
    if value.get("choices") and choice not in value["choices"]:
        words = "、".join(value["choices"])
        raise Refused(
            "review_choice", f"请选定{words}之一。", tuple(answer.clauses), fields={"choice": f"请选定{words}之一"}
        )
    about = _meant(estate, kind, details or {}, new=choice in (value.get("sets_up") or ()))
    if not asked.strip():
        raise Refused("review_words", "请写明要核办什么。", fields={"asked": "请写明要核办什么"})
    try:
        with transaction.atomic():
            review = EstateReview.objects.create(
                estate=estate,
                kind=kind,
                asked=asked.strip(),
                asked_by=actor.organisation,
                asked_at=now,
                desk=desk,
                choice=choice,
                basis=answer.to_json(),
                details=about,
                place_path=estate.place_path,
                demo=actor.demo,
            )
    except IntegrityError as error:
        raise Refused("review_open", f"“{title}”已经提出，还没有答复。") from error
    for file in files:
        core.store_file(file, owner=review.ref, actor=actor, now=now)
    core.record(
        "review.asked",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"kind": kind, "lead": desk.role, "review": str(review.pk)},
    )
    core.notify(to=desk, template="review.asked", text=f"请核办：{estate} {title}", ref=review.ref, now=now)
    return review


def _meant(estate: Estate, kind: str, about: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
    """What exactly the opinion is asked about: a division, or a community. Other matters are about the estate."""
    if kind == CHOICE:
        return _community_meant(estate, about, new=new)
    if kind != AREA_DIVISION:
        return {}
    chosen = {name: list(about[name]) for name in ("merge", "split") if about.get(name)}
    if len(chosen) != 1:
        words = "请选并入哪些小区，或者拆出哪些楼幢，只选一样。"
        raise Refused("review_division", words, fields={"others": words})
    return chosen


def _community_meant(estate: Estate, about: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
    """The community that the estate shall belong to: one that is there, by its code, or a new one, by its name."""
    code, name = str(about.get("community") or ""), str(about.get("new_community") or "").strip()
    if new:
        if not name or len(name) > LONGEST_NAME:
            raise Refused("review_community", "请写新社区的名称。", fields={"new_community": "请写新社区的名称"})
        return {"new_community": name}
    within = Place.objects.filter(level="community", path__startswith=county_of(estate.place_path))
    if not code or not within.filter(code=code).exists():
        raise Refused("review_community", "请选定本县（市、区）的社区（村）。", fields={"community": "请选社区（村）"})
    return {"community": code}


def agreed_on(review: EstateReview | None, community: Place) -> bool:
    """Whether that opinion agrees, and to this very community."""
    if review is None or review.result != "agreed":
        return False
    about = review.details
    return about.get("community") == community.code or about.get("new_community") in (
        community.name,
        community.short_name,
    )


def _known_first(estate: Estate, items: Sequence[str], clauses: tuple[str, ...], *, on: date) -> None:
    """What the unit has to judge must stand in the estate's file."""
    known = facts_of(estate.ref, items, on)
    missing = "、".join(ITEMS[one] for one in items if known.get(one) in (None, 0))
    if missing:
        raise Refused(
            "review_facts",
            f"小区档案还缺{missing}，请先在“登记事项”里登记，再提出。",
            clauses,
            fields={"asked": f"先登记{missing}"},
        )


@transaction.atomic
def answer_review(
    review: EstateReview,
    *,
    result: str,
    opinion: str,
    files: Sequence[Any] = (),
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> EstateReview:
    """The competent unit's statement. A refusal says why; the matter can be put again."""
    review = (
        EstateReview.objects.select_for_update(of=("self",))
        .select_related("estate", "desk", "asked_by")
        .get(pk=review.pk)
    )
    core.check_version(review, version)
    core.require(actor, "estate.answer_review", _Desk(review))
    if review.answered_at is not None:
        raise Refused("review_answered", "这件已经答复过。")
    if result not in REVIEW_RESULTS:
        raise Refused("review_result", "请选结论。", fields={"result": "请选结论"})
    if result == "refused" and not opinion.strip():
        raise Refused("review_reason", "不同意的要写明原因。", fields={"opinion": "请写明原因"})
    review.result, review.opinion = result, opinion.strip()
    review.answered_by, review.answered_at = actor.user, now
    review.version += 1
    review.save(update_fields=["result", "opinion", "answered_by", "answered_at", "version"])
    for file in files:
        core.store_file(file, owner=review.ref, actor=actor, now=now)
    core.record(
        "review.answered",
        subject=review.estate.ref,
        actor=actor,
        at=now,
        place_path=review.place_path,
        data={
            "kind": review.kind,
            "lead": review.desk.role,
            "result": result,
            "review": str(review.pk),
            "choice": review.choice or None,
        },
    )
    if review.asked_by is not None:
        text = f"已答复：{review.estate} {REVIEW_KINDS[review.kind]}，{REVIEW_RESULTS[result]}"
        core.notify(to=review.asked_by, template="review.answered", text=text, ref=review.ref, now=now)
    return review


class _Desk:
    """Only the unit asked may answer."""

    def __init__(self, review: EstateReview) -> None:
        self.review = review
        self.place_path = review.place_path

    def is_party(self, actor: Actor) -> bool:
        return actor.organisation is not None and actor.organisation.pk == self.review.desk_id
