"""Routes of the portal. Pages are grouped by the person who opens them."""

from django.contrib import admin
from django.urls import include, path

from ppr_portal.pages import health

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("health/", health.health, name="health"),
    path("", include("ppr_portal.api.urls")),
    path("", include("ppr_portal.pages.urls")),
]

handler400 = "ppr_portal.pages.errors.unreadable"
handler403 = "ppr_portal.pages.errors.refused"
handler404 = "ppr_portal.pages.errors.closed"
handler500 = "ppr_portal.pages.errors.broken"
