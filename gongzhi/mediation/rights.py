"""Who may do what in a mediation. The row grants its own roles: `mediation_body` to the body that has it now,
`mediation_past` to those that had it, `mediation_party`, `mediation_helper`, `mediation_filer` to who put it down,
`mediation_conference` to who holds the conference before which it is, `mediation_raised` to whom it was raised;
`mediation_reader`, `mediation_guide`, `mediation_overseer`, `mediation_court` go to the offices that the place's
document names. No Django."""

from gongzhi.core.rights import Right

BODY = ("mediation_body",)
PARTY = ("mediation_party",)
GUIDES = ("mediation_guide", "mediation_overseer")

RIGHTS: tuple[Right, ...] = (
    Right("mediation.apply", scope="party", title="申请调解"),
    Right(
        "mediation.read",
        roles=(
            *BODY, *PARTY, "mediation_past", "mediation_helper", "mediation_filer", "mediation_reader",
            "mediation_overseer", "mediation_court", "mediation_conference", "mediation_raised",
        ),
        scope="party",
        title="查看调解案件",
    ),
    Right(
        "mediation.hear",
        roles=(*BODY, *PARTY, "mediation_past", "mediation_helper"),
        scope="party",
        title="查看调解内容",
    ),
    Right("mediation.work", roles=BODY, scope="party", title="办理调解"),
    Right("mediation.consent", roles=(*PARTY, *BODY), scope="party", title="登记是否同意调解"),
    Right("mediation.withdraw", roles=(*PARTY, *BODY), scope="party", title="终止调解"),
    Right("mediation.sign", roles=(*PARTY, *BODY), scope="party", title="签收协议"),
    Right("mediation.confirm", roles=(*PARTY, *BODY, "mediation_court"), scope="party", title="登记司法确认"),
    Right("mediation.rule", roles=(*BODY, "mediation_court"), scope="party", title="登记司法确认的裁定"),
    Right("mediation.help", roles=("mediation_helper", *BODY), scope="party", title="登记协助意见"),
    Right("mediation.comment", roles=("mediation_reader", "mediation_overseer"), scope="party", title="指导下级调解"),
    Right("mediation.take_over", roles=("mediation_overseer",), scope="party", title="指派、提级接办"),
    Right("mediation.court", roles=(*BODY, "mediation_past", "mediation_court"), scope="party", title="登记诉讼"),
    Right("mediation.refer", roles=("mediation_court",), scope="party", title="移交庭外调解"),
    Right("mediation.put", roles=(*BODY, "mediation_filer"), scope="party", title="提请联席会议"),
    Right("mediation.confer", roles=("mediation_conference",), scope="party", title="登记联席会议的处置措施"),
    Right("mediation.conclude", roles=("mediation_conference", "mediation_raised"), scope="party",
          title="登记会议结论"),
    Right("conference.hold", roles=("conference_holder",), scope="party", title="登记联席会议"),
    Right("conference.read", roles=("conference_holder", "conference_above", "mediation_reader"), scope="party",
          title="查看联席会议"),
    Right("mediation.statistics", roles=(*GUIDES, "mediation_reader", "mediation_statistics"), scope="party",
          title="查看调解统计"),
    Right("mediation.guide", roles=(*GUIDES, "mediation_reader"), scope="party", title="登记调解指导"),
    Right("mediation.bodies", scope="party", title="查看调解机构",
          roles=(*GUIDES, "mediation_reader", "mediation_statistics", "mediation_court")),
    Right("mediation.staff", roles=(*GUIDES, "mediation_reader"), scope="party", title="登记调解员"),
    Right("circuit.plan", roles=("mediation_court",), scope="party", title="安排巡回审理"),
)  # fmt: skip
