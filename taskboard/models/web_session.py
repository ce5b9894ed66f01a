"""Sessions kept on the server: the cookie holds a random token, the database its hash and the data."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from taskboard.db import Base, LongText, db
from taskboard.models.person import Person
from taskboard.models.seat import Seat


class WebSession(Base):
    __tablename__ = "web_session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    data: Mapped[str] = mapped_column(LongText, default="{}")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    person: Mapped[Person | None] = relationship()

    @staticmethod
    def find(token_hash: str) -> WebSession | None:
        """The session with its person and their seats: everything that a request asks first, in one statement."""
        seats = joinedload(WebSession.person).joinedload(Person.seats)
        query = (
            select(WebSession)
            .where(WebSession.token_hash == token_hash)
            .options(seats.joinedload(Seat.unit), seats.joinedload(Seat.group))
        )
        return db.session.scalars(query).unique().first()


class FormKey(Base):
    """A form that was sent: the same key again gets the same answer and no second effect."""

    __tablename__ = "form_key"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    location: Mapped[str] = mapped_column(LongText)
    created_at: Mapped[datetime] = mapped_column(index=True)
