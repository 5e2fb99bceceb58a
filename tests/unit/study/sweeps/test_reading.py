"""Reading back: the right quantiles, also while a writer runs, with any tool that reads Parquet."""

from __future__ import annotations

import os
import threading

import duckdb
import numpy as np
import pandas as pd
import pytest

from chainsim.errors import DataError
from chainsim.study.sweeps.folder import SweepFolder
from chainsim.study.sweeps.parts import Rows, found_parts, part_bytes, write_part
from chainsim.study.sweeps.reading import connect, kpi_quantiles, read_results, verdict_shares
from chainsim.study.sweeps.summary import convergence_table, summary
from chainsim.study.sweeps.sweep import sweep, sweep_plan
from tests.unit.study.sweeps.toys import Function, function_plan, toy_study


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy") / "with [glob] * 'quote'"
    sweep(toy_study(), folder)
    return folder


def test_quantiles_are_numpys(toy):
    frame = read_results(toy)
    found = kpi_quantiles(toy).set_index(["point", "id"])
    for (point, key), group in frame.groupby(["point", "id"]):
        values = group["value"].dropna().to_numpy()
        if len(values):
            row = found.loc[(point, key)]
            assert row["q0.05"] == pytest.approx(np.quantile(values, 0.05), rel=1e-12)
            assert row["mean"] == pytest.approx(values.mean(), rel=1e-12)
            assert row["n"] == len(values)


def test_pandas_reads_the_parts_as_they_lie(toy):
    frame = pd.concat([pd.read_parquet(p.path) for p in found_parts(toy / "parts")])
    ours = read_results(toy)
    assert len(frame[frame["kind"] == "kpi"]) == len(ours)
    with connect(toy) as base:
        joined = base.execute(
            "SELECT size, avg(value) FROM results JOIN points USING (point) "
            "WHERE id = 'output.good_t' GROUP BY size ORDER BY size"
        ).fetchall()
    assert [row[0] for row in joined] == [5.0, 20.0]


def test_readers_see_whole_runs_only_while_a_writer_runs(tmp_path):
    plan = function_plan(Function("sum"), 300, reps=10, chunk=10)
    counts: list[int] = []
    wrong: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                frame = read_results(tmp_path)
            except DataError as error:
                if error.problems[0].code != "CS-T014":
                    wrong.append(error.text())
                continue
            runs = frame.groupby("point")["replication"].count()
            if (runs != 10).any() or (frame["value"] != frame["point"]).any():
                wrong.append("half a run")
            counts.append(len(frame))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    sweep_plan(plan, tmp_path)
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert len(set(counts)) > 1  # it was read while it grew
    assert len(read_results(tmp_path)) == 3000


def test_a_damaged_part_is_named_not_a_traceback(tmp_path):
    sweep_plan(function_plan(Function("sum"), 20), tmp_path)
    victim = found_parts(tmp_path / "parts")[1]
    content = bytearray(victim.path.read_bytes())
    content[-30:] = bytes(30)
    victim.path.write_bytes(content)
    with pytest.raises(DataError) as error:
        read_results(tmp_path)
    assert error.value.problems[0].code == "CS-T010"
    assert victim.path.name in error.value.problems[0].file


def test_an_unknown_kpi_and_an_empty_folder_are_named(toy, tmp_path):
    for folder, code in ((toy, "CS-T007"), (tmp_path, "CS-T014")):
        with pytest.raises(DataError) as error:
            read_results(folder, ["output.god_t"])
        assert error.value.problems[0].code == code


def test_a_summary_tells_shares_and_convergence(toy):
    found = summary(toy)
    assert (found.done, found.runs) == (12, 12)
    assert set(found.points["size"]) == {5.0, 20.0}
    table = convergence_table(toy, ["output.good_t"])
    assert table[table["point"] == 0]["n"].tolist()[-1] == 6


def test_shares_of_verdicts_and_of_returns_below_the_hurdle(tmp_path):
    plan = function_plan(Function("sum"), 1, reps=4)
    sweep_plan(plan, tmp_path)
    part = found_parts(tmp_path / "parts")[0]
    part.path.unlink()
    rows = Rows()
    for k, verdict in enumerate(("pass", "pass", "fail", "not_applicable")):
        rows.add([0], [k], ["policy"], ["clause"], ["city"], [1.0], ["t"], [2.0], [1.0], [verdict])
        value = -1.0 if k == 0 else 1.0
        rows.add(
            [0], [k], ["kpi"], ["finance.fnpv_cny"], [""], [value], ["CNY"], [None], [None], [""]
        )
    write_part(SweepFolder(tmp_path).parts, 0, part_bytes(rows, plan.key, 0))
    shares = verdict_shares(tmp_path).iloc[0]
    assert (shares["judged"], shares["passed"]) == (3, 2)


def test_a_thousand_parts_are_read_together(tmp_path):
    """What a thousand workers leave behind; all of it in one query."""
    sweep_plan(function_plan(Function("sum"), 1000, chunk=1), tmp_path)
    frame = kpi_quantiles(tmp_path)
    assert frame["mean"].tolist() == list(range(1000))


def test_nobody_who_reads_parquet_files_meets_a_half_written_one(tmp_path, monkeypatch):
    """The recipe of the docs for DuckDB alone takes hidden files too."""
    seen = []

    def flushed(handle):
        seen.append(duckdb.sql(f"SELECT count(*) FROM glob('{tmp_path}/*.parquet')").fetchall())

    monkeypatch.setattr(os, "fsync", flushed)
    path = write_part(tmp_path, 0, b"half")
    assert seen[0] == [(0,)]
    assert path.read_bytes() == b"half"
