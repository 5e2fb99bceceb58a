"""Rooms and who does what in them: open, join, work, hand in, steer, delete.

Everything that was confirmed stands in the database; a tablet that was closed, or a server that
was killed, finds it again by its token. Times are seconds since 1970.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import sqlalchemy as sa

from chainsim.errors import DataError, LimitError, Problem, ScenarioError
from chainsim.study.rooms import secrets
from chainsim.study.rooms.board import MEASURES, Submission
from chainsim.study.rooms.shocks import NOTHING
from chainsim.study.rooms.tables import Database, rooms, seats, submissions, teams

State = Literal["open", "frozen"]
TITLE_CHARS: Final = 40
TEAM_CHARS: Final = 16
MOST_ROOMS: Final = 500
MOST_TEAMS: Final = 60
MOST_SUBMISSIONS: Final = 2_000
MOST_WRONG_PINS: Final = 5
COOL_DOWN_S: Final = 300.0
_MOST_CODES: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A room as it stands."""

    code: str
    title: str
    base: str
    """Scenario that all teams begin from."""
    created: float
    state: State
    round: int
    shock: str
    deadline: float | None
    """When the round ends by itself."""
    anonymous: bool
    spotlight: int | None
    """Team whose scheme is shown to all."""
    ordered: str
    """KPI that the board is ordered by."""

    def accepts(self, now: float) -> bool:
        """Whether teams may hand in."""
        return self.state == "open" and (self.deadline is None or now < self.deadline)


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team and what it works on (a scheme as plain data)."""

    id: int
    name: str
    work: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """What a token stands for: a place in a team, or the facilitator's where `team` is None."""

    room: str
    team: int | None


