"""Which columns the workbook of deliveries has; the rows are those of the page."""

from __future__ import annotations

from taskboard.boards.words import moment
from taskboard.exports.sheet import Column
from taskboard.models import DeliveryState, Occasion

COLUMNS = (
    Column("编号", "whole", lambda row: row.id, 8),
    Column("收件人", "text", lambda row: row.to_words, 18),
    Column("渠道", "text", lambda row: row.by.name, 18),
    Column("收件地址", "text", lambda row: row.address, 24),
    Column("事由", "text", lambda row: Occasion(row.occasion).word, 12),
    Column("主题", "text", lambda row: row.subject, 36),
    Column("状态", "text", lambda row: DeliveryState(row.state).word, 12),
    Column("尝试次数", "whole", lambda row: row.attempts, 10),
    Column("生成时间", "text", lambda row: moment(row.created_at), 16),
    Column("送达时间", "text", lambda row: moment(row.sent_at), 16),
    Column("下次尝试", "text", lambda row: moment(row.next_try_at) if row.state in ("pending", "retry") else "", 16),
    Column("说明", "text", lambda row: row.error, 40),
)
