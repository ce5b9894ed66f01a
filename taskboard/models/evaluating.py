"""The verb of an evaluation: taking in what was published. A revision supersedes; nothing is overwritten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from taskboard.db import db
from taskboard.errors import Refused
from taskboard.models.evaluation import Evaluation, EvaluationResult, EvaluationScore
from taskboard.models.event import Kind, record
from taskboard.rules.evaluation import Overall, Score

SAID = {
    EvaluationResult: ("published_on", "rating", "province_rank", "city_rank", "note", "illustrative"),
    EvaluationScore: ("dimension", "value", "measure", "province_rank", "city_rank", "indicator_id", "illustrative"),
}
Row = EvaluationResult | EvaluationScore


def differences(row: Row, said: Overall | Score) -> dict[str, tuple[Any, Any]]:
    """What the statement says otherwise than the row: column → (before, after)."""
    pairs = ((name, getattr(row, name), getattr(said, name)) for name in SAID[type(row)])
    return {name: (before, after) for name, before, after in pairs if before != after}


def publish(
    evaluation: Evaluation, said: Overall | Score, before: Row | None, by: int | None, at: datetime, position: int = 0
) -> Row:
    """Take in what was published of a period or of an indicator in it; `before` is what counted until now.

    The same again changes nothing; something else supersedes `before`, which is kept. The caller holds the series.
    """
    changed = differences(before, said) if before is not None else {}
    if before is not None and not changed:
        return before
    _check_rank(said.province_rank, evaluation.of_province)
    _check_rank(said.city_rank, evaluation.of_city)
    row = _row(evaluation, said, position)
    row.imported_by_id, row.imported_at = by, at
    if before is not None:
        row.revision, row.live_key, before.live_key = before.revision + 1, before.live_key, None
        if isinstance(before, EvaluationScore) and isinstance(row, EvaluationScore):
            row.position = before.position
        db.session.flush()  # the old row lets go of the key before the new one takes it
    after = {name: getattr(said, name) for name in SAID[type(row)]}
    words = said.period.words + (f" {said.name}" if isinstance(said, Score) else "")
    record(
        Kind.EVALUATED if before is None else Kind.EVALUATION_REVISED,
        row,
        by,
        at,
        before={name: old for name, (old, _) in changed.items()} if before is not None else None,
        after={name: new for name, (_, new) in changed.items()} if before is not None else after,
        words=f"{evaluation.name} {words}",
        source=said.source,
    )
    return row


def _row(evaluation: Evaluation, said: Overall | Score, position: int) -> Row:
    key = f"{evaluation.id}:{said.period.starts_on}:{said.period.ends_on}"
    shared: dict[str, Any] = {
        "evaluation_id": evaluation.id,
        "starts_on": said.period.starts_on,
        "ends_on": said.period.ends_on,
        "revision": 1,
        "source": said.source,
    }
    if isinstance(said, Score):
        values = {name: getattr(said, name) for name in SAID[EvaluationScore]}
        return EvaluationScore(**shared, **values, name=said.name, position=position, live_key=f"{key}:{said.name}")
    return EvaluationResult(**shared, **{name: getattr(said, name) for name in SAID[EvaluationResult]}, live_key=key)


def _check_rank(rank: int | None, among: int) -> None:
    if rank is not None and not 1 <= rank <= among:
        raise Refused(f"位次 {rank} 不在 1 至 {among} 之间")
