"""A wrong rule set is named with its line, its place, the wrong word and the nearest known one."""

import pytest

from taskboard.rules import ruleset
from taskboard.rules.places import line_of, place_words
from taskboard.rules.ruleset import RuleSetError
from tests.rules.test_ruleset import OWN

MODIFIER = '\n[[modifiers]]\nid = "a"\nwhen = "done"\n'


def _refused(text):
    with pytest.raises(RuleSetError) as refused:
        ruleset.parse(text)
    return str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "place", "remedy"),
    [
        ("gap < -line", "gpa < -line", "第 14 行 amount 第 1 条 when", "是否为“gap”"),
        ("gap < -line", "gap < -lime", "第 14 行 amount 第 1 条 when", "是否为“line”"),
        ("gap < -line", "gap", "第 14 行 amount 第 1 条 when", "是数"),
        ("gap < -line", "done < 3", "第 14 行 amount 第 1 条 when", "是非词"),
        ("gap < -line", "gap <", "第 14 行 amount 第 1 条 when", "看不懂"),
        ("gap < -line", "__import__('os')", "第 14 行 amount 第 1 条 when", "不能用的写法"),
        ("gap < -line", "gap.real < 3", "第 14 行 amount 第 1 条 when", "不能用的算式"),
        ("gap < -line", "gap in 3", "第 14 行 amount 第 1 条 when", "比较符号"),
        ("gap < -line", "1 < 2", "第 14 行 amount 第 1 条 when", "两边都是数"),
        ("gap < -line", "gap < 1 / 0", "第 14 行 amount 第 1 条 when", "除数为零"),
        ("gap < -line", "gap < 1e999", "第 14 行 amount 第 1 条 when", "不能用的算式"),
        ("gap < -line", f"gap < {'-' * 600}1", "第 14 行 amount 第 1 条 when", "超过 500 字"),
        ("gap < -line", "not gap < 3", "第 14 行 amount 第 1 条 when", "not 只能"),
        ('when = "gap < -line"', "all = []", "第 14 行 amount 第 1 条 all", "至少一项"),
        ('when = "gap < -line"', 'any = ["done",\n"dun"]', "第 15 行 amount 第 1 条 any 第 2 项", "是否为“due”"),
        ('when = "gap < -line"', 'any = [{ none = ["done"] }]', "第 14 行 amount 第 1 条 any 第 1 项", "all 或 any"),
        ('when = "gap < -line"', "when = 3", "第 14 行 amount 第 1 条 when", "应为文字"),
        ('when = "gap < -line"', 'when = "done"\nany = ["done"]', "第 15 行 amount 第 1 条 any", "之一"),
        ('when = "gap < -line"', "when = \"\"\"\nnot done\nand gapp < 3\"\"\"", "第 16 行 amount 第 1 条", "“gap”"),
        ('when = "gap < -line"\n', "", "第 11 行 amount 第 1 条", "缺少条件"),
        ('light = "red"', 'light = "read"', "第 13 行 amount 第 1 条 light", "是否为“red”"),
        ('light = "red"\n', "", "第 11 行 amount 第 1 条 light", "缺少亮灯"),
        ('light = "red"', 'ligth = "red"', "第 13 行 amount 第 1 条 ligth", "是否为“light”"),
        ("{completion}", "{completeness}", "第 23 行 amount 第 3 条 words", "是否为“completion”"),
        ("{completion}", "{completion", "第 23 行 amount 第 3 条 words", "花括号"),
        ('light = "黄"', 'id = "low"\nlight = "黄"', "第 17 行 amount 第 2 条 id", "编号“low”重复"),
        ("[[amount]]", "[[amuont]]", "第 11 行 amuont", "是否为“amount”"),
        ('extends = "standard"', 'extends = "standart"', "第 6 行 extends", "是否为“standard”"),
        ("value = 5", 'value = "五"', "第 9 行 parameters.line.value", "应为数"),
        ("value = 5", "value = nan", "第 9 行 parameters.line.value", "应为数"),
        ("line = {", "gap = {", "第 9 行 parameters.gap", "请改名"),
        ("title = \"红线\"", "titel = \"红线\"", "第 9 行 parameters.line.titel", "是否为“title”"),
        ("2020-04-01", '"四月"', "第 5 行 valid_from", "生效日期"),
        ("version = 2", "", "第 1 行 version", "缺少版本号"),
        ('name = "own"', "", "第 1 行 name", "缺少这一项"),
        ('name = "own"', "name = 3", "第 2 行 name", "应为文字"),
        ("title = \"自拟规则集\"", "titel = \"自拟规则集\"", "第 3 行 titel", "是否为“title”"),
        ("assumption = true", 'assumption = "也许"', "第 9 行 parameters.line.assumption", "true 或 false"),
        ('words = "完成', 'source = 3\nwords = "完成', "第 23 行 amount 第 3 条 source", "应为文字"),
        ('words = "完成', 'extends = "ouhai"\nwords = "完成', "第 23 行 amount 第 3 条 extends", "文件开头"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_named_with_its_line_and_remedy(old, new, place, remedy):
    assert old in OWN
    said = _refused(OWN.replace(old, new, 1))

    assert said.startswith(place)
    assert remedy in said


@pytest.mark.parametrize(
    ("more", "place", "remedy"),
    [
        ("", "第 25 行 modifiers 第 1 条", "有且只有一项"),
        ('mark = "已"\nkinds = ["amount",\n  "tusk"]', "第 30 行 modifiers 第 1 条 kinds", "是否为“task”"),
        ('light = "red"\nfrom = "yellow"', "第 29 行 modifiers 第 1 条 from", "应为列表"),
        ('light = "red"\nfrom = ["red", "yelow"]', "第 29 行 modifiers 第 1 条 from", "是否为“yellow”"),
        ('light = "red"\nopens = true', "第 29 行 modifiers 第 1 条 opens", "mark"),
        ('mark = "已"' + MODIFIER + 'mark = "又"', "第 30 行 modifiers 第 2 条 id", "编号“a”重复"),
    ],
)
def test_a_wrong_modifier_is_named(more, place, remedy):
    said = _refused(OWN + MODIFIER + more)

    assert said.startswith(f"{place}：")
    assert remedy in said


@pytest.mark.parametrize(
    ("old", "new", "line", "remedy"),
    [
        ("version = 2", "version = 2\nversion = 3", 5, "重复出现"),
        ('light = "red"', "light = red", 13, "英文双引号"),
        ('light = "red"', "light = “red”", 13, "英文双引号"),
        ('light = "red"', 'light "red"', 13, "等号"),
        ('light = "red"', 'light = "red', 13, "引号"),
        ("[[amount]]", "[[amount]", 11, "不是正确的 TOML"),
        ('light = "red"', "light: red", 13, "YAML"),
        ("version = 2", "version = 2 extends = 3", 4, "一行只写一项"),
    ],
)
def test_what_is_not_toml_is_named_by_its_line(old, new, line, remedy):
    said = _refused(OWN.replace(old, new, 1))

    assert said.startswith(f"第 {line} 行：不是正确的 TOML")
    assert remedy in said


def test_a_single_section_in_place_of_a_list_is_explained():
    assert "两层方括号" in _refused(OWN.replace("[[amount]]", "[amount]", 1).partition("[[amount]]")[0])
    assert _refused(OWN + '\n[growth]\nlight = "red"\n').startswith("第 25 行 growth：")


@pytest.mark.parametrize(
    "text", ["", "1", "规则", "a = [[[", "\x00", "- a: b", "name: 规则", "amount = 1", "a = " + "[" * 9000]
)
def test_what_is_no_rule_set_at_all_is_refused(text):
    assert _refused(text)


def test_the_line_of_every_way_of_writing():
    text = (
        "# [[amount]]\r\n"
        "a.b = 1 # a = 2\r\n"
        "'quoted' = \"x # y\"\n"
        'long = """\n[[amount]]\nword\n"""\n'
        "list = [ # one\n  1,\n  { x = [2], y = 3 },\n]\n"
        "[t]\nk = 1\n"
        "[[r]]\nk = 1\n[r.sub]\nz = 1\n"
        "[[r]]\nk = '''\nb'''\n"
    )
    places = {
        ("a", "b"): 2, ("quoted",): 3, ("long",): 4, ("list", 2): 10, ("list", 2, "y"): 10, ("t", "k"): 13,
        ("r", 1): 14, ("r", 1, "k"): 15, ("r", 1, "sub", "z"): 17, ("r", 2): 18, ("r", 2, "k"): 19,
        ("r", 2, "missing"): 18, ("nothing",): 1,
    }  # fmt: skip
    assert {place: line_of(text, place) for place in places} == places
    assert line_of(text, ("long",), "word") == 6
    assert line_of(text, ("r", 2, "k"), "b") == 20


def test_a_place_is_said_as_people_say_it():
    assert place_words(("amount", 2, "any", 1)) == "amount 第 2 条 any 第 1 项"
    assert place_words(("parameters", "line", "value")) == "parameters.line.value"
    assert place_words(()) == ""
