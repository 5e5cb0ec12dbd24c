"""The tables of the auth server.

Times are unix seconds. Nothing here can be used by who reads it: codes, tokens and links are kept as keyed hashes,
seeds and unsent messages sealed under a key that is not in the database.
"""

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

SEALED_FOR: Final = "auth_server.sealed_for"
"""In the `info` of a column of sealed values: the columns that, after table and column, name the place of the seal."""

metadata = MetaData()


def _index_while(condition: str, name: str, *columns: str, unique: bool = False) -> Index:
    """Index the rows that meet a condition; see `say_conditions_in_postgresql`."""
    return Index(name, *columns, unique=unique, sqlite_where=text(condition))


def say_conditions_in_postgresql() -> None:
    """Give each index with a condition the same in PostgreSQL's words, for whoever is going to use one.

    Giving them where the index stands would load SQLAlchemy's whole PostgreSQL for everybody.
    """
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        if (condition := index.dialect_options["sqlite"]["where"]) is not None:
            index.dialect_options["postgresql"]["where"] = condition


# One row: which master key everything is kept under, and the signing key once it has outlived its master key.
server_keys = Table(
    "server_keys",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("key_id", String(32), nullable=False),
    Column("sealed_signing_key", LargeBinary, info={SEALED_FOR: ()}),
)

