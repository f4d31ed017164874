"""Routes for programs: the events API, and the webhooks of help desks."""

from django.urls import path

from ppr_portal.api import availability, events, hooks, quality

urlpatterns = [
    path("api/v1/events/", events.EventsView.as_view(), name="api_events"),
    path("api/v1/availability/", availability.AvailabilityView.as_view(), name="api_availability"),
    path("api/v1/surveys/", quality.QualityView.as_view(kind="survey"), name="api_surveys"),
    path("api/v1/qa-reviews/", quality.QualityView.as_view(kind="qa_review"), name="api_qa_reviews"),
    path("hooks/<str:vendor>/<path:source>/", hooks.HookView.as_view(), name="hook"),
]
