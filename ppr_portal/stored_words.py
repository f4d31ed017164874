"""Words that are stored in English and known: names of jobs, and what comments speak of. People read them in their own language."""

from django.utils.translation import gettext, gettext_noop

KNOWN = (
    gettext_noop("Books resolutions, proposes reversals, and accrues pay of agents whose facts changed."),
    gettext_noop("Checks the load of everybody who worked in the last day."),
    gettext_noop("Count first contacts"),
    gettext_noop("Count for value reports"),
    gettext_noop("Counts the days anew on which resolutions changed, so that the report of first contacts is read and not counted."),
    gettext_noop("Counts resolutions, contacts, first contacts and answers of each client's open and last billing periods."),
    gettext_noop("Credit waiting surveys and reviews"),
    gettext_noop("Delete old records of who read pay"),
    gettext_noop("Delete what was kept long enough"),
    gettext_noop("Deletes what is older than three years; until then the database keeps it."),
    gettext_noop("Deliveries, uploads, held rows and comments, by client."),
    gettext_noop("Find gaming signals"),
    gettext_noop("Folds changed cases and refreshes pay, should the task of a delivery be lost."),
    gettext_noop("Forget results of old tasks"),
    gettext_noop("Freeze reference rates"),
    gettext_noop("Freezes the rates of a pay period on its first day, at noon UTC."),
    gettext_noop("Looks at the last four weeks for what chance hardly explains, and puts it into the review queue."),
    gettext_noop("Calculates the last pay period of a site in the early hours of its day, until the run is in review."),
    gettext_noop("Looks every hour whose morning it is, and sends each what came since the last one."),
    gettext_noop("Nightly pay runs"),
    gettext_noop("Refresh invoice drafts"),
    gettext_noop("Refresh pay"),
    gettext_noop("Remind of reviews, coaching and training"),
    gettext_noop("Reminds of disputes before their deadline, carries out the default outcome at it, and sends mails about disputes."),
    gettext_noop("Send mails of notifications"),
    gettext_noop("Send statement mails"),
    gettext_noop("Send the daily mail of notifications"),
    gettext_noop("Sends what agents are still to be told about their statements, and tries again what a mail server refused."),
    gettext_noop("Should what they waited for have come by another way."),
    gettext_noop("Starts uploads and acts on held things again whose worker was lost."),
    gettext_noop("Take up changes"),
    gettext_noop("Take up lost work"),
    gettext_noop("Tells everybody what of theirs is due by tomorrow, each thing once."),
    gettext_noop("Verifies resolutions whose silence window has ended."),
    gettext_noop("Verify due resolutions"),
    gettext_noop("Watch disputes"),
    gettext_noop("Watch guardrails"),
    gettext_noop("What people want to hear of at once."),
    gettext_noop(
        "Writes the drafts of every client's open billing period anew, posts revenue that was earned, and issues files that are missing."
    ),
    gettext_noop("European Union"),
    gettext_noop("India"),
    gettext_noop("No pay law"),
    gettext_noop("Philippines"),
    gettext_noop("United Kingdom"),
    gettext_noop("United States, California"),
    gettext_noop("United States, New York"),
    gettext_noop("United States, New York City, Long Island and Westchester"),
    gettext_noop("United States, Seattle"),
    gettext_noop("United States, Washington"),
    gettext_noop("United States, federal"),
    gettext_noop("Availability"),
    gettext_noop("Knowledge"),
    gettext_noop("Rapid response"),
    gettext_noop("Professionalism"),
    gettext_noop("Rapid resolution"),
    gettext_noop("Product quality"),
    gettext_noop("Complete resolution"),
    gettext_noop("Self help"),
    gettext_noop("Proactive updates"),
    gettext_noop("Other"),
)

# What was stored in words that only its programmers read.
SAID_SINCE = {
    "Looks every hour for sites where it is past local_hour and the last pay period is not in review yet, and calculates it.": (
        "Calculates the last pay period of a site in the early hours of its day, until the run is in review."
    ),
    "celery.backend_cleanup": "Forget results of old tasks",
}


def tell(text: str) -> str:
    """Return a stored text in the reader's language; one that somebody wrote stays as it is."""
    text = SAID_SINCE.get(text, text)
    return gettext(text) if text in KNOWN else text
