"""Where `chainsim` begins and ends: language, usage errors, exit codes.

0 ok, 1 unexpected, 2 usage, 3 environment, 4 invalid input, 5 infeasible or not converged,
6 limit reached, 130 interrupted.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import Final, NoReturn

import typer

from chainsim.balance.cache import tell_compilation
from chainsim.cli.commands import build
from chainsim.cli.output import Output, say
from chainsim.errors import Lang, UserError
from chainsim.report.i18n import LANGUAGES, as_lang, environment_lang, known, t
from chainsim.study.heap import hurry

UNEXPECTED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130
_LANG: Final = "--lang"
_RESUMED: Final = ("sweep", "sensitivity", "uncertainty", "compare")
"""Commands that go on with what a folder holds."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code; to be terminated is to be interrupted."""
    hurry()
    signal.signal(signal.SIGTERM, _terminated)
    sys.exit(invoke(sys.argv[1:] if arguments is None else arguments))


def _terminated(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def invoke(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code, never raises."""
    lang, given, rest = _split_lang(arguments)
    if given is not None and given not in LANGUAGES:
        say(t("usage.lang", lang, found=given, known=" | ".join(LANGUAGES)))
        return USAGE
    output = Output(lang=lang, json=False)
    tell_compilation(output.compiling)
    try:
        command = build(output)
        result = command.main(rest, prog_name="chainsim", standalone_mode=False)
    except UserError as exc:
        output.progress(1, 1)
        output.problems(exc.problems, exc.data)
        return exc.exit_code
    except typer.Exit as exc:
        return exc.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted(rest, lang)
    except BrokenPipeError:
        # The reader went away (`| head`); keep the interpreter from complaining on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNEXPECTED
    except Exception as exc:
        return _failed(exc, lang)
    finally:
        tell_compilation(None)
    if result == INTERRUPTED:  # which is what becomes of an interrupt inside a command
        return _interrupted(rest, lang)
    return result if isinstance(result, int) else 0


def _interrupted(arguments: Sequence[str], lang: Lang) -> int:
    """Say that it was, and how to go on where what is done was kept."""
    say(t("usage.interrupted", lang))
    if arguments and arguments[0] in _RESUMED and any(a.startswith("--out") for a in arguments):
        say(t("usage.go_on", lang))
    return INTERRUPTED


def _split_lang(arguments: Sequence[str]) -> tuple[Lang, str | None, list[str]]:
    """(language, what `--lang` said, the other arguments); `--lang` may stand anywhere."""
    rest: list[str] = []
    given: str | None = None
    pending = iter(arguments)
    for word in pending:
        if word == "--":
            rest += [word, *pending]
        elif word == _LANG:
            given = next(pending, "")
        elif word.startswith(f"{_LANG}="):
            given = word.removeprefix(f"{_LANG}=")
        else:
            rest.append(word)
    return as_lang(given, environment_lang()), given, rest


def _failed(exc: Exception, lang: Lang) -> int:
    """Say what went wrong in one line; usage errors in the reader's language."""
    usage = _usage_text(exc, lang)
    if usage is not None:
        say(usage)
        say(t("usage.help", lang))
        return USAGE
    if os.environ.get("CHAINSIM_DEBUG"):
        traceback.print_exception(exc)
    detail = " ".join(f"{type(exc).__name__}: {exc}".split())
    say(t("usage.unexpected", lang, detail=detail[:300]))
    return UNEXPECTED


def _usage_text(exc: Exception, lang: Lang) -> str | None:
    """The sentence of a usage error, None for any other."""
    kind = next((c.__name__ for c in type(exc).__mro__ if c.__name__ in _USAGE), None)
    if kind is None:
        return None
    parameter = getattr(exc, "param", None)
    told = getattr(exc, "option_name", "") or getattr(exc, "param_hint", "")
    name = told or getattr(parameter, "name", "") or ""
    message = _reason(exc, lang) or " ".join(str(getattr(exc, "message", "") or exc).split())
    return known(f"usage.{kind}", lang, message).format(name=name, message=message)


def _reason(exc: Exception, lang: Lang) -> str:
    """Why a value or a command was refused, in the reader's language; empty where not known."""
    for pattern, key in _REFUSED.items():
        if match := re.search(pattern, str(getattr(exc, "message", ""))):
            found, *meant = (group.replace("'", "").strip() for group in match.groups())
            return t(key, lang, found=found, meant=" ".join(meant))
    errors = getattr(exc.__cause__, "errors", None)
    if errors is None:
        return ""
    (first, *_) = errors(include_url=False)
    limits = {key: str(value) for key, value in first.get("ctx", {}).items()}
    return t(f"refused.{first['type']}", lang, **limits) if first["type"] in _BOUNDS else ""


_REFUSED: Final = {
    r"^No such command '([^']*)'.*Did you mean(.*)\?": "refused.meant",
    r"^No such command '([^']*)'": "refused.command",
    r"^Got unexpected extra arguments?.*\((.*)\)": "refused.extra",
    r"is not one of (.*)\.$": "refused.choice",
    r"'(.*)' is a file\.$": "refused.file",
}
"""What the parser says of the command line, where it gives nothing but a sentence."""
_BOUNDS: Final = (
    "greater_than_equal",
    "greater_than",
    "less_than_equal",
    "less_than",
    "int_parsing",
    "float_parsing",
)
"""What it says of a number, by type."""
_USAGE: Final = (
    "NoArgsIsHelpError",
    "NoSuchOption",
    "MissingParameter",
    "BadParameter",
    "BadOptionUsage",
    "BadArgumentUsage",
    "UsageError",
)
