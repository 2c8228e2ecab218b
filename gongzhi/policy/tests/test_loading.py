from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from gongzhi.policy import decide, load
from gongzhi.policy.tests.samples import VOCABULARY, loaded, pack, problems, write

ON = date(2024, 1, 1)


def told(folder: Path, part: str) -> bool:
    found = problems(folder)
    assert any(part in one for one in found), "\n".join(found)
    return True


def test_all_faults_are_told_at_once_each_with_its_file_and_line(tmp_path: Path):
    write(
        tmp_path,
        rules="""
        figures:
          one: {value: 15x, unit: period, clause: RT-1}
          two: {value: "1", unit: acre, clause: RT-9}
        switches:
          kind: {title: 甲, type: enum, choices: {a: 甲, b: 乙}, default: c, clause: RT-1}
        decisions:
          - question: t.methd
            answer: public
            clauses: [RT-1]
          - question: t.method
            rows:
              - {when: {knd: home}, answer: publik, clauses: [RT-1]}
        checks:
          - {name: x, on: t.register, must: {approved: yes}, outcome: forbid, says: 甲, clauses: [RT-1]}
        """,
    )
    lines = [one.split(": ")[0] for one in problems(tmp_path)]
    assert lines == [f"root/rules.yaml:{number}" for number in (2, 3, 3, 5, 7, 12, 12, 14)]


def test_a_name_whose_entry_is_at_fault_is_not_told_again_where_it_is_used(tmp_path: Path):
    write(
        tmp_path,
        rules="""
        figures: {days: {value: soon, unit: period, clause: RT-1}, more: {value: 1d, unit: period}}
        decisions:
          - {question: t.deadline, answer: {figure: days}, clauses: [RT-1], to: 2022-06-30}
          - {question: t.deadline, answer: {figure: more}, clauses: [RT-1], from: 2022-07-01}
        """,
    )
    found = problems(tmp_path)
    assert len(found) == 2, found
    assert "期限“soon”无法识别" in found[0] or "期限“soon”无法识别" in found[1]


