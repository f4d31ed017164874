"""Routes of what belongs to whoever is signed in, on every page: search, notifications, saved filters; and who read whose pay."""

from django.urls import path

from ppr_portal.pages import notifications, pay_reads, search

urlpatterns = [
    path("pay-reads/", pay_reads.pay_reads, name="pay_reads"),
    path("search/", search.search, name="search"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/count/", notifications.count, name="notification_count"),
    path("notifications/reading/", notifications.reading, name="notification_reading"),
    path("notifications/preferences/", notifications.notification_preferences, name="notification_preferences"),
    path("notifications/<int:pk>/", notifications.notification, name="notification"),
]
