"""The command: what it says without and with a wrong word, and that the pack engine needs no Django."""

import subprocess
import sys

import pytest

from gongzhi.site import cli


def test_without_a_word_it_lists_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    printed = capsys.readouterr().out
    assert all(f"  {word} " in printed for word in ("run", "demo", "manage", "packs", "ask", "simulate", "coverage"))


def test_an_unknown_word_is_named_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["fly"]) == 2
    assert "没有命令 'fly'" in capsys.readouterr().err


def test_a_busy_port_is_refused_before_anything_starts() -> None:
    import socket

    from gongzhi.site.run import run

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SystemExit, match="请换一个端口"):
            run(["--port", str(taken.getsockname()[1])])


def test_the_words_of_the_packs_are_collected_without_django() -> None:
    program = (
        "import sys; from gongzhi.site.vocabulary import vocabulary; vocabulary(); "
        "sys.exit(any(name.split('.')[0] in ('django', 'psycopg') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
