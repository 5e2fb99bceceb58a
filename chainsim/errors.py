"""Problems and exceptions: every message a user can get, and the exit code it leads to.

A `Problem` is one finding (code, place, what was found, what was expected, hint); a `UserError`
carries all problems of one stage. Texts stand in `messages.toml`, Chinese and English side by
side, keyed by code. Nothing here knows files, graphs or solvers.
"""

from __future__ import annotations

import difflib
import functools
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from types import MappingProxyType
from typing import Literal

Severity = Literal["error", "warning"]
_LEAST = 3
"""Letters of a word that is looked for inside others."""
Lang = Literal["zh", "en"]


@functools.cache
def message_catalogue() -> Mapping[str, Mapping[str, str]]:
    """All problem texts: code -> {"zh": …, "en": …, optionally "hint_zh"/"hint_en"}."""
    text = resources.files("chainsim").joinpath("messages.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding about the user's input or about a run.

    Attributes:
        code: key of `messages.toml`, for example ``CS-Y003``.
        params: values for the placeholders of the text.
        path: dotted key path inside the file, or the component concerned.
        found: what stands there, already shortened for display.
        expected: what is allowed there.
        hint: the likely mend ("did you mean …"); falls back to the catalogue's hint.
    """

    code: str
    severity: Severity = "error"
    file: str = ""
    line: int = 0
    column: int = 0
    path: str = ""
    found: str = ""
    expected: str = ""
    hint: str = ""
    params: Mapping[str, object] = field(default_factory=dict)

    def message(self, lang: Lang = "en") -> str:
        """The sentence of this problem in `lang`."""
        entry = message_catalogue()[self.code]
        values = {"path": self.path, "found": self.found, "expected": self.expected, **self.params}
        return entry[lang].format_map(values)

    def place(self) -> str:
        """`file:line:column`, as far as known."""
        parts = [self.file or "-"]
        if self.line:
            parts += [str(self.line), str(self.column or 1)]
        return ":".join(parts)

    def hint_text(self, lang: Lang = "en") -> str:
        """The likely mend in `lang`; empty when there is none."""
        if self.hint:
            return self.hint
        entry = message_catalogue()[self.code]
        return entry.get(f"hint_{lang}", "").format_map({**self.params, "path": self.path})

    def expected_text(self, lang: Lang = "en") -> str:
        """What is allowed, the words for kinds of values in `lang`.

        >>> Problem(code="CS-V003", expected="number | null").expected_text("zh")
        '数 | null'
        """
        if lang == "en":
            return self.expected
        words = message_catalogue()["words"]
        return " | ".join(words.get(part, part) for part in self.expected.split(" | "))

    def text(self, lang: Lang = "en") -> str:
        """One line: place, path, message, found, expected, hint."""
        labels = message_catalogue()["labels"]
        parts = [self.place(), self.path, self.message(lang)]
        if self.found:
            parts.append(f"{labels[f'found_{lang}']} {self.found}")
        if expected := self.expected_text(lang):
            parts.append(f"{labels[f'expected_{lang}']} {expected}")
        if hint := self.hint_text(lang):
            parts.append(f"{labels[f'hint_{lang}']} {hint}")
        return "  ".join(p for p in parts if p)


class ChainsimError(Exception):
    """Root of all errors raised on purpose. `exit_code` is what the command line returns."""

    exit_code = 1


class InternalError(ChainsimError):
    """A broken invariant inside chainsim: a bug, not a user's mistake."""


class UserError(ChainsimError):
    """Something the user can mend; carries every problem of the stage that failed.

    Attributes:
        data: what else `--json` tells of it, by key.
    """

    exit_code = 4
    data: Mapping[str, object] = MappingProxyType({})

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        listed = [problems] if isinstance(problems, Problem) else list(problems)
        self.problems: tuple[Problem, ...] = tuple(
            sorted(listed, key=lambda p: (p.file, p.line, p.column, p.path, p.code))
        )
        super().__init__(self.problems)  # so that a copy, or one from another process, is the same

    def __str__(self) -> str:
        return self.text("en")

    def locate(self, place: Callable[[Problem], Problem]) -> None:
        """Put every problem where `place` says it stands."""
        self.problems = tuple(map(place, self.problems))
        self.args = (self.problems,)

    def text(self, lang: Lang = "en") -> str:
        """All problems, one line each."""
        return "\n".join(p.text(lang) for p in self.problems)


class DataError(UserError):
    """A file cannot be read, or a record in it is wrong."""


class UnitError(UserError):
    """A quantity has an unknown or unfitting unit."""


class BalanceError(UserError):
    """A process or a run does not close on mass, an element or energy."""


class StructureError(UserError):
    """The park's graph is wrong: a missing reference, a dead end, a loop that creates matter."""


class ScenarioError(UserError):
    """A scenario is well-formed but asks for something impossible."""


class InfeasibleError(UserError):
    """No state of the park keeps every hard limit, or a solver did not converge."""

    exit_code = 5


class LimitError(UserError):
    """A limit of size, events or time was reached."""

    exit_code = 6


class MachineError(UserError):
    """The machine lacks something the command needs."""

    exit_code = 3


def did_you_mean(word: str, known: Iterable[str], *, count: int = 1) -> str:
    """The closest known words, joined by " / "; empty when nothing is close.

    Letters count alike in either case. Where nothing is close as a whole, the shortest word that
    holds `word`, or one close to what follows its last dot, is meant.

    >>> did_you_mean("Cok", ["coke", "energy.coke_kgce_per_t"])
    'coke'
    >>> did_you_mean("firr", ["finance.firr", "finance.firr_before_tax"])
    'finance.firr'
    """
    written = {k.casefold(): k for k in sorted(known, reverse=True)}
    asked = word.casefold()
    close: Sequence[str] = difflib.get_close_matches(asked, sorted(written), n=count, cutoff=0.6)
    if not close and len(asked) >= _LEAST:
        close = sorted((k for k in written if asked in k), key=lambda k: (len(k), k))[:count]
    if not close and "." in asked:
        ends = {k.rpartition(".")[2]: k for k in sorted(written, reverse=True)}
        found = difflib.get_close_matches(asked.rpartition(".")[2], sorted(ends), n=count)
        close = [ends[end] for end in found]
    return " / ".join(written[k] for k in close)


def shorten(value: object, limit: int = 60) -> str:
    """`value` for display inside a message: one line, at most `limit` characters."""
    text = " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
