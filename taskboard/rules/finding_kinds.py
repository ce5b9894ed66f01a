"""校核提示 by kind: which check a sentence that is kept with a report came from.

A report keeps the sentences that its person read. Each check has words of its own, by which they are told apart.
"""

from __future__ import annotations

KINDS: tuple[tuple[str, str, str], ...] = (
    ("unit_slip", "计量单位疑误", "请核对单位是万还是亿"),
    ("fall", "累计数下降", "请核对是否填成当期数"),
    ("jump", "变动过大", "本次每周变动"),
    ("last_days", "期末集中入账", "期末最后一周完成全程的"),
    ("same", "连续不变", "确无进展请说明原因"),
    ("ratio", "比率超过 100 %", "请核对分子分母"),
    ("negative", "负数", "该指标不能为负"),
    ("rank", "位次有误", "位次为"),
)
"""Code, name and the words that mark it."""

MARKS = {code: mark for code, _, mark in KINDS}


def kind_of(words: str) -> str:
    """The code of a sentence, or empty for one of no known check."""
    return next((code for code, _, mark in KINDS if mark in words), "")
