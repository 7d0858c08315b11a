"""Putting the service together: database, routes, error body, pages. Nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api.analysis.findings import KeptFindings
from api.analysis.grid_grounds import GridGrounds
from api.analysis.kept_trends import KeptTrends
from api.analysis.outlines import Outlines
from api.analysis.regions import Regions
from api.body_limit import BodyLimit
from api.due_jobs import DueJobs, jobs_of_a_city
from api.errors import Problem, install_error_handlers
from api.intake.service import Intake
from api.known_hosts import KnownHosts, known_hosts
from api.locators import Locators
from api.oidc import OidcProvider
from api.open_data.kept_answers import KeptAnswers
from api.open_data.nightly import schedule_release
from api.open_data.townships import TownshipsOfCells
from api.pages import install_pages
from api.passwords import PasswordChecks
from api.profile import read_profile
from api.routes import (
    area_hotspots,
    background,
    basemap,
    case_change,
    case_repeats,
    case_rhythm,
    cases,
    cell_answering,
    cell_files,
    cell_hotspots,
    cell_outliers,
    cell_series,
    cell_tiles,
    cell_trends,
    city,
    desk,
    draft_base,
    draft_figures,
    draft_files,
    draft_impact,
    draft_proposals,
    draft_states,
    drafts,
    findings,
    grids,
    health,
    held,
    hot_places,
    hotspots,
    journal,
    locate,
    oidc,
    open_data,
    outline,
    reports,
    session,
    stream,
    tiles,
    versions,
)
from api.routes.stream import change_encoder
from api.security_headers import SecurityHeaders
from api.service import Service
from api.settings import Settings, read_settings
from api.sign_in_desk import SignInDesk
from api.stream.connection import KnownConnection
from api.stream.running import running_stream
from api.warm_cases import keep_warm
from gis.errors import Unavailable
from gis.store.cluster import EmbeddedCluster
from gis.store.engine import open_engine
from gis.store.kept_connections import KeptConnections
from gis.store.received import PastDays
from tiles.case_memory import CaseMemory

WATCH_S = 1.0

_log = logging.getLogger("wangge.app")


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application of one city; opens its database when it starts.

    Without ``settings`` they are read from the environment.
    """
    app = FastAPI(
        title="Wangge",
        version="0.1.0",
        summary="The map service a city governs its grids with",
        lifespan=_lifespan,
        # The page at /docs is built with the others: FastAPI's own loads its parts from afar.
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"model": Problem}, "5XX": {"model": Problem}},
    )
    app.state.settings = settings or read_settings()
    app.state.sign_in_desk = SignInDesk(PasswordChecks(), OidcProvider.of(app.state.settings))
    app.state.case_memory = CaseMemory()
    app.state.past_days = PastDays()
    app.state.regions = Regions()
    app.state.grid_grounds = GridGrounds()
    app.state.kept_trends = KeptTrends()
    app.state.kept_findings = KeptFindings()
    app.state.searching_repeats = asyncio.Lock()
    app.state.drawing_outliers = asyncio.Lock()
    app.state.outlines = Outlines()
    app.state.townships_of_cells = TownshipsOfCells()
    app.state.open_answers = KeptAnswers()
    # Added last, asked first.
    app.add_middleware(BodyLimit)
    app.add_middleware(KnownHosts, known=known_hosts(app.state.settings))
    app.add_middleware(SecurityHeaders, basemap=app.state.settings.basemap)
    app.add_middleware(KnownConnection)
    install_error_handlers(app)
    # Routes are tried one after the other: what is asked most stands first.
    for routes in (
        reports,
        health,
        session,
        oidc,
        city,
        grids,
        locate,
        cases,
        desk,
        held,
        hotspots,
        cell_hotspots,
        cell_trends,
        cell_series,
        case_rhythm,
        case_change,
        case_repeats,
        hot_places,
        cell_answering,
        area_hotspots,
        cell_outliers,
        cell_files,
        findings,
        open_data,
        stream,
        journal,
        cell_tiles,
        tiles,
        drafts,
        draft_base,
        draft_figures,
        draft_files,
        versions,
        draft_impact,
        draft_proposals,
        draft_states,
        basemap,
        outline,
        background,
    ):
        app.include_router(routes.router)
    install_pages(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    profile = read_profile(settings.profile)
    cluster = None
    if settings.database_url is not None:
        url = settings.database_url
    else:
        cluster = EmbeddedCluster(settings.home)
        url = await asyncio.to_thread(cluster.acquire)
    engine = open_engine(url, settings.city)
    locators = Locators(nearest_m=profile.nearest_m, metric=profile.metric_crs)
    app.state.service = Service(settings, profile, engine, locators)
    kept = KeptConnections(engine)
    app.state.intake = Intake.of(app.state.service, kept.one)
    due = DueJobs(
        engine,
        jobs_of_a_city(profile),
        begin=schedule_release,
        written=app.state.service.journal_written,
    )
    tasks = [
        asyncio.create_task(keep_warm(engine, app.state.case_memory)),
        asyncio.create_task(due.run()),
    ]
    if cluster:
        tasks.append(asyncio.create_task(_keep_running(cluster)))
    try:
        async with running_stream(app.state.service, change_encoder(profile.sensitive)) as feed:
            app.state.feed = feed
            yield
    finally:
        await app.state.intake.queue.close()
        await kept.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await engine.dispose()
        if cluster:
            await asyncio.to_thread(cluster.release)


async def _keep_running(cluster: EmbeddedCluster) -> None:
    """Start the embedded server again when it was killed under us."""
    while True:
        await asyncio.sleep(WATCH_S)
        try:
            await asyncio.to_thread(cluster.ensure_running)
        except Unavailable as error:
            _log.error("%s", error.message)
