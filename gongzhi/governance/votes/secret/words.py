"""The words of secret elections. No Django."""

OFFICES: dict[str, str] = {
    "street": "镇街",
    "community": "社区",
    "owners_committee": "业主委员会（筹备组）",
    "owners": "业主监督员",
    "lawyer": "律师、公证",
    "other": "其他",
}
CEREMONY_STATES: dict[str, str] = {
    "running": "托管进行中",
    "ready": "密钥已备好",
    "failed": "有人作假，要重来",
}
# What a trustee does, in order; the last one after the close.
STEPS: dict[str, str] = {
    "channel": "领取编号",
    "deal": "分发份额",
    "confirm": "核对份额",
    "open": "开票",
}
CHANNELS: dict[str, str] = {"phone": "手机", "desk": "现场", "paper": "纸质代录"}
