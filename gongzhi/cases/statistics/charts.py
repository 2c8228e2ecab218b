"""Charts as SVG, drawn on the server and served as images. Each stands beside the table that holds its numbers."""

import sys
from collections.abc import Sequence

import pygal
from pygal.style import Style

from gongzhi.cases.statistics.queries import Line, MonthLine

# Pygal leaves a finder of modules that speaks the protocol of Python 2; whoever asks the finders stumbles over it.
sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]

FONT = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, Source Han Sans SC, sans-serif"
BLUE, GREY, INK, LINE, PAPER = "#0b4ea2", "#8a9bb0", "#16202e", "#cbd6e3", "#fff"
TEXT_PX = 16
WIDTH, TREND_HEIGHT, ROW_HEIGHT, HEAD_HEIGHT, MARGIN = 600, 440, 40, 70, 8
MOST_BARS = 8
LONGEST_LABEL = 11
STYLE = Style(
    background=PAPER,
    plot_background=PAPER,
    foreground=INK,
    foreground_strong=INK,
    foreground_subtle=LINE,
    colors=(BLUE, GREY),
    value_colors=(PAPER, INK),
    stroke_width="3",
    stroke_width_hover="3",
    font_family=FONT,
    label_font_size=TEXT_PX,
    major_label_font_size=TEXT_PX,
    value_font_size=TEXT_PX,
    legend_font_size=TEXT_PX,
    no_data_font_size=TEXT_PX,
    opacity="1",
    opacity_hover="1",
    transition="none",
)
# `js`: nothing is loaded from elsewhere and nothing moves.
_COMMON = {
    "style": STYLE,
    "js": [],
    "width": WIDTH,
    "legend_at_bottom": True,
    "legend_box_size": TEXT_PX,
    "no_data_text": "没有收到",
    "show_dots": True,
    "margin": MARGIN,
    "truncate_label": LONGEST_LABEL,
}


def trend_chart(months: Sequence[MonthLine]) -> bytes:
    """The line of twelve months, and that of the year before."""
    most = max((max(one.received, one.year_before) for one in months), default=0)
    chart = pygal.Line(height=TREND_HEIGHT, min_scale=2, range=(0, _top(most)), formatter=_whole, **_COMMON)
    chart.x_labels = [f"{one.month.first.month}月" for one in months]
    chart.add("本期", [one.received for one in months], stroke_style={"width": 3}, dots_size=4)
    chart.add(
        "上年同月", [one.year_before for one in months], stroke_style={"width": 3, "dasharray": "6, 4"}, dots_size=3
    )
    return bytes(chart.render())


def bar_chart(lines: Sequence[Line], now: str, before: str) -> bytes:
    """The largest groups as bars, the same of the year before beneath each."""
    shown = list(lines[:MOST_BARS])[::-1]
    most = max((max(one.figures.received, one.year_before) for one in shown), default=0)
    chart = pygal.HorizontalBar(
        height=HEAD_HEIGHT + ROW_HEIGHT * max(len(shown), 1), print_values=True, formatter=_whole,
        range=(0, _top(most)),
        show_x_labels=False, show_x_guides=False, margin_left=_room(shown), **_COMMON,
    )  # fmt: skip
    chart.x_labels = [one.name for one in shown]
    chart.add(now, [one.figures.received for one in shown])
    chart.add(before, [one.year_before for one in shown])
    return bytes(chart.render())


def _room(shown: Sequence[Line]) -> int:
    """The room that labels need beyond what is reckoned for Latin letters, which are half as wide."""
    longest = max((min(len(one.name), LONGEST_LABEL) for one in shown), default=0)
    return MARGIN + longest * TEXT_PX // 2


def _top(most: int) -> int:
    """A little above the tallest, so that its number has room."""
    return max(most + most // 8 + 1, 2)


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"
