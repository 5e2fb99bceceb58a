"""Where rooms are kept: four tables, in a file of SQLite or at an address of PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from chainsim.errors import MachineError, Problem

_WAIT_S: Final = 10
_WRITES: Final = "writes"

metadata: Final = sa.MetaData()
rooms: Final = sa.Table(
    "rooms",
    metadata,
    sa.Column("code", sa.String(8), primary_key=True),
    sa.Column("title", sa.String(80), nullable=False),
    sa.Column("base", sa.String(80), nullable=False),
    sa.Column("pin", sa.String(160), nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("shock", sa.String(40), nullable=False),
    sa.Column("deadline", sa.Float),
    sa.Column("anonymous", sa.Boolean, nullable=False),
    sa.Column("spotlight", sa.Integer),
    sa.Column("ordered", sa.String(60), nullable=False),
    sa.Column("wrong_pins", sa.Integer, nullable=False),
    sa.Column("wrong_since", sa.Float, nullable=False),
)
teams: Final = sa.Table(
    "teams",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("room", sa.ForeignKey("rooms.code", ondelete="CASCADE"), nullable=False),
    sa.Column("name", sa.String(40), nullable=False),
    sa.Column("folded", sa.String(80), nullable=False),
    sa.Column("work", sa.JSON, nullable=False),
    sa.UniqueConstraint("room", "folded"),
)
seats: Final = sa.Table(
    "seats",
    metadata,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("room", sa.ForeignKey("rooms.code", ondelete="CASCADE"), nullable=False),
    sa.Column("team", sa.ForeignKey("teams.id", ondelete="CASCADE")),
)
submissions: Final = sa.Table(
    "submissions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("room", sa.ForeignKey("rooms.code", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("team", sa.ForeignKey("teams.id", ondelete="CASCADE"), nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("scheme", sa.JSON, nullable=False),
    sa.Column("figures", sa.JSON, nullable=False),
    sa.Column("failed", sa.JSON, nullable=False),
)


def database_url(environ: Mapping[str, str] = os.environ) -> str:
    """CHAINSIM_DB, else a file below the user's state folder."""
    given = environ.get("CHAINSIM_DB")
    if given:
        return given
    state = environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return f"sqlite:///{Path(state) / 'chainsim' / 'rooms.sqlite'}"


class Database:
    """The tables at an address; made where they are missing. Safe in threads and processes.

    Args:
        url: of SQLAlchemy, such as `sqlite:///rooms.sqlite`.

    Raises:
        MachineError: there is no such database, or it cannot be written (CS-R001).
    """

    def __init__(self, url: str) -> None:
        with _told():
            self._engine = _engine(sa.make_url(url))
            with self.writing() as connection:
                metadata.create_all(connection)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state and holds nobody up."""
        with _told(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that is alone in writing from its beginning."""
        with _told(), self._engine.connect() as plain:
            connection = plain.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection


@contextmanager
def _told() -> Iterator[None]:
    """Failures of the database as a sentence; a broken rule is for the caller to understand."""
    try:
        yield
    except sa.exc.IntegrityError:
        raise
    except (sa.exc.SQLAlchemyError, ImportError, OSError) as exc:
        detail = str(getattr(exc, "orig", None) or exc).splitlines()[0]
        raise MachineError(Problem(code="CS-R001", params={"detail": detail})) from exc


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True)
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = sa.create_engine(url, connect_args={"timeout": _WAIT_S})

    # The driver begins no transaction before the first write; so it is begun by hand.
    @sa.event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        for rule in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {rule}")

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        alone = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if alone else "BEGIN")

    return engine
