"""Staff and biometrics."""

# pyright: reportUnknownArgumentType=false
# SQLAlchemy's column types are generic, and what alembic writes does not say in what.

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "server_keys",
        sa.Column("only", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("sealed_signing_key", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("only"),
    )
    op.create_table(
        "staff",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("sealed_seed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("last_seen_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["name"],
            ["staff.name"],
        ),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    with op.batch_alter_table("staff_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_sessions_name"), ["name"], unique=False)

    op.create_table(
        "biometrics",
        sa.Column("biometrics_id", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=9), nullable=False),
        sa.Column("token_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=True),
        sa.Column("public_key", sa.LargeBinary(length=65), nullable=False),
        sa.Column("biometric_set", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed_release_key", sa.LargeBinary(), nullable=True),
        sa.Column("request_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("terms_version", sa.String(length=16), nullable=False),
        sa.Column("terms_accepted_at", sa.Double(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.Double(), nullable=False),
        sa.Column("registered_at", sa.Double(), nullable=False),
        sa.Column("suspended_at", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"],
            ["accounts.account"],
        ),
        sa.ForeignKeyConstraint(
            ["token_id"],
            ["soft_tokens.token_id"],
        ),
        sa.PrimaryKeyConstraint("biometrics_id"),
    )
    with op.batch_alter_table("biometrics", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_biometrics_account"), ["account"], unique=False)
        batch_op.create_index(batch_op.f("ix_biometrics_token_id"), ["token_id"], unique=False)
        batch_op.create_index(
            "ux_biometrics_living",
            ["account"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    # Which master key all is kept under, and from here on in the hash of each password as well.
    op.execute('INSERT INTO server_keys ("only", key_id) SELECT "only", key_id FROM schema_versions')
    op.execute(
        "UPDATE accounts SET password_hash = (SELECT key_id FROM schema_versions) || password_hash"
        " WHERE password_hash IS NOT NULL"
    )
    op.drop_table("schema_versions")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("password_reminded_of", sa.Double(), nullable=True))
        batch_op.create_index("ix_accounts_password_changed_at", ["password_changed_at"], unique=False)

    with op.batch_alter_table("audit_rows", schema=None) as batch_op:
        batch_op.add_column(sa.Column("staff", sa.String(length=32), server_default="", nullable=False))
        batch_op.create_index("ix_audit_rows_account_at", ["account", "at", "id"], unique=False)
        batch_op.create_index("ix_audit_rows_at", ["at", "id"], unique=False)
        batch_op.create_index("ix_audit_rows_event_at", ["event", "at", "id"], unique=False)

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("held_for", sa.LargeBinary(length=32), nullable=True))
        batch_op.create_index("ix_outbox_about", ["about", "id"], unique=False)
        batch_op.create_index(
            "ix_outbox_given_up",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'given-up'"),
            postgresql_where=sa.text("state = 'given-up'"),
        )
        batch_op.create_index(
            "ix_outbox_held",
            ["held_for"],
            unique=False,
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        )

    with op.batch_alter_table("phone_challenges", schema=None) as batch_op:
        batch_op.add_column(sa.Column("purpose", sa.String(length=24), server_default="", nullable=False))
        batch_op.add_column(sa.Column("bound_to", sa.String(length=64), server_default="", nullable=False))

    with op.batch_alter_table("web_logins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("session_hash", sa.LargeBinary(length=32), nullable=True))
        batch_op.add_column(sa.Column("onward", sa.Text(), nullable=True))

    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("browser", sa.String(length=48), server_default="", nullable=False))
        batch_op.add_column(sa.Column("address", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("factor_at", sa.Double(), server_default="0", nullable=False))
        batch_op.create_index(
            "ix_web_sessions_open",
            ["last_seen_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
    op.execute("UPDATE web_sessions SET factor_at = created_at")
