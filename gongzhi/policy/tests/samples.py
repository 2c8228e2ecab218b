"""A small vocabulary and a way to write small packs into a folder."""

from pathlib import Path
from textwrap import dedent

from gongzhi.policy import (
    AREA_M2,
    BOOL,
    COUNT,
    DATE,
    LIST,
    MATTER,
    MOMENT,
    MONEY_FEN,
    NUMBER,
    PERIOD,
    RATIO,
    ROLE,
    TEXT,
    Enum,
    EventKind,
    Fact,
    Matter,
    Pack,
    Packs,
    Problem,
    Question,
    Record,
    RecordField,
    Role,
    Vocabulary,
    load,
)

KIND = Enum({"home": "住宅", "shop": "商铺", "mixed": "混合"})
FACTS = (
    Fact("kind", KIND, "类型"),
    Fact("area_m2", AREA_M2, "面积"),
    Fact("bidders", COUNT, "投标人数"),
    Fact("approved", BOOL, "已批准"),
    Fact("matter", MATTER, "事项"),
    Fact("tags", LIST(Enum("a", "b", "c")), "标签"),
    Fact("share", RATIO, "占比"),
    Fact("amount_fen", MONEY_FEN, "金额"),
    Fact("rate", NUMBER("yuan/m2/month"), "单价"),
    Fact("held_on", DATE, "开会日"),
    Fact("note", TEXT, "备注"),
)
VOCABULARY = Vocabulary(
    questions=(
        Question("t.method", "用什么方式", FACTS, Enum("public", "invited", "agreement")),
        Question("t.methods", "可用哪些方式", FACTS, LIST(Enum("public", "invited", "agreement"))),
        Question(
            "t.route",
            "谁主办",
            FACTS,
            Record(
                RecordField("lead", ROLE, "主办"),
                RecordField("support", LIST(ROLE), "协办"),
                RecordField("nature", Enum("violation", "dispute"), "类别", optional=True),
            ),
        ),
        Question("t.deadline", "多久答复", FACTS, PERIOD),
        Question("t.returns", "退几次", FACTS, COUNT, default=2),
        Question("t.charge", "收多少", FACTS, MONEY_FEN, kind="formula"),
        Question("t.area", "多大面积", FACTS, AREA_M2, kind="formula"),
        Question("t.register", "是否齐全", FACTS, BOOL, kind="check"),
    ),
    events=(
        EventKind("case.opened", "受理", {"matter": MATTER, "received_at": MOMENT, "lead": ROLE, "kind": KIND}),
        EventKind("case.answered", "答复", {"lead": ROLE}),
    ),
    roles=(
        Role("street_office", "镇街", "street"),
        Role("housing", "住建局", "county"),
        Role("planning", "规划局", "county"),
        Role("leading_group_office", "领导小组办公室", "county"),
    ),
    matters=(Matter("noise", "噪声", "violation"), Matter("greening", "绿化", "request")),
)

PACK = """
    pack: {slug}
    title: {slug}市
    document: {slug}办法
    prefix: {prefix}
    status: in_force
    from: 2022-01-01
"""
CLAUSES = """
    clauses:
      - {{id: {prefix}-1, where: 一, kind: threshold, topic: tender, says: 甲, strength: must}}
      - {{id: {prefix}-2, where: 二, kind: duty, topic: complaint, says: 乙, strength: must}}
"""


def write(folder: Path, slug: str = "root", prefix: str = "RT", **files: str) -> Path:
    """A pack with two clauses. `pack` and `clauses` replace those files; any other keyword is a file of its name."""
    home = folder / slug
    home.mkdir(parents=True, exist_ok=True)
    standard = {"pack": PACK.format(slug=slug, prefix=prefix), "clauses": CLAUSES.format(prefix=prefix)}
    if slug != "root" and "pack" not in files:
        standard["pack"] += '    extends: root\n    place: "340207"\n'
    for name, text in {**standard, **files}.items():
        (home / f"{name}.yaml").write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return folder


def loaded(folder: Path) -> tuple[Packs, list[Problem]]:
    return load(folder, VOCABULARY)


def pack(folder: Path, slug: str = "root") -> Pack:
    packs, problems = loaded(folder)
    assert not problems, "\n".join(map(str, problems))
    return packs[slug]


def problems(folder: Path) -> list[str]:
    return [str(one) for one in loaded(folder)[1]]
