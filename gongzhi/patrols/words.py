"""The words of patrols and findings. Who patrols how often, what a sheet asks and until when is pack data."""

EVERY: dict[str, str] = {
    "day": "每日",
    "week": "每周",
    "month": "每月",
    "quarter": "每季度",
    "half_year": "每半年",
    "year": "每年",
}
SOURCES: dict[str, str] = {
    "round": "巡查",
    "report": "上报",
    "entry": "登记簿",
}
# Whose failing it is.
SIDES: dict[str, str] = {
    "developer": "建设单位",
    "property_company": "物业服务企业",
    "owners_committee": "业主委员会（物管会）",
    "owner": "业主、使用人",
    "other": "其他",
}
GRADES: dict[str, str] = {"minor": "一般", "serious": "较大", "major": "重大"}
STATES: dict[str, str] = {
    "found": "待明确责任",
    "assigned": "整改中",
    "rectified": "待复查",
    "passed": "已销号",
    "handed": "已转案件",
    "voided": "已作废",
}
OPEN_STATES = ("found", "assigned", "rectified")
STEPS: dict[str, str] = {
    "found": "发现问题",
    "assigned": "明确责任",
    "rectified": "报送整改",
    "passed": "复查通过",
    "failed": "复查未通过",
    "escalated": "升级",
    "published": "公开",
    "eased": "现场处理",
    "handed": "转为案件",
    "noticed": "出具整改通知书",
    "voided": "作废",
}
ON_TIME: dict[str, str] = {"running": "期限内", "in_time": "按期", "late": "逾期完成", "overdue": "超期"}
ENTRY_STEPS: dict[str, str] = {"entered": "登记", "changed": "修改", "staged": "办理"}
NOTICE = "rectification_notice"
UNIT_PARTS: dict[str, str] = {"lead": "巡查", "joint": "联合"}
LISTS: dict[str, str] = {"problems": "问题清单", "duties": "责任清单", "rectification": "整改清单"}
