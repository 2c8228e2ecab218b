"""The motions of a vote as fields of a form, and the form as marks of a ballot."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from gongzhi.core.errors import Refused
from gongzhi.governance.tally.electorate import decides
from gongzhi.governance.tally.parts import ANSWERS
from gongzhi.governance.tally.rules import Motion
from gongzhi.governance.votes.models import RollEntry, Vote
from gongzhi.governance.votes.services import rules_in_force, rules_of

PLAIN = ("agree", "oppose", "abstain")


class Names(forms.MultipleChoiceField):
    """Candidates to tick, `most` of them: one more would make the ballot void, so it is said before it is handed in."""

    def __init__(self, *, most: int, **given: Any) -> None:
        super().__init__(
            widget=forms.CheckboxSelectMultiple, required=False, help_text=f"最多选{most}个；都不选按弃权", **given
        )
        self.most = most

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > self.most:
            raise ValidationError(f"选多了：选了{len(value)}个，最多选{self.most}个")


def options(vote: Vote) -> list[tuple[str, str]]:
    follow = rules_of(vote).settings.follow_choice.value == "allowed"
    return [(one, ANSWERS[one]) for one in (*PLAIN, *(("follow",) if follow else ()))]


def add_motions(
    form: forms.Form,
    vote: Vote,
    *,
    only: Collection[str] = (),
    units: Sequence[RollEntry] = (),
    anywhere: bool = False,
) -> None:
    """A motion is a choice of one; an election a list to tick. Nothing is chosen beforehand. `only`: these motions;
    `units`: the voter's; motions of others' buildings and entrances are left out. `anywhere`: whose units it is shows
    later, so that such a motion may be left."""
    for motion in rules_of(vote).motions:
        if (only and motion.motion not in only) or (units and not concerns(motion, units)):
            continue
        if motion.election is None:
            form.fields[motion.motion] = forms.ChoiceField(
                label=motion.title,
                choices=options(vote),
                widget=forms.RadioSelect,
                required=not anywhere or motion.scope.level == "estate",
                help_text=f"只由{'、'.join(motion.scope.of)}表决" if anywhere and motion.scope.of else "",
                error_messages={"required": "请选一项", "invalid_choice": "请选一项"},
            )
            continue
        most = motion.election.most_choices or motion.election.seats
        listed = [(one.candidate, one.name) for one in motion.election.candidates]
        form.fields[motion.motion] = Names(label=motion.title, choices=listed, most=most)


def concerns(motion: Motion, units: Sequence[RollEntry]) -> bool:
    return any(decides(one.counted_as, motion.scope) for one in units)


def marks(data: Mapping[str, Any], vote: Vote) -> dict[str, Any]:
    return {one.motion: data[one.motion] for one in rules_of(vote).motions if data.get(one.motion, "") != ""}


def only_asked(
    chosen: Mapping[str, Any], vote: Vote, units: Sequence[RollEntry], *, shown: Collection[str]
) -> dict[str, Any]:
    """The marks on motions that these units decide on; refuses where one of those, of the `shown`, has none."""
    asked = {one.motion: one for one in rules_of(vote).motions if one.motion in shown and concerns(one, units)}
    missing = [one for name, one in asked.items() if one.scope.of and one.election is None and name not in chosen]
    if missing:
        titles = "、".join(f"“{one.title}”" for one in missing)
        raise Refused("motion_missing", f"{titles}这套房屋也要表决，请选一项。", fields={missing[0].motion: "请选一项"})
    return {name: mark for name, mark in chosen.items() if name in asked}


def marks_at_once(data: QueryDict, vote: Vote) -> dict[str, Any] | None:
    """The same without building a form; None where it has something to say to the owner."""
    found: dict[str, Any] = {}
    answers = {value for value, _ in options(vote)}
    for motion in rules_of(vote).motions:
        if motion.election is None:
            mark = data.get(motion.motion)
            if mark not in answers:
                return None
            found[motion.motion] = mark
            continue
        names = data.getlist(motion.motion)
        if not {one.candidate for one in motion.election.candidates}.issuperset(names):
            return None
        found[motion.motion] = names
    return found


def in_words(choices: Mapping[str, Any], vote: Vote, *, only: Collection[str] | None = None) -> list[tuple[str, str]]:
    """For the owner's eyes: motion and what he marked. `only`: of these motions."""
    found = []
    for motion in rules_in_force(vote).motions:
        if only is not None and motion.motion not in only:
            continue
        mark = choices.get(motion.motion)
        if motion.election is None or isinstance(mark, str):
            found.append((motion.title, ANSWERS.get(str(mark), "没有填")))
        else:
            names = [one.name for one in motion.election.candidates if one.candidate in (mark or ())]
            found.append((motion.title, "、".join(names) or "弃权"))
    return found
