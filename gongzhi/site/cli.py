"""The command `gongzhi`: the first word decides. The pack engine's commands need neither Django nor a database."""

import os
import sys

ENGINE_COMMANDS = ("packs", "questions", "ask", "simulate", "coverage")

HELP = """\
用法：gongzhi 命令 …

  run [--port 8000] [--host 127.0.0.1]   准备一切并启动平台，Ctrl-C 结束
  demo accounts | load | remove          列出演示账号、装入或删除示范数据
  manage 命令 …                          其余管理命令（manage help 列出全部）

  packs check [包…] [--sources 目录]     检查政策包
  packs show 包                          显示一个政策包
  questions [--json]                     平台会问的问题
  ask 包 问题 --facts 文件|-             按一个政策包回答一个问题
  simulate 包 --events 文件|- --at 时刻  按一串事件推演职责与时限
  coverage [--json]                      条款由什么承载、由哪些测试证明
  tally --roll 文件 --rules 文件 --events 文件   按名册、规则、记录计票，结果为 JSON
  verify 文件.zip [--key 公钥] [--json]  核对存证包，指出第一处不符
  trustee --file 文件 [--code 文件]      无记名选举的托管人在不联网的电脑上办理；--new 生成代码
  tally --schema roll|rules|events|result  这几种格式的 JSON Schema
"""


def main(argv: list[str] | None = None) -> int:
    _speak_utf8()
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except BrokenPipeError:  # `gongzhi … | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(arguments: list[str]) -> int:
    word = arguments[0] if arguments else ""
    if word in ENGINE_COMMANDS:
        return _engine(arguments)
    if word == "verify":
        from gongzhi.proof.verifier.verify import main as verify

        return verify(arguments[1:])
    if word == "trustee":
        from gongzhi.proof.secret.commands import main as trustee

        return trustee(arguments[1:])
    if word == "tally":
        from gongzhi.governance.tally.commands import main as tally

        return tally(arguments[1:])
    if word in ("", "help", "-h", "--help"):
        sys.stdout.write(HELP)
        return 0
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.site.settings")
    if word == "run":
        from gongzhi.site.run import run

        return run(arguments[1:])
    if word == "manage":
        return _manage(arguments[1:])
    if word == "demo":
        return _manage(arguments)
    sys.stderr.write(f"没有命令 {word!r}。\n\n{HELP}")
    return 2


def _speak_utf8() -> None:
    """Chinese is printed whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _engine(arguments: list[str]) -> int:
    from gongzhi.policy.commands import main as engine
    from gongzhi.site.vocabulary import vocabulary

    return engine(arguments, vocabulary())


def _manage(arguments: list[str]) -> int:
    """A Django command, with the embedded database running for as long as it takes."""
    from django.core.management import execute_from_command_line

    from gongzhi.site import env

    line = ["gongzhi manage", *arguments]
    if env.text("DATABASE_URL") or not arguments or arguments[0] in ("help", "--help"):
        execute_from_command_line(line)
        return 0
    from django.conf import settings

    from gongzhi.site.embedded import home, serving

    with serving(home(settings.VAR)):
        execute_from_command_line(line)
    return 0
