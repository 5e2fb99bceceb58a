"""The editor: a scenario's tables, checked as they are typed, to be computed and taken away."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app import shell, state, tables, takeaway
from app.drafting import Drafting, drafting, of_scheme
from app.tables import XLSX, escaped
from app.views.scheme import chosen_view
from chainsim.errors import Lang, UserError
from chainsim.report import draft_views as views
from chainsim.report.downloads import xlsx_bytes
from chainsim.report.i18n import t
from chainsim.report.numbers import NOTHING
from chainsim.report.presets import every_preset, preset_name
from chainsim.report.problem_texts import sentences
from chainsim.study.draft_dispatch import present_order
from chainsim.study.draft_sheets import with_workbook
from chainsim.study.draft_tables import COLUMNS, DISPATCH, MOST_CHARS, SECTIONS, table
from chainsim.study.drafts import draft_park, draft_text, keep_draft, read_draft
from chainsim.study.levers import Scheme

NOW = "now"
HEIGHT_PX = 430
HINTS = {
    "prices": "editor.prices_hint",
    "obligations": "editor.obligations_hint",
    DISPATCH: "editor.dispatch_hint",
}
WIDE = ("targets", "monthly")
WIDTHS = {"site": 118, "owner": 140}


def show(lang: Lang) -> None:
    """Draw the page."""
    st.title(t("editor.title", lang), anchor=False)
    st.caption(t("editor.lead", lang))
    draft = drafting()
    buttons = _start(draft, lang)
    _names(draft, lang)
    section = chosen_view("editor_table", SECTIONS, lang, "editor")
    _table(draft, section, lang)
    if section == "units":
        _add_unit(draft, lang)
    if section == DISPATCH:
        _order(draft, lang)
    with buttons:  # drawn last: it knows then what has just been typed
        st.button(t("editor.undo", lang), key="editor_undo", on_click=draft.back,
                  disabled=not draft.past)  # fmt: skip
    _verdict(draft, lang)


def _start(draft: Drafting, lang: Lang) -> Any:
    """What to start from; returns the place for more buttons."""
    left, middle, right = st.columns([2.2, 1, 2.6], vertical_alignment="bottom", gap="medium")
    scheme = state.history().scheme
    with left:
        name = st.selectbox(
            t("editor.start", lang),
            (NOW, *every_preset()),
            format_func=lambda n: t("editor.now", lang, name=preset_name(scheme.base, lang))
            if n == NOW else preset_name(n, lang),
            key=f"editor_start_{lang}",
        )  # fmt: skip
    with middle:
        buttons = st.container(horizontal=True, key="editor_buttons")
    with buttons:
        if st.button(t("editor.load", lang), key="editor_load"):
            draft.replace(of_scheme(scheme if name == NOW else Scheme(base=str(name))))
    with right:
        _upload(draft, lang)
    return buttons


def _upload(draft: Drafting, lang: Lang) -> None:
    """A file taken over once; one that will not do changes nothing and is told why."""
    given = st.file_uploader(t("editor.upload", lang), ("yaml", "yml", "xlsx"), key="editor_file")
    session = state.session()
    if given is None:
        return
    if session.get("editor_taken") != given.file_id:
        session["editor_taken"] = given.file_id
        session["editor_refused"] = ()
        try:
            content = given.getvalue()
            if given.name.lower().endswith(".xlsx"):
                data, found = with_workbook(draft.current()[0], content, given.name)
                session["editor_refused"] = found
            else:
                data = read_draft(content, given.name)
            draft.replace(data)
        except UserError as exc:
            session["editor_refused"] = exc.problems
    refused = session["editor_refused"]
    name = escaped(given.name)
    if not refused:
        st.success(t("editor.uploaded", lang, name=name))
        return
    lines = [escaped(x) for x in sentences(refused[: views.MOST_PROBLEMS], lang)]
    st.error("  \n".join([t("editor.refused", lang, name=name), *lines]))


def _names(draft: Drafting, lang: Lang) -> None:
    for column, field in zip(st.columns(2), ("name_zh", "name_en"), strict=True):
        key = f"editor_{field}_{draft.version}_{lang}"
        typed = column.text_input(
            t(f"editor.{field}", lang), value=str(draft.data.get(field, "")), max_chars=80, key=key
        )
        if typed != draft.data.get(field, ""):
            draft.change(lambda data, f=field, x=typed: {**data, f: x})


def _table(draft: Drafting, section: str, lang: Lang) -> None:
    st.caption(t(HINTS.get(section, "editor.table_hint"), lang))
    key = f"edit_{section}_{draft.version}_{lang}"
    frame = draft.frame(section, anew=key not in state.session())
    typed = st.data_editor(
        frame,
        key=key,
        num_rows="dynamic",
        hide_index=True,
        height=HEIGHT_PX,
        column_config=_columns(draft, section, lang),
        column_order=views.order(section, lang),
        placeholder=NOTHING,
        alt=t(f"editor.{section}", lang),
    )
    draft.typed(section, typed)


def _order(draft: Drafting, lang: Lang) -> None:
    """The whole list as it stands, and its head as rows to be edited."""
    data, problems = draft.current()
    if problems:
        return
    if st.button(
        t("editor.order_now", lang), key="editor_order", help=t("editor.order_help", lang)
    ):
        draft.put_order(present_order(data))
        st.rerun()
    with st.expander(t("editor.order_whole", lang)):
        tables.show(views.order_grid(draft_park(data), lang))


def _columns(draft: Drafting, section: str, lang: Lang) -> dict[str, Any]:
    words = views.choices(draft.data, section, lang)
    frame = draft.frames[section]
    config: dict[str, Any] = {}
    for column, title in views.headings(section, lang).items():
        if column in words:
            known = words[column]
            options = ["", *dict.fromkeys([*known, *(x for x in frame[column] if x)])]
            config[column] = st.column_config.SelectboxColumn(
                title,
                options=options,
                format_func=lambda w, k=known: k.get(w, str(w)),
                width=WIDTHS.get(column),
            )
        else:
            most = MOST_CHARS if column in WIDE else 80
            config[column] = st.column_config.TextColumn(
                title, max_chars=most, pinned=column == "id",
                width="large" if column in WIDE else None,
            )  # fmt: skip
    return config


def _add_unit(draft: Drafting, lang: Lang) -> None:
    """A plant chosen by its process: the row's id and the way to write its size are offered."""
    library = views.library_of_drafts()
    names = views.process_choices(library, lang)
    sites = views.choices(draft.data, "units", lang)["site"]
    with st.popover(t("editor.add", lang), key="editor_add"):
        process = st.selectbox(
            t("editor.process", lang),
            list(names),
            format_func=names.__getitem__,
            key=f"add_process_{lang}",
        )
        site = st.selectbox(
            t("editor.site", lang),
            list(sites),
            format_func=sites.__getitem__,
            key=f"add_site_{lang}",
        )
        hint = views.capacity_hint(library, str(process), lang)
        capacity = st.text_input(t("editor.capacity", lang), key="add_capacity", max_chars=40,
                                 placeholder=hint, help=hint)  # fmt: skip
        priority = st.text_input(t("editor.priority", lang), value="50", key="add_priority",
                                 max_chars=10)  # fmt: skip
        if st.button(t("editor.add_now", lang), type="primary", key="add_now"):
            values = dict.fromkeys(COLUMNS["units"], "")
            values |= {"process": str(process), "site": str(site or ""), "capacity": capacity,
                       "priority": priority, "status": "planned"}  # fmt: skip
            draft.add("units", str(process), values)
            st.rerun()


def _verdict(draft: Drafting, lang: Lang) -> None:
    """Whether the draft can be run; its files; the way to its figures."""
    data, problems = draft.current()
    if problems:
        st.error(t("editor.problems", lang, count=len(problems)))
        tables.show(views.problem_grid(problems, lang))
    else:
        counts = {s: len(data.get(s, {})) for s in ("units", "links", "sites")}
        st.success(t("editor.valid", lang, **counts))
    with st.container(horizontal=True):
        if st.button(t("editor.run", lang), type="primary", key="editor_run",
                     disabled=bool(problems)):  # fmt: skip
            try:
                state.history().move(Scheme(base=keep_draft(data)))
            except UserError as exc:
                shell.problems(exc, lang)
                return
            shell.go("scheme", lang)
        takeaway.button(
            t("editor.yaml", lang),
            lambda: draft_text(data).encode(),
            file_name="chainsim-scenario.yaml",
            mime="application/yaml",
            key="editor_yaml",
        )
        takeaway.button(
            t("editor.excel", lang),
            lambda: xlsx_bytes({s: table(data, s) for s in SECTIONS}),
            file_name="chainsim-tables.xlsx",
            mime=XLSX,
            key="editor_xlsx",
        )
