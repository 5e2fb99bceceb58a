"""`chainsim workshop`: list the rooms, take away what was handed in, delete."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from chainsim.cli.output import Output, say
from chainsim.errors import DataError, Problem
from chainsim.report.downloads import xlsx_bytes
from chainsim.report.i18n import listed, t
from chainsim.report.room_page import Glance, debrief_tables, rooms_page
from chainsim.study.cache import steady_result
from chainsim.study.rooms.rooms import Rooms
from chainsim.study.rooms.tables import Database, database_url
from chainsim.study.store import write_whole

_DAY_S: Final = 86_400.0


def listing(output: Output) -> None:
    """All rooms, the newest first."""
    found = _rooms().listing()
    if output.json:
        output.data({"rooms": [asdict(room) for room in found], "problems": []})
    else:
        output.page(rooms_page(found, output.lang))


def export(output: Output, code: str, out: Path) -> None:
    """Everything that was handed in in a room, as a workbook."""
    if out.suffix.lower() != ".xlsx":
        raise DataError(Problem(code="CS-X006", file=str(out), found=out.suffix, expected=".xlsx"))
    rooms = _rooms()
    room = rooms.room(code)
    glance = Glance(room=room, teams=rooms.teams(room.code), handed_in=rooms.handed_in(room.code))
    tables = debrief_tables(glance, steady_result(room.base), output.lang)
    write_whole(out, xlsx_bytes(tables))
    say(t("cli.written", output.lang, folder=out.resolve()))
    if output.json:
        output.data({"file": str(out.resolve()), "problems": []})


def purge(output: Output, codes: Sequence[str], older_days: float | None) -> None:
    """Delete rooms by code, and those opened more than some days ago."""
    rooms = _rooms()
    chosen = [rooms.room(code).code for code in codes]
    if older_days is not None:
        before = time.time() - older_days * _DAY_S
        chosen += [r.code for r in rooms.listing() if r.created < before and r.code not in chosen]
    for code in chosen:
        rooms.delete(code)
    if output.json:
        output.data({"deleted": chosen, "problems": []})
    else:
        say(t("room.deleted", output.lang, codes=listed(chosen, output.lang)))


def _rooms() -> Rooms:
    return Rooms(Database(database_url()))