class Rooms:
    """The rooms of a database.

    Args:
        database: where they are kept.
        clock: tells the time; another one in tests.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    # -- the facilitator ----------------------------------------------------------------------

    def open(self, *, title: str, base: str, pin: str) -> tuple[str, str]:
        """A new room: its code, and the token of the facilitator's seat.

        Raises:
            DataError: the title or the PIN will not do (CS-R003, CS-R004).
            LimitError: there are too many rooms (CS-R005).
        """
        title = _name(title, TITLE_CHARS, "title")
        if not secrets.PIN_LEAST <= len(pin) <= secrets.PIN_MOST:
            raise DataError(
                Problem(code="CS-R004", expected=f"{secrets.PIN_LEAST} – {secrets.PIN_MOST}")
            )
        with self._db.writing() as c:
            taken = set(c.scalars(sa.select(rooms.c.code)))
            if len(taken) >= MOST_ROOMS:
                raise LimitError(Problem(code="CS-R005", expected=f"≤ {MOST_ROOMS}"))
            code = next(k for _ in range(_MOST_CODES) if (k := secrets.new_code()) not in taken)
            c.execute(
                sa.insert(rooms).values(
                    code=code,
                    title=title,
                    base=base,
                    pin=secrets.pin_hash(pin),
                    created=self._clock(),
                    state="open",
                    round=1,
                    shock=NOTHING,
                    anonymous=False,
                    ordered=MEASURES[0],
                    wrong_pins=0,
                    wrong_since=0.0,
                )
            )
            return code, _seated(c, code, None)

    def admit(self, code: str, pin: str) -> str:
        """A token of the facilitator's seat for who knows the PIN.

        Raises:
            DataError: there is no such room (CS-R002), or the PIN is wrong (CS-R006).
            LimitError: it was wrong too often in the last minutes (CS-R007).
        """
        code, now = _code(code), self._clock()
        with self._db.writing() as c:
            row = c.execute(sa.select(rooms).where(rooms.c.code == code)).mappings().first()
            if row is None:
                raise DataError(Problem(code="CS-R002", found=code))
            wrong = row["wrong_pins"] if now - row["wrong_since"] < COOL_DOWN_S else 0
            if wrong >= MOST_WRONG_PINS:
                minutes = round(COOL_DOWN_S / 60)
                raise LimitError(Problem(code="CS-R007", params={"minutes": minutes}))
            fits = secrets.pin_fits(pin, row["pin"])
            _change(c, code, wrong_pins=0 if fits else wrong + 1, wrong_since=now)
            token = _seated(c, code, None) if fits else ""
        if not token:
            raise DataError(Problem(code="CS-R006"))
        return token

    def steer(self, code: str, **changed: object) -> None:
        """Set `state`, `round`, `shock`, `deadline`, `anonymous`, `spotlight` or `ordered`."""
        with self._db.writing() as c:
            _change(c, code, **changed)

    def next_round(self, code: str, *, shock: str, deadline: float | None) -> None:
        """Begin another round; the spotlight goes out."""
        with self._db.writing() as c:
            c.execute(
                sa.update(rooms)
                .where(rooms.c.code == code)
                .values(
                    round=rooms.c.round + 1,
                    state="open",
                    shock=shock,
                    deadline=deadline,
                    spotlight=None,
                )
            )

    def delete(self, code: str) -> None:
        """Everything of a room, for good.

        Raises:
            DataError: there is no such room (CS-R002).
        """
        with self._db.writing() as c:
            if not c.execute(sa.delete(rooms).where(rooms.c.code == _code(code))).rowcount:
                raise DataError(Problem(code="CS-R002", found=code))

    def listing(self) -> tuple[Room, ...]:
        """All rooms, the newest first."""
        with self._db.reading() as c:
            rows = c.execute(sa.select(rooms).order_by(rooms.c.created.desc())).mappings()
            return tuple(_room(row) for row in rows)

    # -- the teams ----------------------------------------------------------------------------

    def join(self, code: str, name: str) -> str:
        """A token of a seat in a new team.

        Raises:
            DataError: there is no such room (CS-R002), the name will not do (CS-R003) or is taken
                (CS-R008).
            LimitError: the room is full (CS-R009).
        """
        code, name = _code(code), _name(name, TEAM_CHARS, "name")
        with self._db.writing() as c:
            room = _found(c, code)
            there = c.scalars(sa.select(teams.c.folded).where(teams.c.room == code)).all()
            if name.casefold() in there:
                raise DataError(Problem(code="CS-R008", found=name))
            if len(there) >= MOST_TEAMS:
                raise LimitError(Problem(code="CS-R009", expected=f"≤ {MOST_TEAMS}"))
            begun = {"room": code, "name": name, "folded": name.casefold()}
            made = sa.insert(teams).values(**begun, work={"base": room.base})
            return _seated(c, code, c.execute(made.returning(teams.c.id)).scalar_one())

    def seat(self, token: str) -> Seat | None:
        """What a token stands for; None when it stands for nothing any more."""
        with self._db.reading() as c:
            wanted = seats.c.token == secrets.token_hash(token)
            row = c.execute(sa.select(seats).where(wanted)).mappings().first()
            return None if row is None else Seat(room=row["room"], team=row["team"])

    def save(self, team: int, work: Mapping[str, Any]) -> None:
        """Keep what a team works on."""
        with self._db.writing() as c:
            c.execute(sa.update(teams).where(teams.c.id == team).values(work=dict(work)))

    def hand_in(
        self,
        team: int,
        scheme: Mapping[str, Any],
        figures: Mapping[str, float],
        failed: Sequence[str],
        *,
        meant_for: int | None = None,
    ) -> Submission:
        """Put a team's scheme on the board of the round that is running.

        Args:
            team: whose scheme.
            scheme: as plain data.
            figures: KPI -> value.
            failed: clauses not kept.
            meant_for: number of the round that the team sees; whichever runs when left out.

        Raises:
            ScenarioError: the round does not take anything (CS-R010), or another one has begun
                (CS-R012).
            LimitError: the room holds too many already (CS-R011).
        """
        now = self._clock()
        with self._db.writing() as c:
            code = c.scalar(sa.select(teams.c.room).where(teams.c.id == team))
            room = _found(c, str(code))
            if meant_for not in (None, room.round):
                raise ScenarioError(Problem(code="CS-R012"))
            if not room.accepts(now):
                raise ScenarioError(Problem(code="CS-R010"))
            counted = sa.select(sa.func.count()).where(submissions.c.room == code)
            if (c.scalar(counted) or 0) >= MOST_SUBMISSIONS:
                raise LimitError(Problem(code="CS-R011", expected=f"≤ {MOST_SUBMISSIONS}"))
            made = Submission(
                team=team,
                round=room.round,
                at=now,
                scheme=dict(scheme),
                figures=dict(figures),
                failed=tuple(failed),
            )
            c.execute(
                sa.insert(submissions).values(
                    room=code,
                    team=team,
                    round=made.round,
                    at=now,
                    scheme=made.scheme,
                    figures=made.figures,
                    failed=list(failed),
                )
            )
            return made

    # -- everybody ----------------------------------------------------------------------------

    def room(self, code: str) -> Room:
        """A room.

        Raises:
            DataError: there is none (CS-R002).
        """
        with self._db.reading() as c:
            return _found(c, _code(code))

    def teams(self, code: str) -> tuple[Team, ...]:
        """The teams of a room in the order they came."""
        with self._db.reading() as c:
            rows = c.execute(sa.select(teams).where(teams.c.room == code).order_by(teams.c.id))
            return tuple(Team(id=r.id, name=r.name, work=r.work) for r in rows)

    def handed_in(self, code: str) -> tuple[Submission, ...]:
        """Everything that was handed in, in order."""
        wanted = sa.select(submissions).where(submissions.c.room == code)
        with self._db.reading() as c:
            return tuple(
                Submission(
                    team=row.team,
                    round=row.round,
                    at=row.at,
                    scheme=row.scheme,
                    figures=row.figures,
                    failed=tuple(row.failed),
                )
                for row in c.execute(wanted.order_by(submissions.c.id))
            )


def _code(text: str) -> str:
    code = secrets.read_code(text)
    if not code:
        raise DataError(Problem(code="CS-R002", found=text.strip()[:12]))
    return code


def _name(text: str, most: int, path: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > most or not name.isprintable():
        raise DataError(Problem(code="CS-R003", path=path, expected=f"1 – {most}"))
    return name


def _found(c: sa.Connection, code: str) -> Room:
    row = c.execute(sa.select(rooms).where(rooms.c.code == code)).mappings().first()
    if row is None:
        raise DataError(Problem(code="CS-R002", found=code))
    return _room(row)


def _room(row: Mapping[Any, Any]) -> Room:
    return Room(**{key: row[key] for key in Room.__slots__})


def _change(c: sa.Connection, code: str, **changed: object) -> None:
    c.execute(sa.update(rooms).where(rooms.c.code == code).values(**changed))


def _seated(c: sa.Connection, code: str, team: int | None) -> str:
    token = secrets.new_token()
    c.execute(sa.insert(seats).values(token=secrets.token_hash(token), room=code, team=team))
    return token