accounts = Table(
    "accounts",
    metadata,
    Column("account", String(9), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("email", String(254), nullable=False),
    Column("phone", String(24), nullable=False),
    Column("language", String(8), nullable=False),
    Column("password_hash", String(255)),
    Column("password_changed_at", Double),
    # The change of the password whose end its owner was reminded of.
    Column("password_reminded_of", Double),
    Column("locked_at", Double),
    Column("created_at", Double, nullable=False),
    Index("ix_accounts_password_changed_at", "password_changed_at"),
)


def _account() -> Column[str]:
    return Column("account", String(9), ForeignKey("accounts.account"), nullable=False, index=True)


# How often something was tried in the window that is running: see lockout.py.
limits = Table(
    "limits",
    metadata,
    Column("key", String(160), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("window_ends_at", Double, nullable=False),
)

audit_rows = Table(
    "audit_rows",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("account", String(64), nullable=False),
    Column("event", String(40), nullable=False),
    Column("result", String(8), nullable=False),
    Column("reason", String(80), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("address", String(64), nullable=False),
    Column("staff", String(32), nullable=False),
    Index("ix_audit_rows_account", "account", "id"),
    # What a search begins with, newest first: see back_office/audit_search.py.
    Index("ix_audit_rows_at", "at", "id"),
    Index("ix_audit_rows_account_at", "account", "at", "id"),
    Index("ix_audit_rows_event_at", "event", "at", "id"),
)

# Mails and texts that are to be sent; `content` is sealed, and wiped once it was handed over.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(4), nullable=False),
    Column("message_id", String(120), nullable=False, unique=True),
    Column("account", String(64), nullable=False),
    # The login or enrolment that waits for it, so that its customer can be told how it fares.
    Column("about", String(64)),
    Column("created_at", Double, nullable=False),
    Column("until", Double, nullable=False),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("content", LargeBinary, info={SEALED_FOR: ("message_id",)}),
    # Set of one that waits only once this web session has ended; its state is "held" until then.
    Column("held_for", LargeBinary(32)),
    Column("ended_at", Double),
    Index("ix_outbox_about", "about", "id"),
    _index_while("state = 'held'", "ix_outbox_held", "held_for"),
    _index_while("state = 'waiting'", "ix_outbox_waiting", "kind", "id"),
    _index_while("state = 'given-up'", "ix_outbox_given_up", "id"),
)

one_time_codes = Table(
    "one_time_codes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("purpose", String(16), nullable=False),
    _account(),
    Column("transaction_id", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("code_mac", LargeBinary(32), nullable=False),
    Column("issued_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", String(8), nullable=False),
    Index("ix_one_time_codes_transaction", "transaction_id"),
    _index_while("state = 'open'", "ux_one_time_codes_open", "purpose", "transaction_id", unique=True),
)

soft_tokens = Table(
    "soft_tokens",
    metadata,
    Column("token_id", String(32), primary_key=True),
    _account(),
    Column("state", String(8), nullable=False),
    Column("device_key", LargeBinary(65), nullable=False),
    Column("device_name", String(64), nullable=False),
    Column("sealed_seed", LargeBinary, info={SEALED_FOR: ("token_id", "account")}),
    Column("last_step", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    # What the binding's answer said, so that a repeated request is answered alike; none of it is secret.
    Column("request_hash", LargeBinary(32), nullable=False),
    Column("server_ephemeral_key", LargeBinary(65), nullable=False),
    Column("server_confirmation", LargeBinary(32), nullable=False),
    Column("phone_confirmation_hash", LargeBinary(32), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("activated_at", Double),
    Column("ended_at", Double),
    _index_while("state = 'active'", "ux_soft_tokens_active", "account", unique=True),
)

enrolments = Table(
    "enrolments",
    metadata,
    Column("enrolment_id", String(32), primary_key=True),
    _account(),
    Column("device_key", LargeBinary(65), nullable=False),
    Column("device_name", String(64), nullable=False),
    Column("step", String(16), nullable=False),
    Column("token_id", String(32)),
    Column("started_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("ended_at", Double),
    _index_while("ended_at IS NULL", "ux_enrolments_open", "account", unique=True),
)

registration_codes = Table(
    "registration_codes",
    metadata,
    Column("code_mac", LargeBinary(32), primary_key=True),
    _account(),
    Column("enrolment_id", String(32), ForeignKey("enrolments.enrolment_id"), nullable=False, index=True),
    Column("issued_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("state", String(8), nullable=False),
)

phone_challenges = Table(
    "phone_challenges",
    metadata,
    Column("challenge_id", String(32), primary_key=True),
    Column("challenge", LargeBinary(32), nullable=False),
    Column("purpose", String(24), nullable=False),
    # Who may answer it: a session, a registration of biometrics; nobody in particular if empty.
    Column("bound_to", String(64), nullable=False),
    Column("expires_at", Double, nullable=False, index=True),
)

# A registration belongs to a token; its release key is sealed, and wiped when the registration is suspended or ends.
biometrics = Table(
    "biometrics",
    metadata,
    Column("biometrics_id", String(32), primary_key=True),
    _account(),
    Column("token_id", String(32), ForeignKey("soft_tokens.token_id"), nullable=False, index=True),
    Column("state", String(9), nullable=False),
    Column("reason", String(24)),
    Column("public_key", LargeBinary(65), nullable=False),
    Column("biometric_set", LargeBinary(32), nullable=False),
    Column("sealed_release_key", LargeBinary, info={SEALED_FOR: ("biometrics_id", "token_id", "account")}),
    # What the registration was asked with, so that a repeated request is answered alike; nothing secret.
    Column("request_hash", LargeBinary(32), nullable=False),
    Column("terms_version", String(16), nullable=False),
    Column("terms_accepted_at", Double, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("next_try_at", Double, nullable=False),
    Column("registered_at", Double, nullable=False),
    Column("suspended_at", Double),
    Column("ended_at", Double),
    _index_while("ended_at IS NULL", "ux_biometrics_living", "account", unique=True),
)

phone_sessions = Table(
    "phone_sessions",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    _account(),
    Column("device_key", LargeBinary(65), nullable=False),
    Column("device_name", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("last_seen_at", Double, nullable=False),
    Column("ended_at", Double),
)

# Web side.

reset_links = Table(
    "reset_links",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    _account(),
    Column("sent_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("state", String(8), nullable=False),
)

# A web login between the password and the session; its cookie holds what `token_hash` is the hash of.
web_logins = Table(
    "web_logins",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("transaction_id", String(32), nullable=False),
    _account(),
    Column("step", String(16), nullable=False),
    Column("channel", String(16)),
    Column("service", Text),
    # Set if it asks a customer who is logged in for the second factor again: for which session, and what comes then.
    Column("session_hash", LargeBinary(32)),
    Column("onward", Text),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("ended_at", Double),
)

web_sessions = Table(
    "web_sessions",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    _account(),
    Column("channel", String(16), nullable=False),
    Column("previous_login_at", Double),
    Column("browser", String(48), nullable=False),
    Column("address", String(64), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("factor_at", Double, nullable=False),
    Column("last_seen_at", Double, nullable=False),
    Column("ended_at", Double),
    _index_while("ended_at IS NULL", "ix_web_sessions_open", "last_seen_at"),
)

service_tickets = Table(
    "service_tickets",
    metadata,
    Column("ticket_hash", LargeBinary(32), primary_key=True),
    _account(),
    Column("session_hash", LargeBinary(32), nullable=False, index=True),
    Column("service", Text, nullable=False),
    Column("from_new_login", Boolean, nullable=False),
    Column("issued_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("used_at", Double),
)

# The back office.

staff = Table(
    "staff",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("password_hash", String(255), nullable=False),
    Column("sealed_seed", LargeBinary, nullable=False, info={SEALED_FOR: ("name",)}),
    Column("last_step", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("name", String(32), ForeignKey("staff.name"), nullable=False, index=True),
    Column("created_at", Double, nullable=False),
    Column("last_seen_at", Double, nullable=False),
    Column("ended_at", Double),
)
