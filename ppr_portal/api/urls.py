"""Routes for programs: the events API, and the webhooks of help desks."""

from django.urls import path

from ppr_portal.api import events, hooks

urlpatterns = [
    path("api/v1/events/", events.EventsView.as_view(), name="api_events"),
    path("hooks/<str:vendor>/<path:source>/", hooks.HookView.as_view(), name="hook"),
]
