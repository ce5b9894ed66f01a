"""The outlook of a target as one plain sentence."""

from decimal import Decimal

from taskboard.rules.landing import FEWEST_WEEKS, Outlook, Stage
from taskboard.rules.numbers import MOST_PLACES, decimal, rounded

COUNTS = ("零", "一", "两", "三", "四")


def sentence(o: Outlook, unit: str, decimals: int = 1) -> str:
    """需每周 3.2 亿，近四周平均 2.1 亿，最好一周 2.9 亿：按现有节奏落在 94 %.

    `decimals` (0..6) are those of the measure; more are shown where rounding would hide which pace is larger.
    """
    match o.stage:
        case Stage.NO_VALUE:
            return "尚无填报，暂不能推算"
        case Stage.OVER:
            return f"周期已结束，{_result(o, o.value, unit, decimals)}"
        case Stage.REACHED | Stage.SLIPPING:
            return _reached(o, unit, decimals)
        case Stage.NO_PACE:
            return f"尚无逐周增量，暂不能推算：{_needed(o, unit, decimals)}"
        case Stage.BACKWARDS:
            places = _places(o, decimals)
            return f"{_needed(o, unit, places)}，{_pace(o, unit, places)}，与目标方向相反：{_lands(o, unit, decimals)}"
        case Stage.FEW:
            few = f"仅有{COUNTS[o.pace_weeks]}周增量，把握尚不能估计"
            return f"{few}：{_paces(o, unit, decimals)}，{_lands(o, unit, decimals)}"
    return f"{_paces(o, unit, decimals)}：{_lands(o, unit, decimals)}"


def confidence_sentence(o: Outlook, unit: str, decimals: int = 1) -> str:
    """较有把握（72 %），八成可能落在 88 % 至 101 %; empty while nothing is known or the period is over."""
    if o.probability is None or o.low is None or o.high is None or not o.weeks_left:
        return ""
    if o.target > 0:
        low, high = (f"{decimal(end / o.target * 100, 0)} %" for end in (o.low, o.high))
    else:
        low, high = (_amount(end, unit, decimals) for end in (o.low, o.high))
    return f"{o.word}（{decimal(o.probability * 100, 0)} %），八成可能落在 {low} 至 {high}"


def deadline_sentence(o: Outlook) -> str:
    """Until when the present pace may go on before even the best pace so far comes too late."""
    if o.pace is None or o.value is None or not o.weeks_left or o.stage == Stage.REACHED:
        return ""
    if o.last_credible is None:
        return "即使以后每周都达到最好一周，也到不了目标"
    if o.last_credible >= o.weeks_left:
        return "保持现有节奏即可到达目标"
    weeks = int(o.last_credible)  # whole weeks, rounded down to be on the safe side
    if not weeks:
        return "须从本周起就达到最好一周的节奏，否则到不了目标"
    return f"现有节奏最多再走 {weeks} 周，此后须每周达到最好一周，否则到不了目标"


def _reached(o: Outlook, unit: str, decimals: int) -> str:
    if o.higher_is_better and o.stage == Stage.REACHED:
        said = "已达目标" + _share(o)
    elif o.higher_is_better:
        said = "目前已达目标" + _share(o)
    else:
        said = "目前在目标以内"
    if o.landing is None:
        return said
    if o.stage == Stage.REACHED:
        return f"{said}，{_lands(o, unit, decimals)}"
    return f"{said}，但{_pace(o, unit, _places(o, decimals))}：{_lands(o, unit, decimals)}"


def _share(o: Outlook) -> str:
    return "" if o.value_ratio is None or o.target < 0 else f"（完成 {_percent(o.value_ratio)}）"


def _result(o: Outlook, value: Decimal | None, unit: str, decimals: int) -> str:
    """What has come of it in the end."""
    if value is None:
        return "无填报数"
    met = value >= o.target if o.higher_is_better else value <= o.target
    verdict = "已达目标" if met else "未达目标"
    if o.higher_is_better and o.target > 0:
        return f"{verdict}，完成 {_percent(value / o.target)}"
    return f"{verdict}，{_against(o, '实际为', value, unit, decimals)}"


def _paces(o: Outlook, unit: str, decimals: int) -> str:
    places = _places(o, decimals)
    said = [_needed(o, unit, places), _pace(o, unit, places)]
    if o.pace_weeks >= FEWEST_WEEKS and o.best is not None:
        said.append(f"最好一周{_move(o, o.best, unit, places)}")
    return "，".join(said)


def _needed(o: Outlook, unit: str, places: int) -> str:
    if o.needed is None:
        return "已无剩余工作周"
    if (o.needed <= 0) if o.higher_is_better else (o.needed >= 0):
        return "支撑项目如期即可到达目标"
    return f"需每周{_move(o, o.needed, unit, places)}"


def _pace(o: Outlook, unit: str, places: int) -> str:
    label = "假定每周" if o.assumed_pace else f"近{COUNTS[o.pace_weeks]}周平均"
    return f"{label}{_move(o, o.pace or Decimal(0), unit, places)}"


def _move(o: Outlook, move: Decimal, unit: str, places: int) -> str:
    """A weekly increment: the direction is said wherever it is not simply upwards."""
    if o.higher_is_better and move >= 0:
        return f" {_amount(move, unit, places)}"
    if not move:
        return "持平"
    return f"{'上升' if move > 0 else '下降'} {_amount(abs(move), unit, places)}"


def _lands(o: Outlook, unit: str, decimals: int) -> str:
    if o.landing is None:
        return "暂不能推算"
    by = "按此节奏" if o.assumed_pace else "按现有节奏"
    if o.planned:
        by += f"并计入支撑项目 {_amount(o.planned, unit, decimals)}，"
    if o.higher_is_better and o.target > 0 and o.landing >= 0:
        return f"{by}落在 {_percent(o.landing / o.target)}"
    return by + _against(o, "期末为", o.landing, unit, decimals)


def _against(o: Outlook, verb: str, value: Decimal, unit: str, decimals: int) -> str:
    """A value beside its target, where a share of the target would mislead."""
    apart = value - o.target
    said = f"{verb} {_amount(value, unit, decimals)}"
    if not apart:
        return f"{said}，与目标持平"
    side = "高于目标" if apart > 0 else "低于目标"
    if o.target > 0:
        share = abs(apart) / o.target * 100
        return f"{said}，{side} {decimal(share, _fewest(share, Decimal(0), 0))} %"
    return f"{said}，{side} {_amount(abs(apart), unit, decimals)}"


def _amount(value: Decimal, unit: str, places: int) -> str:
    return f"{decimal(value, places)} {unit}".strip()


def _percent(ratio: Decimal) -> str:
    """In whole percent, with decimals only where 100 % would be a lie."""
    shown = ratio * 100
    return f"{decimal(shown, _fewest(shown, Decimal(100), 0))} %"


def _places(o: Outlook, decimals: int) -> int:
    """The fewest decimals, not below the measure's, at which needed and pace stand as they really do."""
    if o.needed is None or o.pace is None:
        return decimals
    return max(_fewest(o.needed, o.pace, decimals), decimals)


def _fewest(a: Decimal, b: Decimal, decimals: int) -> int:
    """The fewest decimals at which two different figures are not shown alike."""
    if a == b:
        return decimals
    most = max(MOST_PLACES, decimals)
    return next((n for n in range(decimals, most) if rounded(a, n) != rounded(b, n)), most)