@pytest.mark.parametrize(
    ("text", "near"),
    [
        (
            "decisions: [{question: t.methods_, answer: [public], clauses: [RT-1]}]",
            "未知的问题“t.methods_”，是否想写“t.methods”",
        ),
        ("decisions: [{question: t.method, answer: publik, clauses: [RT-1]}]", "未知的选项“publik”，是否想写“public”"),
        ("decisions: [{question: t.method, answer: public, clauses: [RT-11]}]", "未知的条款“RT-11”，是否想写“RT-1”"),
        ("decisions: [{question: t.deadline, answer: {figure: deadlin}, clauses: [RT-1]}]", "未知的参数“deadlin”"),
        ("decisions: [{question: t.deadline, answer: {switch: s}, clauses: [RT-1]}]", "未知的配置“s”"),
        (
            "decisions: [{question: t.route, answer: {lead: houzing}, clauses: [RT-1]}]",
            "未知的职责“houzing”，是否想写“housing”",
        ),
        (
            "decisions: [{question: t.route, answer: {led: housing}, clauses: [RT-1]}]",
            "未知的答案字段“led”，是否想写“lead”",
        ),
        ("decisions: [{question: t.route, answer: {support: []}, clauses: [RT-1]}]", "答案缺字段：lead"),
        (
            "decisions: [{question: t.method, rows: [{when: {matter: nois}, answer: public, clauses: [RT-1]}]}]",
            "未知的事项“nois”，是否想写“noise”",
        ),
        (
            "decisions: [{question: t.method, rows: [{when: {aproved: yes}, answer: public, clauses: [RT-1]}]}]",
            "未知的事实“aproved”，是否想写“approved”",
        ),
        ("decison: []", "未知的键“decison”，是否想写“decisions”"),
        ("terms: {roles: {hosing: {name: 甲}}}", "未知的职责“hosing”，是否想写“housing”"),
        (
            "duties: [{duty: d, title: 甲, after: case.opend, owner: {role: housing}, within: {switch: s},"
            " until: case.answered, clauses: [RT-2]}]",
            "未知的事件“case.opend”，是否想写“case.opened”",
        ),
        (
            "duties: [{duty: d, title: 甲, after: case.opened, owner: {field: lad}, within: {figure: f},"
            " until: case.answered, clauses: [RT-2]}]",
            "未知的事件字段“lad”，是否想写“lead”",
        ),
        (
            "checks: [{name: c, on: t.register, must: {aproved: yes}, outcome: warn, says: 甲, clauses: [RT-1]}]",
            "approved",
        ),
        ("scorecards: {}", "“scorecards”本版尚不支持"),
        ("scorecards: {}", "“scorecards”本版尚不支持"),
        ("disclosures: []", "“disclosures”本版尚不支持"),
        ("consequences: []", "“consequences”本版尚不支持"),
    ],
)
def test_an_unknown_word_is_told_with_the_nearest_known_one(tmp_path: Path, text: str, near: str):
    write(tmp_path, rules=text)
    assert told(tmp_path, near)
    assert all(one.startswith("root/rules.yaml:1: ") for one in problems(tmp_path))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("figures: {f: {value: abc, unit: m2, clause: RT-1}}", "不是数"),
        ("figures: {f: {unit: m2, clause: RT-1}}", "要写 value、values、table 中的一个"),
        ("figures: {f: {value: '1', unit: m2}}", "缺少“clause”"),
        ("figures: {F: {value: '1', unit: m2, clause: RT-1}}", "写法不对"),
        ("figures: {f: {unit: m2, clause: RT-1, by: [kind], value: '1'}}", "有 by 才有 table"),
        (
            "figures: {f: {unit: m2, clause: RT-1,"
            " values: [{from: 2022-01-02, value: '1'}, {from: 2022-01-01, value: '2'}]}}",
            "按日期先后",
        ),
        ("figures: {f: {value: '1', unit: m2, clause: RT-1}}\nswitches: [a]", "这里应写成映射"),
        ("switches: {s: {title: 甲, type: bool, default: on, clause: RT-1}}", "应是 yes 或 no"),
        ("switches: {s: {title: 甲, type: enum, default: a, clause: RT-1}}", "要写 choices"),
        ("calendar: {'2022': {source: 甲, holidays: [{name: 乙, from: 2021-05-01, to: 2022-05-01}]}}", "2022年"),
        ("decisions: [{question: t.method, answer: public}]", "要写依据的条款"),
        ("decisions: [{question: t.register, answer: yes, clauses: [RT-1]}]", "要写在 checks"),
        ("decisions: [{question: t.method, clauses: [RT-1]}]", "缺少 rows 或 answer"),
        ("decisions: [{question: t.method, answer: public, else: parent, clauses: [RT-1]}]", "上级文件没有回答"),
        ("decisions: [{question: t.method, answer: public, overrides: nobody, clauses: [RT-1]}]", "nobody 没有回答"),
        (
            "decisions: [{question: t.method,"
            " rows: [{when: {area_m2: {at_least: '30000'}}, answer: public, clauses: [RT-1]}]}]",
            "数“30000”要先写进 figures",
        ),
        (
            "decisions: [{question: t.method, rows: [{when: {bidders: '3'}, answer: public, clauses: [RT-1]}]}]",
            "要先写进 figures",
        ),
        ("decisions: [{question: t.method, rows: [{when: {kind: {most: x}}, answer: public}]}]", "条件里不认识“most”"),
        (
            "decisions: [{question: t.method, rows: [{when: {kind: {given: maybe}}, answer: public}]}]",
            "只能写 yes 或 no",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_told_in_chinese(tmp_path: Path, text: str, what: str):
    write(tmp_path, rules=text)
    assert told(tmp_path, what)


def test_the_unit_of_a_figure_must_fit_what_it_is_compared_with(tmp_path: Path):
    rule = "decisions: [{question: t.method, rows: [{when: {%s: {at_least: f}}, answer: public, clauses: [RT-1]}]}]"
    write(tmp_path, figures="figures: {f: {value: '3', unit: count, clause: RT-1}}", rules=rule % "area_m2")
    assert told(tmp_path, "参数“f”的单位是 count，这里要 m2")
    write(tmp_path, rules=rule % "share")
    assert told(tmp_path, "参数“f”的单位是 count，这里要 ratio")
    write(tmp_path, rules=rule % "kind")
    assert told(tmp_path, "选项不能比大小")


def test_a_figure_in_yuan_is_compared_with_an_amount_in_fen_exactly(tmp_path: Path):
    write(
        tmp_path,
        rules="""
        figures: {large: {value: "10000.01", unit: yuan, clause: RT-1}}
        decisions:
          - question: t.method
            rows:
              - {when: {amount_fen: {at_least: large}}, answer: public, clauses: [RT-1]}
              - {when: {}, answer: invited, clauses: [RT-1]}
        """,
    )
    one = pack(tmp_path)
    assert decide(one, "t.method", {"amount_fen": 1_000_001}, on=ON).value == "public"
    assert decide(one, "t.method", {"amount_fen": 1_000_000}, on=ON).value == "invited"


def test_a_name_is_defined_once_in_a_pack_in_whichever_file(tmp_path: Path):
    figure = "figures: {f: {value: '1', unit: m2, clause: RT-1}}"
    write(tmp_path, one=figure, two=figure)
    assert told(tmp_path, "root/two.yaml:1: 名称“f”重复，前一处在 root/one.yaml:1")


METHOD = "decisions: [{question: t.method, answer: %s, clauses: [%s]%s}]"


def test_an_ancestors_answer_is_inherited_and_overridden_only_by_saying_so(tmp_path: Path):
    write(tmp_path, rules=METHOD % ("public", "RT-1", ""))
    write(tmp_path, "city", "CT")
    inherited = decide(pack(tmp_path, "city"), "t.method", {}, on=ON)
    assert inherited.value == "public"
    assert inherited.defaults == ("本地文件未规定，按《root办法》",)
    write(tmp_path, "city", "CT", rules=METHOD % ("invited", "CT-1", ""))
    assert told(tmp_path, "上级文件（root）已回答“t.method”；确要改写，请加 overrides: root")
    write(tmp_path, "city", "CT", rules=METHOD % ("invited", "CT-1", ", overrides: root"))
    own = decide(pack(tmp_path, "city"), "t.method", {}, on=ON)
    assert own.value == "invited"
    assert own.defaults == ()
    assert own.clauses == ("CT-1",)


def test_an_overridden_figure_changes_the_ancestors_rule_too(tmp_path: Path):
    rules = """
    figures: {large: {value: "100", unit: m2, clause: RT-1}}
    decisions:
      - question: t.method
        rows:
          - {when: {area_m2: {at_least: large}}, answer: public, clauses: [RT-1]}
          - {when: {}, answer: invited, clauses: [RT-1]}
    """
    write(tmp_path, rules=rules)
    write(tmp_path, "city", "CT", rules='figures: {large: {value: "50", unit: m2, clause: CT-1, overrides: root}}')
    packs, found = loaded(tmp_path)
    assert not found
    assert decide(packs["city"], "t.method", {"area_m2": 60}, on=ON).value == "public"
    assert decide(packs["root"], "t.method", {"area_m2": 60}, on=ON).value == "invited"
    write(tmp_path, "city", "CT", rules='figures: {large: {value: "50", unit: m2, clause: CT-1}}')
    assert told(tmp_path, "上级文件（root）已有参数“large”；确要改写，请加 overrides: root")


def test_a_cycle_and_an_unknown_ancestor_are_told_and_nothing_is_raised(tmp_path: Path):
    head = "pack: {0}\ntitle: 甲\ndocument: 甲\nprefix: {1}\nstatus: draft\nextends: {2}\nplace: '34'\n"
    write(tmp_path, "one", "ON", pack=head.format("one", "ON", "two"))
    write(tmp_path, "two", "TW", pack=head.format("two", "TW", "one"))
    write(tmp_path, "three", "TH", pack=head.format("three", "TH", "nowhere"))
    packs, found = loaded(tmp_path)
    assert "extends 互相引用成环：" in "".join(map(str, found))
    assert "未知的上级规则包“nowhere”" in "".join(map(str, found))
    assert packs.slugs == ()


def test_a_broken_pack_leaves_the_others_whole(tmp_path: Path):
    write(tmp_path, rules=METHOD % ("public", "RT-1", ""))
    write(tmp_path, "city", "CT", rules="figures: [")
    packs, found = loaded(tmp_path)
    assert packs.slugs == ("root",)
    assert [one.file for one in found] == ["city/rules.yaml"]


def test_a_pack_below_a_broken_one_is_left_out(tmp_path: Path):
    write(tmp_path, rules="figures: [")
    write(tmp_path, "city", "CT")
    assert loaded(tmp_path)[0].slugs == ()


def test_a_rule_is_asked_on_a_day(tmp_path: Path):
    write(
        tmp_path,
        rules="""
        figures:
          large: {unit: m2, clause: RT-1, values: [{from: 2022-01-01, value: "100"}, {from: 2023-07-01, value: "50"}]}
        decisions:
          - question: t.method
            rows:
              - {when: {area_m2: {at_least: large}}, answer: public, clauses: [RT-1]}
              - {when: {}, answer: invited, clauses: [RT-1]}
          - {question: t.returns, to: 2023-06-30, answer: "1", clauses: [RT-1]}
          - {question: t.returns, from: 2023-07-01, answer: "0", clauses: [RT-2]}
        """,
    )
    one = pack(tmp_path)
    before, after = date(2023, 6, 30), date(2023, 7, 1)
    assert [decide(one, "t.method", {"area_m2": 50}, on=on).value for on in (before, after)] == ["invited", "public"]
    assert [decide(one, "t.returns", {}, on=on).value for on in (before, after)] == [1, 0]
    figure = decide(one, "t.method", {"area_m2": Decimal("50")}, on=after).figures[0]
    assert (figure["value"], figure["from"], figure["unit"]) == (50, "2023-07-01", "m2")


def test_before_its_first_day_a_document_does_not_answer(tmp_path: Path):
    write(tmp_path, rules=METHOD % ("public", "RT-1", ""))
    one = pack(tmp_path)
    assert decide(one, "t.method", {}, on=date(2021, 12, 31)).silent
    assert decide(one, "t.method", {}, on=date(2022, 1, 1)).value == "public"


def test_two_answers_to_one_question_must_not_meet_in_time(tmp_path: Path):
    write(tmp_path, rules=(METHOD % ("public", "RT-1", "")) + "\nformulas: []")
    write(tmp_path, more=METHOD % ("invited", "RT-1", ", from: 2023-01-01"))
    assert told(tmp_path, "施行日期不能重叠")


def test_a_figure_without_a_value_on_the_first_day_of_its_rule_is_told(tmp_path: Path):
    write(
        tmp_path,
        rules="""
        figures: {large: {unit: m2, clause: RT-1, values: [{from: 2023-01-01, value: "100"}]}}
        decisions:
          - question: t.method
            rows:
              - {when: {area_m2: {at_least: large}}, answer: public, clauses: [RT-1]}
              - {when: {}, answer: invited, clauses: [RT-1]}
        """,
    )
    assert told(tmp_path, "参数“large”在 2022-01-01 还没有数值")


def test_anchors_are_looked_up_without_white_space(tmp_path: Path):
    sources = tmp_path / "texts"
    (sources / "national").mkdir(parents=True)
    (sources / "city.txt").write_text("第一条 应当在十五\n日内 答复。", encoding="utf-8")
    (sources / "national" / "law.txt").write_text("过半数同意", encoding="utf-8")
    clause = "clauses:\n  - {{id: {0}-1, where: 一, kind: duty, topic: t, says: 甲, strength: must, anchor: {1}{2}}}\n"
    write(tmp_path / "p", clauses=clause.format("RT", "过半数", ", source: law.txt"))
    write(tmp_path / "p", "city", "CT", clauses=clause.format("CT", "十五日内", "") + "source: city.txt\n")
    assert load(tmp_path / "p", VOCABULARY, sources=sources)[1] == []
    write(tmp_path / "p", "city", "CT", clauses=clause.format("CT", "二十日内", "") + "source: city.txt\n")
    assert "anchor“二十日内”在 city.txt 里找不到" in str(load(tmp_path / "p", VOCABULARY, sources=sources)[1][0])
    assert load(tmp_path / "p", VOCABULARY)[1] == []


def test_the_hash_follows_every_file_of_the_chain(tmp_path: Path):
    write(tmp_path)
    write(tmp_path, "city", "CT")
    first = {one.slug: one.hash for one in loaded(tmp_path)[0]}
    again = {one.slug: one.hash for one in loaded(tmp_path)[0]}
    assert first == again
    write(tmp_path, rules="figures: {f: {value: '1', unit: m2, clause: RT-1}}")
    changed = {one.slug: one.hash for one in loaded(tmp_path)[0]}
    assert all(changed[slug] != first[slug] and len(changed[slug]) == 16 for slug in first)


def test_only_reads_the_packs_named_and_their_ancestors(tmp_path: Path):
    write(tmp_path)
    write(tmp_path, "city", "CT")
    write(tmp_path, "other", "OT", rules="figures: [")
    packs, found = load(tmp_path, VOCABULARY, only=["city"])
    assert (packs.slugs, found) == (("city", "root"), [])
    assert "未知的规则包“citi”，是否想写“city”" in str(load(tmp_path, VOCABULARY, only=["citi"])[1][0])


def test_a_pack_adds_roles_and_matters_and_names_those_of_the_platform(tmp_path: Path):
    write(tmp_path)
    write(
        tmp_path,
        "city",
        "CT",
        terms="""
        terms:
          roles:
            housing: {name: 区住建局, clause: CT-1}
            park_office: {name: 园林处, level: county, kind: office}
          matters:
            tree: {name: 砍树, nature: violation, group: 城管}
        """,
        rules="decisions: [{question: t.route, answer: {lead: park_office}, clauses: [CT-1]}]",
    )
    one = pack(tmp_path, "city")
    assert (one.role_name("housing"), one.role_name("park_office"), one.role_level("park_office")) == (
        "区住建局",
        "园林处",
        "county",
    )
    assert (one.matter_name("tree"), one.matter_name("noise")) == ("砍树", "噪声")
    assert decide(one, "t.route", {"matter": "tree"}, on=ON).shown == "主办：园林处"


def test_a_duty_is_bound_for_the_clocks(tmp_path: Path):
    write(
        tmp_path,
        rules="""
        figures: {days: {value: 15d, unit: period, clause: RT-2}}
        switches: {fast: {title: 加快, type: bool, default: no, clause: RT-2}}
        duties:
          - duty: answer
            title: 答复
            after: case.opened
            where: {matter: noise, kind: [home, mixed], switch.fast: no}
            owner: {field: lead}
            within: {figure: days}
            counts: {field: received_at}
            until: [case.answered]
            clauses: [RT-2]
        """,
    )
    one = pack(tmp_path)
    rule = one.duty_rules["answer"]
    data = {"matter": "noise", "kind": "home"}
    assert one.holds(rule.where, data, on=ON).holds is True
    assert one.holds(rule.where, {"matter": "greening"}, on=ON).holds is False
    assert one.holds(rule.where, {"matter": "noise"}, on=ON) == one.holds(rule.where, {"matter": "noise"}, on=ON)
    assert one.holds(rule.where, {"matter": "noise"}, on=ON).needs == ("kind",)
    assert one.holds(rule.where, data, on=ON, switches={"fast": True}).holds is False
    within = one.resolve(rule.within, data, on=ON)
    assert (str(within.value), within.clauses) == ("15d", ("RT-2",))
