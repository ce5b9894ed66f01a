"""People: who may come in. No identity number, birthday or home address has a column here."""

from __future__ import annotations

from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskboard.db import Base, LongText, db
from taskboard.models.seat import Seat


class Person(Base, UserMixin):
    """A named person; what they may do comes from their seats. `login` is stored case-folded."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    illustrative: Mapped[bool] = mapped_column(default=False)
    password_hash: Mapped[str] = mapped_column(default="")
    password_history: Mapped[str] = mapped_column(LongText, default="")
    password_set_at: Mapped[datetime | None]
    must_change_password: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    digest_hour: Mapped[int | None]
    feed_version: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)
    seats: Mapped[list[Seat]] = relationship(back_populates="person", foreign_keys="Seat.person_id", order_by="Seat.id")

    @property
    def is_active(self) -> bool:
        return self.active

    @staticmethod
    def by_login(login: str) -> Person | None:
        """The person with this login, whatever its case."""
        return db.session.scalars(select(Person).where(Person.login == login.strip().casefold())).first()
