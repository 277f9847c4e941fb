"""orders are paid by bank transfer: accounts, frozen instructions, statements and their lines"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bank_account",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("zone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("hold_days", sa.BigInteger(), server_default="10", nullable=False),
        sa.Column("tolerance_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("two_persons_from_minor", sa.BigInteger(), nullable=True),
        sa.Column("csv_columns", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint("hold_days BETWEEN 3 AND 30", name=op.f("ck_bank_account_hold_days")),
        sa.CheckConstraint("tolerance_minor >= 0", name=op.f("ck_bank_account_tolerance")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["payee_account.id"], name=op.f("fk_bank_account_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_bank_account")),
    )
    op.create_table(
        "bank_transfer",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("tolerance_minor", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("release_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_sent_on", sa.Date(), nullable=True),
        sa.Column("said_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["payee_account.id"], name=op.f("fk_bank_transfer_account_id")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_bank_transfer_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_bank_transfer")),
        sa.UniqueConstraint("reference", name=op.f("uq_bank_transfer_reference")),
    )
    op.create_index(op.f("ix_bank_transfer_account_id"), "bank_transfer", ["account_id"], unique=False)
    op.create_table(
        "bank_statement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("columns", postgresql.JSONB(), nullable=True),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(committed_at IS NULL) = (content IS NOT NULL)", name=op.f("ck_bank_statement_content")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["payee_account.id"], name=op.f("fk_bank_statement_account_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_bank_statement_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
        sa.UniqueConstraint("account_id", "sha256", name=op.f("uq_bank_statement_account_id_sha256")),
    )
    op.create_index(op.f("ix_bank_statement_account_id"), "bank_statement", ["account_id"], unique=False)
    op.create_table(
        "bank_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "booked",
                "waiting",
                "open",
                "set_aside",
                name="linestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("shares", postgresql.JSONB(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("second_person_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "second_person_id IS NULL OR second_person_id <> person_id", name=op.f("ck_bank_line_two_persons")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["payee_account.id"], name=op.f("fk_bank_line_account_id")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["bank_statement.id"], name=op.f("fk_bank_line_statement_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_bank_line_person_id")),
        sa.ForeignKeyConstraint(
            ["second_person_id"], ["person.id"], name=op.f("fk_bank_line_second_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_line")),
        sa.UniqueConstraint("account_id", "fingerprint", name=op.f("uq_bank_line_account_id_fingerprint")),
    )
    op.create_index(op.f("ix_bank_line_statement_id"), "bank_line", ["statement_id"], unique=False)
    op.create_index(
        "ix_bank_line_open",
        "bank_line",
        ["account_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('open', 'waiting')"),
    )
