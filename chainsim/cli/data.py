"""Commands that read files and simulate nothing: validate, scenarios, graph, schema, version."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from chainsim.cli.output import Output, plain_line, problem_data, say
from chainsim.errors import DataError, Problem, StructureError, UserError
from chainsim.report.i18n import t


def validate(output: Output, paths: Sequence[str], *, resolved: bool) -> int:
    """Check scenarios, folders of scenarios and libraries; every problem of every one is told."""
    problems: list[Problem] = []
    code = 0
    texts: dict[str, dict[str, object]] = {}
    for path in _expanded(paths):
        try:
            warnings, data = _checked(path)
        except UserError as exc:
            problems += exc.problems
            code = code or exc.exit_code
            say(t("cli.invalid", output.lang, path=plain_line(path), count=len(exc.problems)))
            _say_all(output, exc.problems)
            continue
        problems += warnings
        texts[path] = data
        say(t("cli.valid", output.lang, path=plain_line(path), count=len(warnings)))
        _say_all(output, warnings)
    if output.json:
        extra = {"resolved": texts} if resolved else {}
        output.data({"problems": problem_data(problems, output.lang), **extra})
    elif resolved:
        from chainsim.library.yaml_writer import to_yaml

        for scenario in texts.values():
            if scenario:
                output.text(to_yaml(scenario))
    return code


def _say_all(output: Output, problems: Sequence[Problem]) -> None:
    for problem in problems:
        say(plain_line(f"{problem.code}  {problem.text(output.lang)}"))


def _expanded(paths: Sequence[str]) -> list[str]:
    """The paths, folders of scenarios replaced by their files."""
    found: list[str] = []
    for path in paths:
        folder = Path(path)
        inside = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
        if inside and not _is_library(folder):
            found += [str(p) for p in inside]
        else:
            found.append(path)
    return found


def _is_library(folder: Path) -> bool:
    return (folder / "constants.yaml").exists() or (folder / "materials").is_dir()


def _checked(path: str) -> tuple[list[Problem], dict[str, object]]:
    """(warnings, resolved scenario) of a valid path; a library has no scenario."""
    if Path(path).is_dir():
        from chainsim.library.files import load_library

        load_library(Path(path))
        return [], {}
    from chainsim.library.candidate_files import is_candidates, load_candidates

    if is_candidates(path):
        from chainsim.study.layout.search import Search

        Search(load_candidates(path))
        return [], {}
    from chainsim.library.project_files import load_project, project_path
    from chainsim.library.study_files import load_study, study_path

    study = study_path(path)
    if study is not None:
        from chainsim.study.sweeps.plan import study_plan

        study_plan(load_study(study))
        return [], {}
    project = project_path(path)
    if project is not None:
        from chainsim.accounts.projects.from_file import read_project
        from chainsim.library.files import load_library

        read_project(load_project(project), load_library())
        return [], {}
    from chainsim.balance.diagnosis import check_gain
    from chainsim.balance.program import compile_park
    from chainsim.library.scenarios import load_scenario
    from chainsim.park.build import build_park
    from chainsim.park.checks import check_park

    scenario = load_scenario(path)
    park = build_park(scenario)
    try:
        check_gain(compile_park(park))
    except StructureError as exc:
        raise StructureError([scenario.place(p) for p in exc.problems]) from exc
    return [scenario.place(p) for p in check_park(park)], scenario.data


def scenarios(output: Output) -> None:
    """The scenarios that come with chainsim: id, name, story."""
    from chainsim.library.scenarios import load_scenario, shipped_scenarios
    from chainsim.report.document import Page, Section

    records = [load_scenario(key).record for key in shipped_scenarios()]
    if output.json:
        fields = ("id", "name_zh", "name_en", "story_zh", "story_en")
        found = [{field: getattr(record, field) for field in fields} for record in records]
        output.data({"scenarios": found, "problems": []})
        return
    chinese = output.lang == "zh"
    sections = tuple(
        Section(
            title=f"{r.id}  {r.name_zh if chinese else r.name_en}",
            lines=(r.story_zh if chinese else r.story_en,),
        )
        for r in records
    )
    title = t("scenarios.title", output.lang, count=len(records))
    output.page(Page(title=title, sections=sections))


def graph(output: Output, scenario: str, form: str, overrides: Sequence[str]) -> None:
    """The park as a graph for other tools, or as a picture."""
    from chainsim.park import export
    from chainsim.park.build import load_park
    from chainsim.park.graph import park_graph

    park = load_park(scenario, overrides)
    if form == "dot":
        colours = {key: material.colour for key, material in park.materials.items()}
        output.text(export.to_dot(park_graph(park), output.lang, colours))
    elif form == "graphml":
        output.text(export.to_graphml(park_graph(park)))
    elif form == "json":
        output.text(export.to_json(park_graph(park)))
    else:
        from chainsim.report.graph_svg import park_svg

        output.text(park_svg(park, output.lang))


def schema(output: Output, what: str) -> None:
    """JSON Schema of scenario, project, candidate or study files, for editors."""
    from chainsim.library.candidate_records import candidates_schema
    from chainsim.library.finance_records import project_schema
    from chainsim.library.scenario_records import scenario_schema
    from chainsim.library.study_records import study_schema

    schemas = {
        "scenario": scenario_schema,
        "project": project_schema,
        "candidates": candidates_schema,
        "study": study_schema,
    }
    text = json.dumps(schemas[what](), ensure_ascii=False, indent=1)
    output.text(text)


def version(output: Output) -> None:
    """Version of chainsim; with JSON also of what decides its numbers."""
    own = metadata.version("chainsim")
    if not output.json:
        output.text(own)
        return
    from chainsim.study.run import versions

    output.data({"version": own, "versions": versions(), "problems": []})


def unknown(found: str, hint: str) -> DataError:
    """The error for an id that nothing has."""
    return DataError(Problem(code="CS-X003", found=plain_line(found)[:60], hint=hint))
