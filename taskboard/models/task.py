"""Tasks 任务: lines of the 任务书, with milestones 节点 and a progress in percent."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base
from taskboard.models.commitment import Commitment


class Task(Commitment):
    """`title` is the project 项目名称, `detail` the work 主要工作内容, `value` the progress 0–100.

    `key` identifies the line across imports of the same book.
    """

    __tablename__ = "task"
    __mapper_args__ = {"polymorphic_identity": "task"}

    id: Mapped[int] = mapped_column(ForeignKey("commitment.id"), primary_key=True)
    no: Mapped[str] = mapped_column(default="")
    leader: Mapped[str] = mapped_column(default="")
    key: Mapped[str] = mapped_column(unique=True)
    milestones: Mapped[list[Milestone]] = relationship(
        back_populates="task", cascade="all, delete-orphan", order_by="Milestone.due_on"
    )


class Milestone(Base):
    """A dated step of a task; the weights of a task's milestones share out its progress."""

    __tablename__ = "milestone"
    __table_args__ = (
        UniqueConstraint("task_id", "name"),
        CheckConstraint("weight > 0", name="weight"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    name: Mapped[str]
    due_on: Mapped[date]
    weight: Mapped[int] = mapped_column(default=1)
    done_on: Mapped[date | None]
    reminded_on: Mapped[date | None]
    task: Mapped[Task] = relationship(back_populates="milestones")
