"""Routes of what agents did and how it went: resolutions, first contacts, scores, load, signals."""

from django.urls import path

from ppr_portal.pages.work import fcr, load, performance, resolutions, signals

urlpatterns = [
    path("resolutions/", resolutions.resolutions, name="resolutions"),
    path("resolutions/<int:pk>/", resolutions.resolution, name="resolution"),
    path("load/", load.load, name="load"),
    path("fcr/", fcr.fcr, name="fcr"),
    path("performance/", performance.performance, name="performance"),
    path("signals/", signals.signals, name="signals"),
    path("signals/<int:pk>/", signals.signal, name="signal"),
    path("signals/<int:pk>/decision/", signals.decision, name="signal_decision"),
    path("load/decisions/<int:pk>/lift/", load.lift, name="decision_lift"),
]
