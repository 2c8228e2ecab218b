"""The motions of a vote as fields of a form, and the form as marks of a ballot."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from gongzhi.governance.tally.parts import ANSWERS
from gongzhi.governance.tally.rules import Motion
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.services import rules_in_force, rules_of

PLAIN = ("agree", "oppose", "abstain")


def options(vote: Vote) -> list[tuple[str, str]]:
    follow = rules_of(vote).settings.follow_choice.value == "allowed"
    return [(one, ANSWERS[one]) for one in (*PLAIN, *(("follow",) if follow else ()))]


def add_motions(form: forms.Form, vote: Vote, *, only: Collection[str] = (), buildings: Collection[str] = ()) -> None:
    """A motion is a choice of one; an election a list to tick. Nothing is chosen beforehand. `only`: these motions;
    `buildings`: where the voter's units lie; motions of others' buildings are left out."""
    for motion in rules_of(vote).motions:
        if (only and motion.motion not in only) or (buildings and not concerns(motion, buildings)):
            continue
        if motion.election is None:
            form.fields[motion.motion] = forms.ChoiceField(
                label=motion.title,
                choices=options(vote),
                widget=forms.RadioSelect,
                error_messages={"required": "请选一项", "invalid_choice": "请选一项"},
            )
            continue
        most = motion.election.most_choices or motion.election.seats
        form.fields[motion.motion] = forms.MultipleChoiceField(
            label=motion.title,
            choices=[(one.candidate, one.name) for one in motion.election.candidates],
            widget=forms.CheckboxSelectMultiple,
            required=False,
            help_text=f"最多选{most}个；都不选按弃权",
        )


def concerns(motion: Motion, buildings: Collection[str]) -> bool:
    return motion.scope.level != "building" or not set(motion.scope.of).isdisjoint(buildings)


def marks(data: Mapping[str, Any], vote: Vote) -> dict[str, Any]:
    return {one.motion: data[one.motion] for one in rules_of(vote).motions if one.motion in data}


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


def in_words(choices: Mapping[str, Any], vote: Vote, *, only: Collection[str] = ()) -> list[tuple[str, str]]:
    """For the owner's eyes: motion and what he marked. `only`: of these motions."""
    found = []
    for motion in rules_in_force(vote).motions:
        if only and motion.motion not in only:
            continue
        mark = choices.get(motion.motion)
        if motion.election is None or isinstance(mark, str):
            found.append((motion.title, ANSWERS.get(str(mark), "没有填")))
        else:
            names = [one.name for one in motion.election.candidates if one.candidate in (mark or ())]
            found.append((motion.title, "、".join(names) or "弃权"))
    return found
