"""The words of paper ballots. No Django."""

SHEET_STATES: dict[str, str] = {
    "waiting": "待录入",
    "once": "待复核",
    "differs": "两人不一致",
    "counted": "已录入",
    "set_aside": "不录入",
}
OPEN_STATES = ("waiting", "once", "differs")
# What the two people may find on a page; what is wrong with its code, the platform finds.
FAULTS_SEEN = ("no_signature", "signature_mismatch", "double_mark", "illegible")
