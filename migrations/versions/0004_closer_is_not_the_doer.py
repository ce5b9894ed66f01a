"""Make the database itself refuse a closure that somebody of the doer's unit decides.

The table's own check keeps the doer out; who else sits in the doer's unit only a trigger can see.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MESSAGE = "the closer holds a seat of the unit that did the work"
SITS = """EXISTS (
    SELECT 1 FROM seat
    WHERE seat.person_id = NEW.decided_by_id AND seat.unit_id = NEW.doer_unit_id
      AND seat.from_on <= {day} AND (seat.to_on IS NULL OR seat.to_on >= {day}))"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        sits = SITS.format(day="date(NEW.decided_at, '+8 hours')")
        for deed in ("INSERT", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER closure_separation_{deed.lower()} BEFORE {deed} ON closure "
                f"WHEN NEW.decided_by_id IS NOT NULL AND {sits} "
                f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )
        return
    sits = SITS.format(day="(NEW.decided_at AT TIME ZONE 'Asia/Shanghai')::date")
    op.execute(
        "CREATE FUNCTION closure_separation() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF NEW.decided_by_id IS NOT NULL AND {sits} "
        f"THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER closure_separation BEFORE INSERT OR UPDATE ON closure "
        "FOR EACH ROW EXECUTE FUNCTION closure_separation()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("insert", "update"):
            op.execute(f"DROP TRIGGER closure_separation_{deed}")
    else:
        op.execute("DROP TRIGGER closure_separation ON closure")
        op.execute("DROP FUNCTION closure_separation()")
