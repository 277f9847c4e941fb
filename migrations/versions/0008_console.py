"""the console: onboarding, offers made here, content, threads, teams, four eyes, settings, reconciliation, sealed trail"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_PROVIDER_STATES = ("onboarding", "in_review", "active", "suspended", "delisted")
_OFFER_STATES = (
    "draft",
    "in_review",
    "published",
    "paused",
    "withdrawn",
    "sold_out",
    "suspended",
    "delisted",
)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def upgrade() -> None:
    for table, name, states in (
        ("provider", "providerstate", _PROVIDER_STATES),
        ("offer", "offerstate", _OFFER_STATES),
    ):
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, _one_of("state", states))
    op.create_table(
        "audit_seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_seal_event_id")),
    )
    op.create_table(
        "audit_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("found", sa.BigInteger(), nullable=False),
        sa.Column("problems", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_check")),
    )
    op.create_index("ix_audit_event_event", "audit_event", ["event", "id"], unique=False)
    op.create_index("ix_audit_event_at", "audit_event", ["at"], unique=False)
    op.create_index(
        "ix_audit_event_administrator",
        "audit_event",
        ["id"],
        unique=False,
        postgresql_where=sa.text("actor = 'administrator'"),
    )
    op.create_table(
        "periodic_run",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ok_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_periodic_run")),
    )
    op.create_table(
        "notice_off",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_off_person_id")),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_notice_off")),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "confirmed",
                "declined",
                "withdrawn",
                name="proposalstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_proposal_decided")),
        sa.CheckConstraint(
            "decided_by <> proposed_by OR state = 'withdrawn'", name=op.f("ck_proposal_two_persons")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_proposal_decided_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_proposal_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index("ix_proposal_entity", "proposal", ["entity", "entity_id"], unique=False)
    op.create_index(
        "uq_proposal_open",
        "proposal",
        ["kind", "entity_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "reconciliation_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("cancellations", sa.BigInteger(), nullable=False),
        sa.Column("mandates", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_reconciliation_run_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_run")),
    )
    op.create_table(
        "setting_draft",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("words", postgresql.JSONB(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_setting_draft_written_by")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting_draft")),
    )
    op.create_table(
        "setting_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["set_by"], ["person.id"], name=op.f("fk_setting_version_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting_version")),
    )
    op.create_index("uq_setting_version", "setting_version", ["name", "language", "version"], unique=True)
    op.create_table(
        "activity_content",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("activity_ref", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "summary",
                "picture",
                "document",
                name="contentkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("small", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("width", sa.BigInteger(), nullable=True),
        sa.Column("height", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "shown",
                "refused",
                "removed",
                name="contentstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'summary') = (content IS NULL)", name=op.f("ck_activity_content_file")),
        sa.CheckConstraint(
            "(kind = 'picture') = (small IS NOT NULL)", name=op.f("ck_activity_content_small")
        ),
        sa.ForeignKeyConstraint(
            ["activity_ref"], ["activity.activity_ref"], name=op.f("fk_activity_content_activity_ref")
        ),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_activity_content_added_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_activity_content_decided_by")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_activity_content_provider_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_content")),
    )
    op.create_index(
        op.f("ix_activity_content_provider_id"), "activity_content", ["provider_id"], unique=False
    )
    op.create_index(
        "ix_activity_content_shown",
        "activity_content",
        ["activity_ref", "state", "kind", "position"],
        unique=False,
    )
    op.create_index(op.f("ix_activity_content_sha256"), "activity_content", ["sha256"], unique=False)
    op.create_index(
        "ix_activity_content_waiting",
        "activity_content",
        ["added_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "tax_series",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_tax_series_provider_id")),
        sa.PrimaryKeyConstraint("provider_id", "year", name=op.f("pk_tax_series")),
    )
    op.create_table(
        "team_member",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "sales",
                "finance",
                "reader",
                name="teamrole",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("fk_team_member_changed_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_team_member_person_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_team_member_provider_id")),
        sa.PrimaryKeyConstraint("provider_id", "person_id", name=op.f("pk_team_member")),
    )
    op.create_table(
        "complaint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "certificate_late",
                "buyer",
                name="complaintkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "escalated",
                "closed",
                name="complaintstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_complaint_closed_by")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_complaint_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
    )
    op.create_index(
        "ix_complaint_due_at",
        "complaint",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_complaint_order_id"), "complaint", ["order_id"], unique=False)
    op.create_index(
        "uq_complaint_open",
        "complaint",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "difference",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("here", postgresql.JSONB(), nullable=True),
        sa.Column("there", postgresql.JSONB(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "explained",
                "gone",
                name="differencestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("first_run_id", sa.Uuid(), nullable=False),
        sa.Column("last_run_id", sa.Uuid(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("explained_by", sa.Uuid(), nullable=True),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["explained_by"], ["person.id"], name=op.f("fk_difference_explained_by")),
        sa.ForeignKeyConstraint(
            ["first_run_id"], ["reconciliation_run.id"], name=op.f("fk_difference_first_run_id")
        ),
        sa.ForeignKeyConstraint(
            ["last_run_id"], ["reconciliation_run.id"], name=op.f("fk_difference_last_run_id")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_difference_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_difference")),
    )
    op.create_index(op.f("ix_difference_order_id"), "difference", ["order_id"], unique=False)
    op.create_index(
        "uq_difference_standing",
        "difference",
        ["kind", "entity_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'gone'"),
    )
    op.create_table(
        "exchange",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("ms", sa.BigInteger(), nullable=False),
        sa.Column("request", postgresql.JSONB(), nullable=True),
        sa.Column("answer", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_exchange_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange")),
    )
    op.create_index("ix_exchange_at", "exchange", ["at"], unique=False)
    op.create_index("ix_exchange_order_id", "exchange", ["order_id", "at"], unique=False)
    op.create_table(
        "moderated_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "beneficiary_name",
                "reason",
                "offer_text",
                name="textkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("rules", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "shown",
                "taken_down",
                name="moderationstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_moderated_text_decided_by")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_moderated_text_order_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_moderated_text_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderated_text")),
        sa.UniqueConstraint("kind", "entity_id", name=op.f("uq_moderated_text_kind_entity_id")),
    )
    op.create_index(op.f("ix_moderated_text_order_id"), "moderated_text", ["order_id"], unique=False)
    op.create_index(
        "ix_moderated_text_waiting",
        "moderated_text",
        ["found_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "order_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column(
            "author",
            sa.Enum(
                "buyer",
                "provider",
                "administrator",
                "platform",
                name="author",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_order_message_order_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_order_message_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_message")),
    )
    op.create_index("ix_order_message_order_id", "order_message", ["order_id", "at"], unique=False)
    op.create_table(
        "tax_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=True),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(content IS NULL) = (sha256 IS NULL)", name=op.f("ck_tax_document_printed")),
        sa.CheckConstraint("(number IS NULL) = (facts IS NULL)", name=op.f("ck_tax_document_made_here")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_tax_document_order_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_tax_document_person_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_tax_document_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_document")),
        sa.UniqueConstraint("order_id", "sha256", name=op.f("uq_tax_document_order_id_sha256")),
        sa.UniqueConstraint("provider_id", "number", name=op.f("uq_tax_document_provider_id_number")),
    )
    op.create_index(op.f("ix_tax_document_order_id"), "tax_document", ["order_id"], unique=False)
    op.create_table(
        "offer_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "price",
                "pause",
                "resume",
                name="changekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "applied",
                "dropped",
                "withdrawn",
                name="offerchangestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'price') = (price_minor IS NOT NULL) AND price_minor > 0",
            name=op.f("ck_offer_change_price"),
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_offer_change_asked_by")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_change_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_change")),
    )
    op.create_index(
        "ix_offer_change_due_at",
        "offer_change",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(op.f("ix_offer_change_offer_id"), "offer_change", ["offer_id"], unique=False)
    op.create_table(
        "offer_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("block_id", sa.Text(), nullable=False),
        sa.Column("activity_ref", sa.Text(), nullable=False),
        sa.Column("mandate_id", sa.Text(), nullable=True),
        sa.Column("typed", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act_id", sa.Uuid(), nullable=True),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("thrown_away_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["mandate_act.id"], name=op.f("fk_offer_draft_act_id")),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["mandate.mandate_id"], name=op.f("fk_offer_draft_mandate_id")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_draft_offer_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_offer_draft_person_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_offer_draft_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_draft")),
    )
    op.create_index(op.f("ix_offer_draft_provider_id"), "offer_draft", ["provider_id"], unique=False)
    op.create_table(
        "offer_text",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_text_offer_id")),
        sa.PrimaryKeyConstraint("offer_id", "language", name=op.f("pk_offer_text")),
    )
    op.create_table(
        "offer_tier",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("from_quantity", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("from_quantity >= 2", name=op.f("ck_offer_tier_from")),
        sa.CheckConstraint("price_minor > 0", name=op.f("ck_offer_tier_price")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_tier_offer_id")),
        sa.PrimaryKeyConstraint("offer_id", "from_quantity", name=op.f("pk_offer_tier")),
    )
    op.add_column("offer", sa.Column("on_sale_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("offer", sa.Column("on_sale_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("offer", sa.Column("state_reason", sa.Text(), nullable=True))
    op.add_column("offer", sa.Column("added_to", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_offer_added_to"), "offer", ["added_to"], unique=False)
    op.create_foreign_key(op.f("fk_offer_added_to"), "offer", "offer", ["added_to"], ["id"])
    op.add_column("mandate_act", sa.Column("added_to", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_mandate_act_added_to"), "mandate_act", "offer", ["added_to"], ["id"])
    op.add_column("order", sa.Column("trial", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("order", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_order_asked",
        "order",
        ["provider_id", "asked_at"],
        unique=False,
        postgresql_where=sa.text("asked_at IS NOT NULL"),
    )
    for name in ("received_minor", "given_back_minor", "disputed_minor"):
        op.add_column("order", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
    newest = (sa.literal_column("placed_at DESC"), "id")
    for name, first, last, where in (
        ("ix_order_placed", (), ("method", "currency"), None),
        ("ix_order_provider_placed", ("provider_id",), ("method", "currency"), None),
        ("ix_order_state_placed", ("state",), ("method", "currency"), None),
        ("ix_order_provider_state", ("provider_id", "state"), ("method", "currency"), None),
        (
            "ix_order_part_paid",
            (),
            ("provider_id",),
            "state = 'awaiting_payment' AND received_minor - given_back_minor - disputed_minor > 0",
        ),
        ("ix_order_overpaid", (), ("provider_id",), "received_minor - given_back_minor > total_minor"),
        ("ix_order_disputed", (), ("provider_id",), "disputed_minor > 0"),
        ("ix_order_trial", (), ("provider_id",), "trial"),
    ):
        op.create_index(
            name,
            "order",
            [*first, *newest, *last],
            unique=False,
            postgresql_where=sa.text(where) if where else None,
        )
    for name, column in (("ix_order_lower_email", "email"), ("ix_order_beneficiary", "beneficiary_name")):
        op.create_index(name, "order", [sa.literal_column(f"lower({column}) text_pattern_ops")], unique=False)
    op.add_column("payee_account", sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_payment_external_id", "payment", ["external_id"], unique=False)
    op.create_index(
        "ix_payment_pending",
        "payment",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_payment_entry_external_id", "payment_entry", ["external_id"], unique=False)
    op.create_index(
        "ix_payment_entry_account_id", "payment_entry", ["account_id", "recorded_at"], unique=False
    )
    op.create_index(
        "ix_payment_claim_open",
        "payment_claim",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("answer IS NULL"),
    )
    op.create_index("ix_refund_due_at", "refund", ["due_at"], unique=False)
    op.create_index(
        "ix_bank_line_bank_reference",
        "bank_line",
        ["bank_reference"],
        unique=False,
        postgresql_where=sa.text("bank_reference <> ''"),
    )
    op.create_index(
        "ix_cancelled_range_span",
        "cancelled_range",
        [sa.literal_column("int8range(start, \"end\", '[]')")],
        unique=False,
        postgresql_using="gist",
    )
    op.add_column("provider", sa.Column("street", sa.Text(), nullable=True))
    op.add_column("provider", sa.Column("postcode", sa.Text(), nullable=True))
    op.add_column("provider", sa.Column("town", sa.Text(), nullable=True))
    op.add_column("provider", sa.Column("registration_number", sa.Text(), nullable=True))
    op.add_column("provider", sa.Column("tax_id", sa.Text(), nullable=True))
    op.add_column("provider", sa.Column("contact_name", sa.Text(), nullable=True))
    op.add_column("provider", sa.Column("invoice_prefix", sa.Text(), nullable=True))
    op.add_column("provider", sa.Column("invoice_note", sa.Text(), nullable=True))
    op.add_column(
        "provider", sa.Column("invoice_automatic", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column("provider", sa.Column("state_reason", sa.Text(), nullable=True))
    op.add_column("provider", sa.Column("terms_version", sa.Text(), nullable=True))
    op.add_column("provider", sa.Column("terms_accepted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("provider", sa.Column("terms_accepted_by", sa.Uuid(), nullable=True))
    op.add_column("provider", sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("provider", sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f("fk_provider_terms_accepted_by"), "provider", "person", ["terms_accepted_by"], ["id"]
    )
    op.create_check_constraint(op.f("ck_offer_dates"), "offer", "on_sale_until > on_sale_from")
    op.drop_index("uq_offer_mandate", "offer")
    op.create_index(
        "uq_offer_mandate",
        "offer",
        ["mandate_id"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('withdrawn', 'delisted')"),
    )
    op.create_index(op.f("ix_audit_event_actor_person_id"), "audit_event", ["actor_person_id"], unique=False)
    # Whatever receives money already has shown that it can.
    op.execute("UPDATE payee_account SET tested_at = created_at")
    op.execute("UPDATE provider SET approved_at = created_at")
    _add_up_the_ledger()
    _seal_the_trail()


def _add_up_the_ledger() -> None:
    """Lists of orders ask what the ledger says of each: the database keeps the sums with the order.

    Whoever writes an entry holds the order's lock already.
    """
    op.execute(
        """
        CREATE FUNCTION add_up_entry(entry payment_entry) RETURNS void LANGUAGE sql AS $$
            UPDATE "order" SET
                received_minor = received_minor + CASE entry.kind WHEN 'receipt' THEN entry.amount_minor ELSE 0 END,
                given_back_minor = given_back_minor + CASE entry.kind
                    WHEN 'refund' THEN entry.amount_minor WHEN 'refund_failed' THEN -entry.amount_minor ELSE 0 END,
                disputed_minor = disputed_minor + CASE entry.kind
                    WHEN 'chargeback' THEN entry.amount_minor WHEN 'chargeback_won' THEN -entry.amount_minor ELSE 0 END
            FROM payment
            WHERE payment.id = entry.payment_id AND "order".id = payment.order_id
                AND "order".currency = entry.currency
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION add_up_new_entry() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM add_up_entry(NEW);
            RETURN NULL;
        END
        $$
        """
    )
    op.execute(
        "CREATE TRIGGER add_up AFTER INSERT ON payment_entry FOR EACH ROW EXECUTE FUNCTION add_up_new_entry()"
    )
    op.execute("SELECT add_up_entry(entry) FROM payment_entry entry")


def _seal_the_trail() -> None:
    """Every row of the audit trail gets a link of a chain, those that there are first.

    The trigger is deferred to the end of the transaction, so that one waits for another only while it commits.
    """
    op.execute(
        """
        CREATE FUNCTION audit_event_bytes(row_of audit_event) RETURNS bytea LANGUAGE sql STABLE AS $$
            SELECT convert_to(jsonb_build_array(
                row_of.id, extract(epoch FROM row_of.at), row_of.event, row_of.actor, row_of.actor_person_id,
                row_of.entity, row_of.entity_id, row_of.order_id, row_of.payload
            )::text, 'UTF8')
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION seal_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            last record;
        BEGIN
            PERFORM pg_advisory_xact_lock(6401);
            SELECT number, hash INTO last FROM audit_seal ORDER BY number DESC LIMIT 1;
            INSERT INTO audit_seal (number, event_id, hash) VALUES (
                coalesce(last.number, 0) + 1,
                NEW.id,
                sha256(coalesce(last.hash, ''::bytea) || audit_event_bytes(NEW))
            );
            RETURN NULL;
        END
        $$
        """
    )
    op.execute(
        """
        DO $$
        DECLARE
            each_row audit_event;
            place bigint := 0;
            link bytea := ''::bytea;
        BEGIN
            FOR each_row IN SELECT * FROM audit_event ORDER BY id LOOP
                place := place + 1;
                link := sha256(link || audit_event_bytes(each_row));
                INSERT INTO audit_seal (number, event_id, hash) VALUES (place, each_row.id, link);
            END LOOP;
        END
        $$
        """
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER seal AFTER INSERT ON audit_event DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION seal_audit_event()"
    )
    for table in ("audit_seal", "audit_check", "setting_version"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
