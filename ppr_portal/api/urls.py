"""Routes for programs: the events API, and the webhooks of help desks."""

from django.urls import path

from ppr_portal.api import events

urlpatterns = [
    path("api/v1/events/", events.EventsView.as_view(), name="api_events"),
]
