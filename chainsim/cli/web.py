"""`chainsim app`: start the web page on this machine, or knowingly for the local network."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from chainsim.cli.output import Output, say
from chainsim.errors import MachineError, Problem
from chainsim.library.files import data_root
from chainsim.report.i18n import t

LOCAL: Final = "127.0.0.1"
EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - only with --lan


def serve(output: Output, *, lan: bool, port: int, browser: bool) -> int:
    """Run the page until it is stopped; returns the server's exit code.

    Raises:
        MachineError: streamlit or the app's files are missing (CS-X004).
    """
    folder = data_root() / "app"
    script = folder / "main.py"
    if importlib.util.find_spec("streamlit") is None or not script.is_file():
        raise MachineError(Problem(code="CS-X004", found=str(script)))
    address = EVERYWHERE if lan else LOCAL
    say(t("cli.app_lan" if lan else "cli.app", output.lang, port=port))
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    options = {
        "server.address": address,
        "server.port": port,
        "server.headless": str(not browser).lower(),
    }
    if lan:
        options["server.allowedHosts"] = "*"  # this machine's names on the network are not known
    command += [f"--{key}={value}" for key, value in options.items()]
    environment = {**os.environ, "PYTHONPATH": _search_path(folder.parent)}
    process = subprocess.Popen(command, cwd=folder, env=environment)  # noqa: S603 - own command
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()  # it has heard of Ctrl-C itself, but not of SIGTERM
        process.wait()
        raise


def _search_path(root: Path) -> str:
    """The module path of this process with `root`, where the app's package lies, in front."""
    before = os.environ.get("PYTHONPATH")
    return os.pathsep.join([str(root), *([before] if before else [])])
