"""buyers have accounts: organisations, beneficiaries to choose again, and orders that are somebody's"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "buyer",
                "viewer",
                name="memberrole",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["accepted_by"], ["person.id"], name=op.f("fk_invitation_accepted_by")),
        sa.ForeignKeyConstraint(["invited_by"], ["person.id"], name=op.f("fk_invitation_invited_by")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_invitation_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_index(op.f("ix_invitation_accepted_by"), "invitation", ["accepted_by"], unique=False)
    op.create_index(op.f("ix_invitation_invited_by"), "invitation", ["invited_by"], unique=False)
    op.create_index(op.f("ix_invitation_organisation_id"), "invitation", ["organisation_id"], unique=False)
    op.create_table(
        "membership",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "buyer",
                "viewer",
                name="memberrole",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_membership_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id")),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_person_id"), "membership", ["person_id"], unique=False)
    op.create_table(
        "saved_beneficiary",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "individual",
                "organisation",
                name="personkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(person_id, organisation_id) = 1", name=op.f("ck_saved_beneficiary_owner")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_saved_beneficiary_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_beneficiary_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_beneficiary")),
        sa.UniqueConstraint(
            "person_id",
            "organisation_id",
            "kind",
            "name",
            "country",
            name="uq_saved_beneficiary_same",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        op.f("ix_saved_beneficiary_organisation_id"), "saved_beneficiary", ["organisation_id"], unique=False
    )
    op.add_column("basket", sa.Column("organisation_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_basket_organisation_id"), "basket", "organisation", ["organisation_id"], ["id"]
    )
    op.add_column("order", sa.Column("person_id", sa.Uuid(), nullable=True))
    op.add_column("order", sa.Column("organisation_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_order_guest_email",
        "order",
        [sa.literal_column("lower(email)")],
        unique=False,
        postgresql_where=sa.text("person_id IS NULL"),
    )
    op.create_index("ix_order_organisation_id", "order", ["organisation_id", "placed_at", "id"], unique=False)
    op.create_index("ix_order_person_id", "order", ["person_id", "placed_at", "id"], unique=False)
    op.create_foreign_key(
        op.f("fk_order_organisation_id"), "order", "organisation", ["organisation_id"], ["id"]
    )
    op.create_foreign_key(op.f("fk_order_person_id"), "order", "person", ["person_id"], ["id"])
    op.add_column("order_group", sa.Column("person_id", sa.Uuid(), nullable=True))
    op.add_column("order_group", sa.Column("organisation_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_order_group_person_id"), "order_group", "person", ["person_id"], ["id"])
    op.create_foreign_key(
        op.f("fk_order_group_organisation_id"), "order_group", "organisation", ["organisation_id"], ["id"]
    )
    op.add_column("person", sa.Column("profile_at", sa.DateTime(timezone=True), nullable=True))
