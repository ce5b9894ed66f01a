"""Keep figures apart by vintage, schedules by version, plans by period; say what an indicator is and when it is due."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FIGURE = sa.Numeric(precision=20, scale=4)
MOMENT = sa.DateTime(timezone=True)
KINDS = "kind IN ('amount', 'count', 'growth', 'points', 'ratio', 'rank', 'milestone')"
DISTANCE = "rule_kind NOT IN ('amount', 'milestone') OR start_value <> target_value"
APART = (
    "(checked_by_id IS NULL OR checked_by_id <> reported_by_id)"
    " AND (confirmed_by_id IS NULL OR confirmed_by_id <> reported_by_id)"
)


def upgrade() -> None:
    _new_tables()
    with op.batch_alter_table("commitment") as batch:
        batch.add_column(sa.Column("value_as_of", sa.Date(), nullable=True))
        batch.add_column(sa.Column("vintage", sa.String(length=200), nullable=False, server_default=""))
        batch.add_column(sa.Column("scored_value", FIGURE, nullable=True))
        batch.add_column(sa.Column("scored_as_of", sa.Date(), nullable=True))
        batch.add_column(sa.Column("increments", sa.String(length=200), nullable=False, server_default=""))
        batch.add_column(sa.Column("confidence", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("confidence_note", sa.Text(), nullable=False, server_default=""))
        batch.create_check_constraint(op.f("ck_commitment_confidence"), "confidence BETWEEN 1 AND 4")
    with op.batch_alter_table("indicator") as batch:
        batch.drop_constraint(op.f("ck_indicator_kind"), type_="check")
        batch.add_column(sa.Column("definition", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("source", sa.String(length=200), nullable=False, server_default=""))
        batch.add_column(sa.Column("cadence", sa.String(length=200), nullable=False, server_default="week"))
        batch.add_column(sa.Column("release_day", sa.Integer(), nullable=False, server_default="18"))
        batch.add_column(sa.Column("may_be_negative", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch.create_check_constraint(op.f("ck_indicator_kind"), KINDS)
        batch.create_check_constraint(op.f("ck_indicator_cadence"), "cadence IN ('week', 'month')")
        batch.create_check_constraint(op.f("ck_indicator_release"), "release_day BETWEEN 1 AND 28")
    with op.batch_alter_table("target") as batch:
        batch.drop_constraint(op.f("ck_target_distance"), type_="check")
        batch.add_column(sa.Column("is_district", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("reserve", FIGURE, nullable=False, server_default="0"))
        batch.create_check_constraint(op.f("ck_target_distance"), DISTANCE)
    _report_columns()
    _carry_over()


def _report_columns() -> None:
    with op.batch_alter_table("report") as batch:
        batch.add_column(sa.Column("as_of", sa.Date(), nullable=True))
        batch.add_column(sa.Column("vintage", sa.String(length=200), nullable=False, server_default="preliminary"))
        for name in ("numerator", "denominator", "expected"):
            batch.add_column(sa.Column(name, FIGURE, nullable=True))
        batch.add_column(sa.Column("expected_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("confidence", sa.Integer(), nullable=True))
        for name in ("confidence_note", "findings", "explanation"):
            batch.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
        for name in ("checked", "confirmed"):
            batch.add_column(sa.Column(f"{name}_by_id", sa.Integer(), nullable=True))
            batch.add_column(sa.Column(f"{name}_at", MOMENT, nullable=True))
            batch.create_foreign_key(op.f(f"fk_report_{name}_by_id_person"), "person", [f"{name}_by_id"], ["id"])
        batch.create_check_constraint(op.f("ck_report_vintage"), "vintage IN ('forecast', 'preliminary')")
        batch.create_check_constraint(op.f("ck_report_confidence"), "confidence BETWEEN 1 AND 4")
        batch.create_check_constraint(op.f("ck_report_separation"), APART)
        batch.create_index("ix_report_as_of", ["commitment_id", "as_of"], unique=False)
        batch.create_index("ix_report_week", ["week", "id"], unique=False)


def _carry_over() -> None:
    """What was reported before speaks of its week's end, and is a preliminary figure."""
    sunday = "date(week, '+6 days')" if op.get_bind().dialect.name == "sqlite" else "week + 6"
    op.execute(f"UPDATE report SET as_of = {sunday}")
    op.execute(
        "UPDATE report SET as_of = (SELECT ends_on FROM commitment WHERE commitment.id = report.commitment_id) "
        "WHERE as_of > (SELECT ends_on FROM commitment WHERE commitment.id = report.commitment_id)"
    )
    with op.batch_alter_table("report") as batch:
        batch.alter_column("as_of", existing_type=sa.Date(), nullable=False)
    latest = (
        "SELECT max(as_of) FROM report WHERE report.commitment_id = commitment.id "
        "AND live_key IS NOT NULL AND returned_at IS NULL"
    )
    op.execute(f"UPDATE commitment SET value_as_of = ({latest}), vintage = 'preliminary' WHERE value IS NOT NULL")


def _new_tables() -> None:
    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("period", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("amount", FIGURE, nullable=True),
        sa.Column("base", FIGURE, nullable=True),
        sa.Column("actual", FIGURE, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_plan_indicator_id_indicator")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_plan_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("key", name=op.f("uq_plan_key")),
    )
    op.create_index("ix_plan_indicator", "plan", ["indicator_id", "unit_id", "period"])
    op.create_table(
        "figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("value", FIGURE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("live_key", sa.String(length=200), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("import_file_id", sa.Integer(), nullable=True),
        sa.Column("taken_by_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["import_file_id"], ["import_file.id"], name=op.f("fk_figure_import_file_id_import_file")
        ),
        sa.ForeignKeyConstraint(["taken_by_id"], ["person.id"], name=op.f("fk_figure_taken_by_id_person")),
        sa.ForeignKeyConstraint(["target_id"], ["target.id"], name=op.f("fk_figure_target_id_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure")),
        sa.UniqueConstraint("live_key", name=op.f("uq_figure_live_key")),
        sa.UniqueConstraint("target_id", "as_of", "revision", name=op.f("uq_figure_target_id_as_of_revision")),
    )
    op.create_index("ix_figure_target", "figure", ["target_id", "as_of"])
    _schedule_version()
    op.create_table(
        "support",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("amount", FIGURE, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("illustrative", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["target_id"], ["target.id"], name=op.f("fk_support_target_id_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support")),
        sa.UniqueConstraint("target_id", "name", name=op.f("uq_support_target_id_name")),
    )


def _schedule_version() -> None:
    op.create_table(
        "schedule_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("live_key", sa.Integer(), nullable=True),
        sa.Column("curve", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("target_value", FIGURE, nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'approved', 'refused')", name=op.f("ck_schedule_version_state")),
        sa.CheckConstraint("(state = 'asked') = (decided_by_id IS NULL)", name=op.f("ck_schedule_version_decided")),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> asked_by_id", name=op.f("ck_schedule_version_separation")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_schedule_version_asked_by_id_person")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_schedule_version_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(["target_id"], ["target.id"], name=op.f("fk_schedule_version_target_id_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_version")),
        sa.UniqueConstraint("live_key", name=op.f("uq_schedule_version_live_key")),
        sa.UniqueConstraint("target_id", "no", name=op.f("uq_schedule_version_target_id_no")),
    )


def downgrade() -> None:
    raise NotImplementedError("figures by vintage cannot be folded back into one; restore the backup instead")
