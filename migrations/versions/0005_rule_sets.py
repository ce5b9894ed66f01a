"""Choose rule sets by date: which one judges a campaign from which day on, by whom and why."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("rule_set") as batch:
        batch.add_column(sa.Column("shipped", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("rule_set") as batch:
        batch.alter_column("shipped", server_default=None)
    op.create_table(
        "enactment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("rule_set_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("live_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdraw_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (live_on IS NOT NULL)", name=op.f("ck_enactment_withdrawn")),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name=op.f("ck_enactment_withdrawer")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_enactment_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["rule_set_id"], ["rule_set.id"], name=op.f("fk_enactment_rule_set_id_rule_set")),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_enactment_added_by_id_person")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["person.id"], name=op.f("fk_enactment_withdrawn_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enactment")),
        sa.UniqueConstraint("campaign_id", "live_on", name=op.f("uq_enactment_campaign_id_live_on")),
    )
    with op.batch_alter_table("enactment") as batch:
        batch.create_index(batch.f("ix_enactment_rule_set_id"), ["rule_set_id"], unique=False)


def downgrade() -> None:
    op.drop_table("enactment")
    with op.batch_alter_table("rule_set") as batch:
        batch.drop_column("shipped")
