"""The command line as its user meets it: words in, a status and two streams out."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from api.cli.main import main
from tests.gis.store.cluster_child import answer


@dataclass(frozen=True)
class Ran:
    """What a finished command left behind."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class CommandLine:
    """Somebody at a prompt: a folder to be in and the ``WANGGE_*`` variables set.

    ``url`` is that of the database server, for a look past the program.
    """

    folder: Path
    url: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def given(self, **variables: str) -> CommandLine:
        """The same with other variables: ``given(city="houston")`` sets ``WANGGE_CITY``."""
        named = {f"WANGGE_{name.upper()}": value for name, value in variables.items()}
        return replace(self, variables={**self.variables, **named})

    @property
    def program(self) -> Path:
        """The installed command itself."""
        return Path(sys.executable).with_name("wangge")

    @property
    def environment(self) -> dict[str, str]:
        """The environment a real process gets."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("WANGGE_")}
        return {**inherited, **self.variables}

    def run(self, *words: str | Path) -> Ran:
        """Run ``wangge`` with these words in this process, from its entry point on."""
        out, err = io.StringIO(), io.StringIO()
        on_terminate = signal.getsignal(signal.SIGTERM)
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("WANGGE_")]:
                patch.delenv(name)
            for name, value in self.variables.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["wangge", *map(str, words)])
            patch.chdir(self.folder)
            try:
                with redirect_stdout(out), redirect_stderr(err):
                    main()
                status = 0
            except SystemExit as leaving:
                status = int(leaving.code or 0)
            finally:
                signal.signal(signal.SIGTERM, on_terminate)
        return Ran(status, out.getvalue(), err.getvalue())

    def does(self, *words: str | Path) -> dict[str, Any]:
        """Run what must succeed with ``--json``; the object of its last line."""
        ran = self.run(*words, "--json")
        assert ran.status == 0, ran.err
        told = json.loads(ran.out.splitlines()[-1])
        assert isinstance(told, dict)
        return told

    def refuses(self, *words: str | Path) -> str:
        """Run what must fail; its one line of explanation, the last on stderr."""
        ran = self.run(*words)
        assert ran.status not in (0, None), ran.out
        assert ran.out == ""
        return explanation(ran.err)

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        """Start a real ``wangge`` process in a process group of its own."""
        return subprocess.Popen(
            [self.program, *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    # ---- past the program ------------------------------------------------------------------------

    @property
    def schema(self) -> str:
        """The schema of this city."""
        return f"city_{self.variables['WANGGE_CITY']}"

    def asked(self, statement: str) -> str:
        """What the database itself answers, the city's tables in the search path."""
        return answer(self.url, f"set search_path to {self.schema}, public; {statement}")

    def contents(self) -> dict[str, str]:
        """Every table of the city with the number of its rows and a hash of them all.

        Empty where there is no such city.
        """
        tables = self.asked(
            "select table_name from information_schema.tables"
            f" where table_schema = '{self.schema}' order by 1"
        ).split()
        if not tables:
            return {}
        lines = self.asked(
            " union all ".join(
                f"select '{table}', count(*) || ' ' || sum(hashtextextended(t::text, 0))"
                f" from {table} as t"
                for table in tables
            )
        ).splitlines()
        return dict(line.split("|", 1) for line in lines)


def explanation(err: str) -> str:
    """The one line that says why a command failed, when nothing else looks like a failure."""
    assert "Traceback" not in err, err
    last = err.splitlines()[-1]
    assert last.startswith("wangge: "), err
    assert err.count("wangge: ") == 1, err
    return last
