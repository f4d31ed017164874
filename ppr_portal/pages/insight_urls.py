"""Routes of the pages that try, compare and review: performance, what-if, back-test, simulator, signals."""

from django.urls import path

from ppr_portal.pages import back_tests, load, performance, signals, simulator, what_if

urlpatterns = [
    path("performance/", performance.performance, name="performance"),
    path("what-if/", what_if.try_out, name="what_if"),
    path("plans/versions/<int:pk>/back-test/", back_tests.plan_back_test, name="plan_back_test"),
    path("contracts/versions/<int:pk>/simulation/", simulator.version_simulation, name="version_simulation"),
    path("signals/", signals.signals, name="signals"),
    path("signals/<int:pk>/", signals.signal, name="signal"),
    path("signals/<int:pk>/decision/", signals.decision, name="signal_decision"),
    path("load/decisions/<int:pk>/lift/", load.lift, name="decision_lift"),
]
