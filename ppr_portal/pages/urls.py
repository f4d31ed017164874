"""Routes of the pages that people open; each package of pages has its own."""

from ppr_portal.pages.clients import urls as clients
from ppr_portal.pages.disputes import urls as disputes
from ppr_portal.pages.home import urls as home
from ppr_portal.pages.intake import urls as intake
from ppr_portal.pages.pay import urls as pay
from ppr_portal.pages.person import urls as person
from ppr_portal.pages.quality_work import urls as quality_work
from ppr_portal.pages.team import urls as team
from ppr_portal.pages.trials import urls as trials
from ppr_portal.pages.work import urls as work

urlpatterns = [
    *home.urlpatterns,
    *person.urlpatterns,
    *work.urlpatterns,
    *quality_work.urlpatterns,
    *team.urlpatterns,
    *pay.urlpatterns,
    *clients.urlpatterns,
    *disputes.urlpatterns,
    *trials.urlpatterns,
    *intake.urlpatterns,
]
