"""``wangge import``: grids, drafts, reports, staff, duty, counts."""

from __future__ import annotations

import typer

from api.cli.import_counts import import_counts
from api.cli.import_draft import import_draft
from api.cli.import_grids import import_grids
from api.cli.import_reports import import_reports_command
from api.cli.import_staff import import_duty, import_staff

import_app = typer.Typer(help="Import a city's data.", add_completion=False)
import_app.command("grids")(import_grids)
import_app.command("draft")(import_draft)
import_app.command("reports")(import_reports_command)
import_app.command("staff")(import_staff)
import_app.command("duty")(import_duty)
import_app.command("counts")(import_counts)
