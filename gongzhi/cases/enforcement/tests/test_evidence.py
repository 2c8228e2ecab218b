"""Evidence: in the log at once, held by one unit at a time, handed over against signature, verified offline."""

import io
import json
import subprocess
import sys
import zipfile

import pytest
from django.db import DatabaseError, transaction

from gongzhi.cases import services as cases
from gongzhi.cases.enforcement import services
from gongzhi.cases.enforcement.models import Evidence
from gongzhi.cases.enforcement.queries.evidence import evidence_of, held_by
from gongzhi.cases.enforcement.tests.steps import at, city, clock, company, line, picture
from gongzhi.cases.tests.steps import upload
from gongzhi.cases.tests.test_five_by_pack import HOUR, RECEIVED, received
from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import build
from gongzhi.proof.verifier import verify as verifier

pytestmark = pytest.mark.django_db


def taken(cast, subject, actor, *, now=None, tail=b"", **given):
    at_ = now or cast.now
    values = {"file": picture(tail=tail), "title": "玻璃房正在搭建", "taken_at": at_, "taken_where": "2幢楼顶"}
    return services.take_in(subject, **{**values, **given}, actor=actor, now=at_)


def test_what_is_taken_in_is_in_the_log_with_its_hash_and_cannot_be_changed():
    cast = city("jiujiang", "2022-05-05")
    row = taken(cast, line(cast), company(cast))
    entry = json.loads(row.entry.data)
    assert entry["sha256"] == row.file.sha256 and entry["number"] == row.number
    assert "保安" not in row.entry.data, "entries are public: nothing of a person"
    assert row.holder == cast.organisation("property_company")
    with pytest.raises(DatabaseError), transaction.atomic():
        Evidence.objects.filter(pk=row.pk).update(title="别的")
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


@pytest.mark.parametrize("lacking", ["title", "taken_where", "file"])
def test_evidence_says_what_it_shows_and_where_it_was_taken(lacking):
    cast = city("jiujiang", "2022-05-05")
    with pytest.raises(Refused) as refused:
        taken(cast, line(cast), company(cast), **{lacking: ""})
    assert lacking in refused.value.fields


def test_custody_passes_when_the_other_one_signs_and_not_before():
    cast = city("jiujiang", "2022-05-05")
    row, me = line(cast), company(cast)
    own = taken(cast, row, me)
    to = cast.organisation("urban_management")
    row = cases.report_problem(row, reason="stop_ineffective", to=to, actor=me, now=cast.now)
    office = at(cast, "urban_management")
    with pytest.raises(Refused):
        services.hand_over([own], to=me.organisation, reason="移交", actor=office, now=cast.now)
    services.hand_over([own], to=to, reason="随案移交", actor=me, now=clock("2022-05-05 10:00"))
    own = evidence_of(row).get()
    assert own.holder == me.organisation and held_by(row, me) == []
    with pytest.raises(Refused):
        services.hand_over([own], to=to, reason="再移交", actor=me, now=clock("2022-05-05 10:05"))
    with pytest.raises(Refused):
        services.sign_for([own], actor=at(cast, "police"), now=clock("2022-05-05 10:10"))
    services.sign_for([own], actor=office, now=clock("2022-05-05 11:00"))
    own = evidence_of(row.opened_case).get()
    assert own.holder == to
    held = [(one.organisation.role, one.from_at, one.to_at) for one in own.custody.all()]
    assert held == [
        ("property_company", cast.now, clock("2022-05-05 11:00")),
        ("urban_management", clock("2022-05-05 11:00"), None),
    ]


def test_the_package_holds_files_custody_and_proofs_and_verifies_offline(tmp_path):
    cast = city("jiujiang", "2022-05-05")
    row, me = line(cast), company(cast)
    first, second = taken(cast, row, me), taken(cast, row, me, tail=b"\n")
    taken(cast, line(cast, "greening"), me, tail=b"\n\n")
    row = cases.report_problem(
        row, reason="stop_ineffective", to=cast.organisation("urban_management"), actor=me, now=cast.now
    )
    content = services.package(row.opened_case, actor=at(cast, "urban_management"), now=cast.now)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        names = set(package.namelist())
        custody = json.loads(package.read("custody.json"))
        to_read = package.read("custody.txt").decode("utf-8-sig")
    assert all(one.file.sha256 in to_read for one in (first, second))
    assert f"verify.py evidence-{row.opened_case.number}.zip" in to_read and me.organisation.name in to_read
    wanted = {f"evidence/{one.number.lower()}.png" for one in (first, second)}
    assert wanted | {"manifest.txt", "verify.py", "log/entries.jsonl"} <= names
    assert {one for one in names if one.startswith("evidence/")} == wanted, "the other line's file is not in it"
    assert [one["sha256"] for one in custody] == [first.file.sha256, second.file.sha256]
    path = tmp_path / "evidence.zip"
    path.write_bytes(content)
    done = subprocess.run([sys.executable, verifier.__file__, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    forged = tmp_path / "forged.zip"
    forged.write_bytes(content.replace(first.file.sha256.encode(), second.file.sha256.encode()))
    done = subprocess.run([sys.executable, verifier.__file__, str(forged)], capture_output=True, text=True, check=False)
    assert done.returncode == 1


def test_nobody_takes_in_evidence_of_a_line_that_is_not_his():
    cast = city("jiujiang", "2022-05-05")
    with pytest.raises(Refused) as refused:
        taken(cast, line(cast), at(cast, "police"))
    assert refused.value.status == 403


@pytest.mark.clause("JJ-A3-3.3-3")
def test_what_a_case_is_handed_over_with_is_evidence_and_is_offered_to_the_city_managers():
    cast = build(RECEIVED)
    case = received(cast, "load_bearing_wall")
    case = cases.assign_case(case, actor=cast.actor("street_office"), now=RECEIVED + HOUR)
    case = cases.report_in(case, actor=cast.actor("housing"), now=RECEIVED + HOUR)
    own = taken(cast, case, cast.actor("housing"), now=RECEIVED + HOUR)
    papers = {kind: upload(kind) for kind in ("source", "evidence", "basis")}
    case = cases.transfer_case(case, papers=papers, reason="核实属实", actor=cast.actor("housing"), now=RECEIVED + HOUR)
    rows = list(evidence_of(case))
    assert [one.number for one in rows][0] == own.number and rows[1].title == "初步证据"
    for one in rows:
        offered = one.custody.get(from_at=None)
        assert offered.organisation == cast.organisation("urban_management") and "随案移交" in offered.reason
    services.sign_for(rows, actor=cast.actor("urban_management"), now=RECEIVED + 2 * HOUR)
    assert {one.holder.role for one in evidence_of(case)} == {"urban_management"}
