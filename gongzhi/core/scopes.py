"""What a program's key opens, beside what its post may do. No Django."""

SCOPES: dict[str, str] = {
    "cases:read": "查看投诉和案件",
    "cases:write": "登记投诉、办理案件",
    "hotline:exchange": "热线交换：送工单，取答复",
    "duties:read": "查看期限和任务",
    "duties:write": "办理期限和任务",
    "registry:read": "查看小区、房屋、单位、岗位底数",
    "registry:write": "登记和导入底数",
    "bodies:read": "查看业主组织",
    "bodies:write": "办理业主组织",
    "votes:read": "查看业主表决",
    "votes:write": "办理业主表决（投票除外）",
    "persons:reveal": "查看未脱敏的个人信息（每次留痕）",
    "files:read": "下载文件和文书",
    "files:write": "上传文件、签收文书",
    "policy:read": "查看文件、条款、开关和日历，提问和模拟",
    "policy:write": "设定开关、录入工作日历",
    "accountability:read": "查看督查、任务和公示牌",
    "accountability:write": "办理督查和任务",
    "public:write": "代公众提交和查询投诉",
    "webhooks:manage": "登记和停用事件推送",
}
