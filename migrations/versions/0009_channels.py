"""Let messages wait for their hour, go by several channels, and be answered for: channels, subscriptions, attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TEXT = sa.String(length=200)


def upgrade() -> None:
    _new_tables()
    op.execute(
        "INSERT INTO channel (id, kind, name, is_on, is_offered, is_required, base_url, plain, sealed, policy,"
        " per_minute, illustrative, failures, pause_minutes, last_error, created_at, version) VALUES"
        " (1, 'inbox', '站内消息', true, true, true, '', '{}', '', 'hold', 0, false, 0, 0, '', CURRENT_TIMESTAMP, 1),"
        " (2, 'mail', '电子邮件', true, true, false, '', '{}', '', 'resend', 0, false, 0, 0, '', CURRENT_TIMESTAMP, 1)"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('channel', 'id'), 2)")
    op.execute(
        "INSERT INTO telling_rule (id, quiet_from, quiet_until, digest_hour, digest_first, digest_last, unit_digest,"
        " robot_gap_minutes, feeds, version)"
        " VALUES (1, '20:00:00.000000', '07:30:00.000000', 8, 8, 18, true, 30, true, 1)"
    )
    _delivery()
    _notice()
    for table, column in (
        ("person", sa.Column("digest_hour", sa.Integer(), nullable=True)),
        ("person", sa.Column("feed_version", sa.Integer(), nullable=False, server_default="1")),
        ("unit", sa.Column("email", TEXT, nullable=False, server_default="")),
        ("unit", sa.Column("feed_version", sa.Integer(), nullable=False, server_default="1")),
        ("unit", sa.Column("reminded_on", sa.Date(), nullable=True)),
        ("milestone", sa.Column("reminded_on", sa.Date(), nullable=True)),
        ("job_run", sa.Column("owner", TEXT, nullable=False, server_default="")),
        ("job_run", sa.Column("tries", sa.Integer(), nullable=False, server_default="1")),
        ("heartbeat", sa.Column("kind", TEXT, nullable=False, server_default="jobs")),
        ("heartbeat", sa.Column("host", TEXT, nullable=False, server_default="")),
        ("heartbeat", sa.Column("started_at", MOMENT, nullable=True)),
        ("event", sa.Column("request_id", TEXT, nullable=False, server_default="")),
    ):
        op.add_column(table, column)


def _delivery() -> None:
    with op.batch_alter_table("delivery") as batch:
        batch.drop_index("ix_delivery_due")
        batch.alter_column("person_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("unit_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("channel_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("occasion", TEXT, nullable=False, server_default="at_once"))
        batch.add_column(sa.Column("is_urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("provider_id", TEXT, nullable=False, server_default=""))
        batch.add_column(sa.Column("queued_at", MOMENT, nullable=True))
    op.execute("UPDATE delivery SET channel_id = CASE channel WHEN 'inbox' THEN 1 ELSE 2 END, queued_at = created_at")
    with op.batch_alter_table("delivery") as batch:
        batch.alter_column("channel_id", existing_type=sa.Integer(), nullable=False)
        batch.alter_column("queued_at", existing_type=MOMENT, nullable=False)
        batch.create_foreign_key(op.f("fk_delivery_unit_id_unit"), "unit", ["unit_id"], ["id"])
        batch.create_foreign_key(op.f("fk_delivery_channel_id_channel"), "channel", ["channel_id"], ["id"])
        batch.create_index("ix_delivery_due", ["channel_id", "state", "next_try_at"])
        batch.create_index("ix_delivery_state", ["state", "id"])


def _notice() -> None:
    """The key names the recipient, who need not be a person, and the channel by its row."""
    with op.batch_alter_table("notice") as batch:
        batch.drop_constraint(op.f("pk_notice"), type_="primary")
        batch.drop_index(op.f("ix_notice_delivery_id"))
        batch.add_column(sa.Column("recipient", TEXT, nullable=True))
        batch.add_column(sa.Column("channel_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("due_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("is_urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.alter_column("delivery_id", existing_type=sa.Integer(), nullable=True)
    op.execute(
        "UPDATE notice SET recipient = 'person:' || person_id,"
        " channel_id = CASE channel WHEN 'inbox' THEN 1 ELSE 2 END,"
        " due_at = (SELECT created_at FROM delivery WHERE delivery.id = notice.delivery_id)"
    )
    with op.batch_alter_table("notice") as batch:
        batch.drop_column("channel")
        batch.alter_column("recipient", existing_type=TEXT, nullable=False)
        batch.alter_column("channel_id", existing_type=sa.Integer(), nullable=False)
        batch.alter_column("due_at", existing_type=MOMENT, nullable=False)
        batch.alter_column("person_id", existing_type=sa.Integer(), nullable=True)
        batch.create_primary_key(op.f("pk_notice"), ["event_id", "recipient", "channel_id"])
        batch.create_foreign_key(op.f("fk_notice_channel_id_channel"), "channel", ["channel_id"], ["id"])
        batch.create_index("ix_notice_waiting", ["delivery_id", "due_at"])


def _new_tables() -> None:
    op.create_table(
        "channel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("base_url", TEXT, nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("policy", TEXT, nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("illustrative", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", MOMENT, nullable=True),
        sa.Column("pause_minutes", sa.Integer(), nullable=False),
        sa.Column("next_free_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_channel_group_id_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
        sa.UniqueConstraint("name", name=op.f("uq_channel_name")),
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_subscription_channel_id_channel")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_subscription_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("person_id", "channel_id", name=op.f("uq_subscription_person_id_channel_id")),
    )
    op.create_index(op.f("ix_subscription_channel_id"), "subscription", ["channel_id"])
    op.create_table(
        "telling_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=False),
        sa.Column("quiet_until", sa.Time(), nullable=False),
        sa.Column("digest_hour", sa.Integer(), nullable=False),
        sa.Column("digest_first", sa.Integer(), nullable=False),
        sa.Column("digest_last", sa.Integer(), nullable=False),
        sa.Column("unit_digest", sa.Boolean(), nullable=False),
        sa.Column("robot_gap_minutes", sa.Integer(), nullable=False),
        sa.Column("feeds", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_telling_rule_single")),
        sa.CheckConstraint("digest_hour BETWEEN digest_first AND digest_last", name=op.f("ck_telling_rule_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telling_rule")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("process", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_attempt_delivery_id_delivery")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_delivery_id"), "attempt", ["delivery_id"])
    op.create_index(op.f("ix_attempt_finished_at"), "attempt", ["finished_at"])
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_announcement_made_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )


def downgrade() -> None:
    raise NotImplementedError(
        "messages of several channels cannot be folded back into mails; restore the backup instead"
    )
