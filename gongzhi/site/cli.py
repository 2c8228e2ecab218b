"""The command `gongzhi`. The first word decides; the pack engine's commands run without Django and without a database."""

import os
import sys

ENGINE_COMMANDS = ("packs", "questions", "ask", "simulate", "coverage", "tally", "verify")


def main(argv: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    word = arguments[0] if arguments else ""
    if word in ENGINE_COMMANDS:
        return _engine(arguments)
    if word == "manage":
        return _manage(arguments[1:])
    return 2


def _engine(arguments: list[str]) -> int:
    from gongzhi.policy.commands import main as engine
    from gongzhi.site.vocabulary import vocabulary

    return engine(arguments, vocabulary())


def _manage(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.site.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["gongzhi manage", *arguments])
    return 0
