"""Routes of disputes."""

from django.urls import path

from ppr_portal.pages import addresses
from ppr_portal.pages.disputes import dispute_files, dispute_opening, dispute_statistics, disputes

urlpatterns = [
    path(f"{addresses.STATEMENT}/lines/<int:position>/dispute/", dispute_opening.line_dispute, name="statement_dispute"),
    path("disputes/", disputes.disputes, name="disputes"),
    path("disputes/new/", dispute_opening.new, name="dispute_new"),
    path("disputes/statistics/", dispute_statistics.statistics, name="dispute_statistics"),
    path("disputes/<int:pk>/", disputes.dispute, name="dispute"),
    path("disputes/<int:pk>/comments/", disputes.comment, name="dispute_comment"),
    path("disputes/<int:pk>/files/", dispute_files.dispute_attachment, name="dispute_attachment"),
    path("dispute-files/<int:pk>/", dispute_files.dispute_file, name="dispute_file"),
    path("disputes/<int:pk>/withdrawal/", disputes.withdrawal, name="dispute_withdrawal"),
    path("adjustments/<int:pk>/approval/", disputes.adjustment_approval, name="adjustment_approval"),
    path("bill-changes/<int:pk>/approval/", disputes.bill_change_approval, name="bill_change_approval"),
    path("resolutions/<int:pk>/dispute/", dispute_opening.resolution_dispute, name="resolution_dispute"),
    path("reviews/<int:pk>/dispute/", dispute_opening.review_dispute, name="review_dispute"),
    path("hours/<int:pk>/dispute/", dispute_opening.hours_dispute, name="hours_dispute"),
    path("invoices/<int:pk>/question/", dispute_opening.question, name="invoice_question"),
]
