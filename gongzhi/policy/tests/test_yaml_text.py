import pytest

from gongzhi.policy.yaml_text import read_text


def test_every_scalar_stays_the_text_that_the_author_wrote():
    value, problems = read_text("on: yes\ntime: 1:30\nshare: 0.10\nday: 2022-05-01\nnone: ~\nlong: 007\n", "f.yaml")
    assert not problems
    assert value == {"on": "yes", "time": "1:30", "share": "0.10", "day": "2022-05-01", "none": "~", "long": "007"}


def test_a_mapping_knows_the_line_of_each_key_and_a_list_of_each_entry():
    value, _ = read_text("a: 1\nb:\n  - x\n  - y\n", "f.yaml")
    assert value.line_of("b") == 2
    assert value["b"].lines == [3, 4]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: 键“a”重复，前一处在第 1 行"),
        ("a: {b: 1, b: 2}\n", "f.yaml:1: 键“b”重复，前一处在第 1 行"),
        ("a: &x 1\n", "f.yaml:1: 不支持锚点“&x”，请把内容写全"),
        ("a: &x 1\nb: *x\n", "f.yaml:2: 不支持引用“*x”，请把内容写全"),
        ("a: !!python/name:os.system x\n", "f.yaml:1: 不支持标签“tag:yaml.org,2002:python/name:os.system”"),
        ("a: !env X\n", "f.yaml:1: 不支持标签“!env”"),
        ("? [1]\n: 2\n", "f.yaml:1: 键必须是文字"),
        ("a:\n\tb: 1\n", "f.yaml:2: 有不能开头的字符"),
        ("a: [1\n", "f.yaml:2: YAML 写法有误"),
        ("", "f.yaml:1: 文件是空的"),
    ],
)
def test_what_is_refused_is_told_with_file_and_line(text: str, told: str):
    _, problems = read_text(text, "f.yaml")
    assert any(str(one).startswith(told) for one in problems), problems


def test_a_star_or_an_ampersand_inside_text_is_no_alias():
    value, problems = read_text("a: 甲 & 乙 * 丙\n", "f.yaml")
    assert not problems
    assert value["a"] == "甲 & 乙 * 丙"
