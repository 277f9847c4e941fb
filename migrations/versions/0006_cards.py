"""payment accounts keep the secret that notifications are signed with, and whether their money is real"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payee_account", sa.Column("webhook_secret_sealed", sa.LargeBinary(), nullable=True))
    op.add_column(
        "payee_account", sa.Column("livemode", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("payee_account", "livemode")
    op.drop_column("payee_account", "webhook_secret_sealed")
