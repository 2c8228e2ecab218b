"""The events of the core. A payload holds what a pack may test and no personal data. No Django."""

from gongzhi.policy.vocabulary import BOOL, COUNT, DATE, LIST, OPTIONAL, ROLE, TEXT, EventKind

EVENTS: tuple[EventKind, ...] = (
    EventKind(
        "document.issued",
        "发出文书",
        {
            "instrument": TEXT,
            "number": TEXT,
            "issuer": ROLE,
            "to": LIST(ROLE),
            "copy_to": LIST(ROLE),
            "subject": TEXT,
        },
        subject="document",
    ),
    EventKind(
        "document.signed_for",
        "签收文书",
        {"instrument": TEXT, "number": TEXT, "by": OPTIONAL(ROLE)},
        subject="document",
    ),
    EventKind(
        "switch.set",
        "设定开关",
        {"pack": TEXT, "switch": TEXT, "value": TEXT, "from_on": DATE, "reason": TEXT},
        subject="place",
    ),
    EventKind(
        "pack.attached",
        "启用文件",
        {"pack": TEXT, "hash": TEXT, "status": TEXT, "switched_on": BOOL, "since": OPTIONAL(DATE)},
        subject="place",
    ),
    EventKind("calendar.entered", "录入工作日历", {"year": COUNT, "source": TEXT}, subject="calendar"),
    EventKind("person.revealed", "查看个人信息", {"field": TEXT, "reason": TEXT}, subject="person"),
    EventKind("user.opened", "开通账号", {"role": OPTIONAL(ROLE)}, subject="user"),
    EventKind("user.password_reset", "重设口令", {}, subject="user"),
    EventKind("user.password_changed", "本人改口令", {}, subject="user"),
    EventKind("user.stopped", "停用账号", {"reason": TEXT}, subject="user"),
    EventKind("user.resumed", "恢复账号", {}, subject="user"),
    EventKind("user.second_factor_set", "启用二次验证", {}, subject="user"),
    EventKind("user.second_factor_removed", "停用二次验证", {"own": BOOL}, subject="user"),
    EventKind("user.recovery_code_used", "用恢复码登录", {"left": COUNT}, subject="user"),
    EventKind(
        "unit.begun", "设立单位", {"lead": ROLE, "from_on": DATE, "replaces": OPTIONAL(TEXT)}, subject="organisation"
    ),
    EventKind("unit.ended", "撤销单位", {"lead": ROLE, "to_on": DATE, "heir": OPTIONAL(TEXT)}, subject="organisation"),
    EventKind("post.begun", "到岗", {"role": ROLE, "begins_on": DATE}, subject="post"),
    EventKind("post.ended", "离岗", {"role": ROLE, "ends_on": DATE}, subject="post"),
    EventKind("post.deputy_set", "指定代办人", {"role": ROLE, "until": OPTIONAL(DATE)}, subject="post"),
    EventKind(
        "token.issued",
        "发放接口令牌",
        {"role": ROLE, "scopes": LIST(TEXT), "expires_on": DATE},
        subject="token",
    ),
    EventKind("token.revoked", "收回接口令牌", {"role": ROLE, "reason": TEXT}, subject="token"),
    EventKind("webhook.begun", "登记事件推送", {"role": ROLE, "host": TEXT, "kinds": LIST(TEXT)}, subject="webhook"),
    EventKind("webhook.ended", "停用事件推送", {"role": ROLE, "host": TEXT}, subject="webhook"),
    EventKind("webhook.gave_up", "事件推送停止重送", {"host": TEXT, "event": COUNT, "tries": COUNT}, subject="webhook"),
    EventKind("webhook.sent_again", "事件再次推送", {"host": TEXT, "event": COUNT}, subject="webhook"),
    EventKind(
        "file.stored",
        "存入文件",
        {"content_type": TEXT, "size": COUNT, "sha256": TEXT, "owner": TEXT},
        subject="file",
    ),
    EventKind("file.uploads_swept", "清除没有用上的上传", {"files": COUNT, "bytes": COUNT}, subject="file"),
)
