"""providers look after their payment accounts; release policies, refunds, proofs, claims, other ways to pay"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ACCOUNT_STATES = ("draft", "verifying", "active", "degraded", "revoked")
_ORDER_STATES = (
    "awaiting_payment",
    "paid",
    "cancelling",
    "completed",
    "expired",
    "withdrawn",
    "refund_due",
    "refunded",
    "fulfilment_failed",
    "needs_attention",
)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_order_orderstate"), "order", type_="check")
    op.create_check_constraint(op.f("ck_order_orderstate"), "order", _one_of("state", _ORDER_STATES))
    op.drop_constraint(op.f("ck_payee_account_accountstate"), "payee_account", type_="check")
    op.create_check_constraint(
        op.f("ck_payee_account_accountstate"), "payee_account", _one_of("state", _ACCOUNT_STATES)
    )
    op.drop_index("uq_payment_open", "payment")
    op.create_table(
        "release_policy",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("from_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "rule",
            sa.Enum(
                "at_once",
                "delay",
                "review",
                name="releaserule",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("hours", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rule <> 'at_once'", name=op.f("ck_release_policy_waits")),
        sa.CheckConstraint("from_minor >= 0", name=op.f("ck_release_policy_from")),
        sa.CheckConstraint("hours BETWEEN 1 AND 168", name=op.f("ck_release_policy_hours")),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("fk_release_policy_changed_by")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_release_policy_provider_id")),
        sa.PrimaryKeyConstraint("provider_id", "currency", name=op.f("pk_release_policy")),
    )
    op.create_table(
        "payee_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "confirmed",
                "applied",
                "withdrawn",
                name="changestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'confirmed' OR decided_by <> asked_by", name=op.f("ck_payee_change_two_persons")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["payee_account.id"], name=op.f("fk_payee_change_account_id")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_payee_change_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_payee_change_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payee_change")),
    )
    op.create_index(
        "uq_payee_change_open",
        "payee_change",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked', 'confirmed')"),
    )
    op.create_table(
        "payment_claim",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answer_note", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_payment_claim_answered_by")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_payment_claim_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_payment_claim")),
    )
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "submitted",
                "in_transit",
                "by_hand",
                "sent",
                "done",
                "failed",
                "withdrawn",
                name="refundstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_amount")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_refund_order_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_refund_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint(
            "payment_id", "receipt_id", "cause", name=op.f("uq_refund_payment_id_receipt_id_cause")
        ),
    )
    op.create_index(
        "ix_refund_open",
        "refund",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('by_hand', 'failed')"),
    )
    op.create_index(op.f("ix_refund_order_id"), "refund", ["order_id"], unique=False)
    op.create_index(op.f("ix_refund_payment_id"), "refund", ["payment_id"], unique=False)
    op.create_table(
        "payment_proof",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "transfer", "refund", name="proofkind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_payment_proof_order_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payment_proof_person_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_payment_proof_refund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_proof")),
        sa.UniqueConstraint("order_id", "kind", "sha256", name=op.f("uq_payment_proof_order_id_kind_sha256")),
    )
    op.create_index(op.f("ix_payment_proof_order_id"), "payment_proof", ["order_id"], unique=False)
    op.add_column("order", sa.Column("release_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("order", sa.Column("released_by", sa.Uuid(), nullable=True))
    op.add_column("order", sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(op.f("fk_order_released_by"), "order", "person", ["released_by"], ["id"])
    op.add_column("payee_account", sa.Column("statement_text", sa.Text(), server_default="", nullable=False))
    op.add_column("payee_account", sa.Column("submitted_by", sa.Uuid(), nullable=True))
    op.add_column("payee_account", sa.Column("confirmed_by", sa.Uuid(), nullable=True))
    op.add_column("payee_account", sa.Column("secret_changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("payee_account", sa.Column("probed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("payee_account", sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("payee_account", sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f("uq_payee_account_gateway_external_id"), "payee_account", type_="unique")
    op.create_index(
        "uq_payee_account_external",
        "payee_account",
        ["gateway", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id <> ''"),
    )
    op.create_foreign_key(
        op.f("fk_payee_account_submitted_by"), "payee_account", "person", ["submitted_by"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_payee_account_confirmed_by"), "payee_account", "person", ["confirmed_by"], ["id"]
    )
    op.add_column("payment", sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("payment", sa.Column("payee", postgresql.JSONB(), nullable=True))
    op.add_column(
        "payment",
        sa.Column(
            "release_rule",
            sa.Enum(
                "at_once",
                "delay",
                "review",
                name="releaserule",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="at_once",
            nullable=False,
        ),
    )
    op.add_column("payment", sa.Column("release_hours", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index(
        "uq_payment_open",
        "payment",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text(
            "state IN ('created', 'started', 'authorized', 'pending') AND superseded_at IS NULL"
        ),
    )
    op.create_index(
        "ix_notification_unknown",
        "notification",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("outcome IN ('unmatched', 'given_up')"),
    )
    op.drop_constraint(op.f("uq_cancellation_order_line_id"), "cancellation", type_="unique")
    op.create_index(op.f("ix_cancellation_order_line_id"), "cancellation", ["order_line_id"], unique=False)
    op.create_index(
        "uq_cancellation_line",
        "cancellation",
        ["order_line_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'refused'"),
    )
    op.add_column(
        "bank_statement",
        sa.Column(
            "stage",
            sa.Enum(
                "ready",
                "reading",
                "refused",
                "committing",
                name="statementstage",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="ready",
            nullable=False,
        ),
    )
    op.add_column(
        "bank_statement", sa.Column("lines_done", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column("bank_statement", sa.Column("summary", postgresql.JSONB(), nullable=True))
    op.add_column("bank_statement", sa.Column("problem", postgresql.JSONB(), nullable=True))
