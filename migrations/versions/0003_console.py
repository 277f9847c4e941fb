"""providers and administrators act: who did it, and what was asked of the registry"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_event", sa.Column("actor_person_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_audit_event_actor_person_id"), "audit_event", "person", ["actor_person_id"], ["id"]
    )
    op.create_table(
        "mandate_act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("grant", "revoke", name="actkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "done",
                "refused",
                name="actstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("block_id", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("mandate_id", sa.Text(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_mandate_act_quantity")),
        sa.CheckConstraint("mandate_id IS NOT NULL OR kind = 'grant'", name=op.f("ck_mandate_act_mandate")),
        sa.CheckConstraint("(state = 'asked') = (settled_at IS NULL)", name=op.f("ck_mandate_act_settled")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_mandate_act_provider_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mandate_act_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate_act")),
    )
    op.create_index(op.f("ix_mandate_act_provider_id"), "mandate_act", ["provider_id"], unique=False)
    op.create_index(op.f("ix_mandate_act_person_id"), "mandate_act", ["person_id"], unique=False)
