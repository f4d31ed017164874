"""Routes of what waits and what comes in."""

from django.urls import path

from ppr_portal.pages.intake import freshness, held_thing, hold_acts, holds, imports, jobs, sources, uploads

urlpatterns = [
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/start/", jobs.job_start, name="job_start"),
    path("freshness/", freshness.freshness, name="freshness"),
    path("holds/", holds.holds, name="holds"),
    path("holds/acts/", hold_acts.hold_acts, name="hold_acts"),
    path("holds/acts/new/", hold_acts.hold_act_new, name="hold_act_new"),
    path("holds/acts/<int:pk>/", hold_acts.hold_act, name="hold_act"),
    path("holds/acts/<int:pk>/undoing/", hold_acts.hold_act_undoing, name="hold_act_undoing"),
    path("holds/<slug:kind>/<int:pk>/", held_thing.held_thing, name="held_thing"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:pk>/", imports.import_run, name="import_run"),
    path("imports/uploads/new/", uploads.upload_new, name="upload_new"),
    path("imports/uploads/<int:pk>/", uploads.upload, name="upload"),
    path("imports/uploads/<int:pk>/running/", uploads.upload_run, name="upload_run"),
    path("imports/uploads/<int:pk>/<slug:step>/", uploads.upload_step, name="upload_step"),
    path("sources/new/", sources.source_new, name="source_new"),
    path("sources/<int:pk>/", sources.source, name="source"),
]
