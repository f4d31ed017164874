"""Routes of what would have been: what-if, back-test, simulator, shadow mode."""

from django.urls import path

from ppr_portal.pages.trials import back_tests, shadow, simulator, what_if

urlpatterns = [
    path("what-if/", what_if.try_out, name="what_if"),
    path("plans/versions/<int:pk>/back-test/", back_tests.plan_back_test, name="plan_back_test"),
    path("contracts/versions/<int:pk>/simulation/", simulator.version_simulation, name="version_simulation"),
    path("shadow/", shadow.shadow_runs, name="shadow_runs"),
    path("shadow/new/", shadow.shadow_new, name="shadow_new"),
    path("shadow/<int:pk>/", shadow.shadow_run, name="shadow_run"),
    path("shadow/<int:pk>/columns/", shadow.shadow_columns, name="shadow_columns"),
    path("shadow/<int:pk>/again/", shadow.shadow_again, name="shadow_again"),
]
