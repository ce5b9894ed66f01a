"""External evaluations: series, results and scores, each row kept when a revision supersedes it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evaluation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("dimensions", sa.Integer(), nullable=False),
        sa.Column("indicators", sa.Integer(), nullable=False),
        sa.Column("of_province", sa.Integer(), nullable=False),
        sa.Column("of_city", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint("of_province >= 1 AND of_city >= 1", name=op.f("ck_evaluation_ranked_among")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        sa.UniqueConstraint("name", name=op.f("uq_evaluation_name")),
    )
    op.create_table(
        "evaluation_result",
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("rating", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("live_key", sa.String(length=200), nullable=True),
        sa.Column("province_rank", sa.Integer(), nullable=True),
        sa.Column("city_rank", sa.Integer(), nullable=True),
        sa.Column("illustrative", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("imported_by_id", sa.Integer(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rating IN ('', '优+', '优', '良', '中', '差')", name=op.f("ck_evaluation_result_rating")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_evaluation_result_period")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluation.id"], name=op.f("fk_evaluation_result_evaluation_id_evaluation")
        ),
        sa.ForeignKeyConstraint(
            ["imported_by_id"], ["person.id"], name=op.f("fk_evaluation_result_imported_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_result")),
        sa.UniqueConstraint("evaluation_id", "starts_on", "ends_on", "revision", name="uq_evaluation_result_revision"),
        sa.UniqueConstraint("live_key", name=op.f("uq_evaluation_result_live_key")),
    )
    op.create_table(
        "evaluation_score",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("dimension", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("value", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("measure", sa.String(length=200), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("live_key", sa.String(length=200), nullable=True),
        sa.Column("province_rank", sa.Integer(), nullable=True),
        sa.Column("city_rank", sa.Integer(), nullable=True),
        sa.Column("illustrative", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("imported_by_id", sa.Integer(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_evaluation_score_period")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluation.id"], name=op.f("fk_evaluation_score_evaluation_id_evaluation")
        ),
        sa.ForeignKeyConstraint(
            ["imported_by_id"], ["person.id"], name=op.f("fk_evaluation_score_imported_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name=op.f("fk_evaluation_score_indicator_id_indicator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_score")),
        sa.UniqueConstraint(
            "evaluation_id", "starts_on", "ends_on", "name", "revision", name="uq_evaluation_score_revision"
        ),
        sa.UniqueConstraint("live_key", name=op.f("uq_evaluation_score_live_key")),
    )
    with op.batch_alter_table("evaluation_score", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evaluation_score_indicator_id"), ["indicator_id"], unique=False)
        batch_op.create_index("ix_evaluation_score_period", ["evaluation_id", "ends_on", "position"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("evaluation_score", schema=None) as batch_op:
        batch_op.drop_index("ix_evaluation_score_period")
        batch_op.drop_index(batch_op.f("ix_evaluation_score_indicator_id"))

    op.drop_table("evaluation_score")
    op.drop_table("evaluation_result")
    op.drop_table("evaluation")
