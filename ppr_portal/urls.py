"""Routes of the portal. Pages are grouped by the person who opens them."""

from django.contrib import admin
from django.urls import include, path

from ppr_portal.pages import health
from ppr_portal.pages.person import sessions

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/sessions/", sessions.sessions, name="usersessions_list"),
    path("accounts/3rdparty/", include("allauth.socialaccount.urls")),
    path("accounts/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("health/", health.health, name="health"),
    path("", include("ppr_portal.api.urls")),
    path("", include("ppr_portal.pages.urls")),
]

handler400 = "ppr_portal.pages.errors.unreadable"
handler403 = "ppr_portal.pages.errors.refused"
handler404 = "ppr_portal.pages.errors.closed"
handler500 = "ppr_portal.pages.errors.broken"
