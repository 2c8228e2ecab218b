"""公示牌: three kinds of numbers, posted with a photograph, counted, printed again after a change."""

from datetime import date

import pytest

from gongzhi.cases.accountability.queries.boards import board_lines, coverage
from gongzhi.cases.accountability.services import boards
from gongzhi.cases.accountability.tests.steps import OFFICE, at, paper, photo
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, OutboxMessage
from gongzhi.registry.services import register_estate

ON = date(2022, 5, 5)


def numbers(cast):
    for index, row in enumerate(Organisation.objects.filter(kind__in=("office", "department")).order_by("pk")):
        Organisation.objects.filter(pk=row.pk).update(phone=f"0553-{index:07d}")


def posted(cast, estate):
    board = boards.print_board(estate, actor=cast.actor("street_office"), now=at(5, 5))
    return boards.post_board(board, photo=photo(), spot="东门", actor=cast.actor("street_office"), now=at(5, 6))


@pytest.mark.clause("JJ-A3-3.1-1")
def test_a_board_shows_departments_street_and_community_and_is_not_printed_without_one(cast):
    Organisation.objects.update(phone="")
    with pytest.raises(Refused, match="还没有登记") as refused:
        boards.print_board(cast.estate, actor=cast.actor("street_office"), now=at(5, 5))
    assert refused.value.clauses == ("JJ-A3-3.1-1",)
    numbers(cast)
    shown = dict(board_lines(cast.estate, on=ON).groups)
    assert [len(lines) for lines in shown.values()] == [6, 1, 1]
    assert shown["社区（村）"][0].unit_id == cast.organisation("community_station").pk
    with pytest.raises(Refused, match="图片"):
        board = boards.print_board(cast.estate, actor=cast.actor("street_office"), now=at(5, 5))
        boards.post_board(board, photo=paper(), spot="东门", actor=cast.actor("street_office"), now=at(5, 5))


@pytest.mark.clause("JJ-A3-3.1-1")
def test_forty_nine_of_fifty_are_98_percent_and_the_missing_one_is_named(cast):
    numbers(cast)
    estates = [cast.estate]
    for index in range(49):
        estates.append(
            register_estate(
                community=cast.communities[0], name=f"小区{index:02d}", from_on=ON, actor=Actor.system(), now=at(5, 5)
            )
        )
    for estate in estates[:49]:
        posted(cast, estate)
    shown = coverage(cast.communities[0].path, on=ON)
    assert (shown.posted, shown.total, shown.percent) == (49, 50, "98%")
    assert shown.not_posted == [estates[49]]


@pytest.mark.clause("JJ-A3-3.1-1")
def test_a_changed_number_shows_at_once_and_the_posted_board_is_to_be_printed_again(cast):
    numbers(cast)
    posted(cast, cast.estate)
    station = cast.organisation("community_station")
    assert coverage(cast.street.path, on=ON).stale == []
    told = boards.change_number(station, number="0553-9999999", actor=cast.actor("street_office"), now=at(5, 7))
    assert [one.estate for one in told] == [cast.estate]
    assert "0553-9999999" in [one.number for one in board_lines(cast.estate, on=ON).lines]
    assert coverage(cast.street.path, on=ON).stale == [cast.estate]
    assert OutboxMessage.objects.filter(
        template="board.stale", to_organisation=cast.organisation("street_office")
    ).exists()
    posted(cast, cast.estate)
    assert coverage(cast.street.path, on=ON).stale == []
    with pytest.raises(Refused, match="数字"):
        boards.change_number(station, number="找老王", actor=cast.actor("street_office"), now=at(5, 7))
    with pytest.raises(Refused) as refused:
        boards.change_number(
            cast.organisation("housing"), number="0553-1234567", actor=cast.actor("street_office"), now=at(5, 7)
        )
    assert refused.value.code == "forbidden"
    boards.change_number(cast.organisation("housing"), number="0553-1234567", actor=cast.actor(OFFICE), now=at(5, 7))
