from types import SimpleNamespace

import pytest

from gongzhi.core import rights
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.rights import Right


@pytest.fixture(autouse=True)
def few_rights(monkeypatch):
    listed = [
        Right("place", roles=("housing",), title="办事"),
        Right("party", scope="party"),
        Right("either", roles=("housing", "lead"), scope="place_or_party"),
        Right("overseen", scope="place_or_party", place_roles=("housing",)),
        Right("any", roles=("system_admin",), scope="any"),
    ]
    monkeypatch.setattr(rights, "_rights", {one.name: one for one in listed})


def actor(role="housing", path="34/3402/", organisation=None):
    return Actor(None, organisation, role, path, f"某单位（{role}）")


def row(path="34/3402/340207/", *, party=False, roles=(), conflict=None):
    return SimpleNamespace(
        place_path=path,
        is_party=lambda _: party,
        party_roles=lambda _: roles,
        conflict_of_interest=lambda _: conflict,
    )


@pytest.mark.parametrize(
    ("who", "right", "on", "allowed"),
    [
        (actor(), "place", row(), True),
        (actor(path="34/3403/"), "place", row(), False),
        (actor(path="34/34"), "place", row("35/"), False),
        (actor(path=""), "place", row(), False),
        (actor("planning"), "place", row(), False),
        (actor("planning"), "place", row(roles=("housing",)), True),
        (actor(), "place", None, False),
        (actor("owner", path=""), "party", row(party=True), True),
        (actor(), "party", row(party=False), False),
        (actor(path="35/"), "either", row(party=True), True),
        (actor("planning", path="35/"), "either", row(party=True, roles=("lead",)), True),
        (actor("planning", path="35/"), "either", row(party=True), False),
        (actor(), "overseen", row(), True),
        (actor("planning"), "overseen", row(), False),
        (actor("planning"), "overseen", row(party=True), True),
        (actor(path="35/"), "overseen", row(), False),
        (actor("system_admin", path=""), "any", None, True),
        (actor(), "any", row(), False),
        (Actor.system(), "place", row(), True),
        (Actor.public(), "place", row(), False),
    ],
)
def test_role_place_and_party_decide_together(who, right, on, allowed):
    assert rights.may(who, right, on) is allowed


def test_a_path_that_only_begins_alike_is_not_within():
    assert not actor(path="34/3402/").within("34/34021/")


def test_conflict_of_interest_bars_even_the_competent_and_says_why():
    with pytest.raises(Refused) as caught:
        rights.require(actor(), "place", row(conflict="被投诉人"))
    assert (caught.value.code, caught.value.status) == ("forbidden", 403)
    assert "被投诉人" in caught.value.message and "回避" in caught.value.message


def test_a_right_that_nobody_declared_is_a_programming_error():
    with pytest.raises(LookupError):
        rights.may(actor(), "placce", row())


def test_a_right_declared_twice_is_found_when_the_rights_are_collected():
    with pytest.raises(ValueError, match="twice"):
        rights.collect(["gongzhi.core.rights", "gongzhi.core.rights"])


def test_an_app_without_rights_is_skipped_and_a_fault_inside_one_is_not(tmp_path, monkeypatch):
    rights.collect(["gongzhi.core.rights", "gongzhi.policy.rights"])
    (tmp_path / "broken_rights.py").write_text("import nothing_of_this_name")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError):
        rights.collect(["broken_rights"])
