"""`gongzhi trustee`: a trustee's part on a computer without any network."""

import argparse
import getpass
import json
import sys
from pathlib import Path

from gongzhi.proof.secret import ceremony, entries, trustee_tool
from gongzhi.proof.secret.trustee_tool import NothingToDo, sums_fingerprint
from gongzhi.proof.secret.trustees import BadTrustee

DONE = {
    "channel": "这一步是“领取编号”。请把下面的文件交到托管页上。",
    "deal": "这一步是“分发份额”。请把下面的文件交到托管页上。",
    "confirm": "份额都核对过，与各人的承诺相符。请把下面的文件交到托管页上。",
    "complaint": "有人发给您的份额和他的承诺不符！请把下面的举报交到托管页上，平台会当众核对。",
    "open": "合计由您重新加过，与平台给的相符。请把下面的开票文件交到托管页上。",
}
WAITING = {
    "channel": "您已经领过编号，请等其他托管人领完，再下载新的文件。",
    "deal": "您已经分发过份额，请等其他托管人分发完，再下载新的文件。",
    "confirm": "您已经核对过份额，请等其他托管人核对完。",
    "open": "密钥已经备好，截止、汇总以后再来开票。",
}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="gongzhi trustee", description="托管人在不联网的电脑上办理。")
    parser.add_argument("--new", action="store_true", help="生成一个新的托管代码，请抄下来保管")
    parser.add_argument("--file", type=Path, help="从托管页下载的文件")
    parser.add_argument("--code", type=Path, help="存有托管代码的文件；不写就当场输入")
    parser.add_argument("--out", type=Path, help="把要交的内容写到这个文件；不写就打印")
    asked = parser.parse_args(argv)
    if asked.new:
        sys.stdout.write(f"{ceremony.new_code()}\n")
        sys.stderr.write("这是您的托管代码。只抄在纸上，不要拍照，不要告诉任何人；丢了就不能开票。\n")
        return 0
    if asked.file is None:
        parser.error("要写 --file，或用 --new 生成代码")
    try:
        file = json.loads(asked.file.read_text(encoding="utf-8"))
        code = asked.code.read_text(encoding="utf-8") if asked.code else getpass.getpass("托管代码：")
        marker = asked.code.with_suffix(".opened") if asked.code else None
        return _told(trustee_tool.answer(file, code), file, out=asked.out, marker=marker)
    except NothingToDo as error:
        sys.stdout.write(f"{WAITING[str(error)]}\n")
        return 0
    except BadTrustee as error:
        sys.stderr.write(f"不办：文件不对，或其中有人的证明不成立（{error}）。\n")
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"不办：文件读不了，或代码写错了（{error}）。请核对代码，一共8组、每组4个。\n")
    return 1


def _told(made: dict[str, object], file: dict[str, object], *, out: Path | None, marker: Path | None) -> int:
    """The marker beside the code remembers what was opened: two different sums would tell single ballots apart."""
    step = next(iter(made))
    sums = file.get("sums")
    if step == "open" and marker is not None and isinstance(sums, dict):
        print_ = sums_fingerprint(sums)
        before = marker.read_text(encoding="utf-8").strip() if marker.exists() else print_
        if before != print_:
            sys.stderr.write("不办：这次选举您已经开过另一个合计。开两个不同的合计，能算出个别人的票。\n")
            return 1
        marker.write_text(f"{print_}\n", encoding="utf-8")
    if step != "channel":
        election = entries.election_of(str(file["origin"]), str(file["motion"]), str(file["voters"]).encode())
        channels = [ceremony.channel_of(one, election) for one in file["channels"]]  # type: ignore[attr-defined]
        sys.stderr.write(f"会签码 {ceremony.fingerprint(election, channels)}：请和其他托管人当面或电话核对一致。\n")
    sys.stderr.write(f"{DONE[step]}\n")
    text = json.dumps(made, ensure_ascii=False)
    if out is not None:
        out.write_text(f"{text}\n", encoding="utf-8")
    else:
        sys.stdout.write(f"{text}\n")
    return 0
