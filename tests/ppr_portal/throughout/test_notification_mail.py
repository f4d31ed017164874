"""Mails of notifications: at once or once a day, in the words and at the hour of whoever reads them."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.models import JobRun, Notification
from ppr_portal import notification_mail, tasks
from tests import factories

pytestmark = pytest.mark.django_db
SEVEN = datetime(2016, 4, 20, 7, tzinfo=UTC)


def make(person, *, channel="mail", key="D-1"):
    return Notification.objects.create(
        person=person,
        kind="dispute_opened",
        key=key,
        facts={"number": 12, "party": "Maya Torres", "due_on": "2016-04-27"},
        path="/disputes/12/",
        channel=channel,
        noted_at=factories.NOON,
    )


def test_a_mail_is_sent_once_with_a_link(mailoutbox, settings):
    settings.PPR_NOW = factories.NOON
    dana = factories.make_user(name="Dana Okafor")
    make(dana)
    for _ in range(2):
        tasks.send_notification_mails()
    (letter,) = mailoutbox
    assert (letter.to, letter.subject) == ([dana.email], "Dispute D-12 waits for your answer")
    assert letter.body.startswith(
        "Hello Dana Okafor,\n\nDispute D-12 waits for your answer.\nMaya Torres has opened it. Answer it by Wednesday, April 27."
    )
    assert "/disputes/12/" in letter.body
    assert "/notifications/preferences/" in letter.body
    assert JobRun.objects.filter(job="send_notification_mails", outcome="done").count() == 2


def test_one_refused_mail_is_tried_again_and_stops_no_other(settings, mailoutbox):
    make(factories.make_user())
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert notification_mail.send_mails() == notification_mail.MailReport(sent_count=0, failed_count=1)
    settings.EMAIL_BACKEND = backend
    assert notification_mail.send_mails() == notification_mail.MailReport(sent_count=1, failed_count=0)
    assert len(mailoutbox) == 1


def test_what_stands_only_here_or_belongs_to_who_left_is_not_mailed(mailoutbox):
    make(factories.make_user(), channel="in_app")
    make(factories.make_user(is_active=False))
    assert notification_mail.send_mails() == notification_mail.MailReport(sent_count=0, failed_count=0)
    assert notification_mail.send_digests(as_of=SEVEN).sent_count == 0
    assert mailoutbox == []


@pytest.mark.parametrize(
    ("zone", "at", "sent"),
    [
        ("UTC", SEVEN, 1),
        ("UTC", SEVEN - timedelta(seconds=1), 0),
        ("America/New_York", SEVEN, 0),
        ("America/New_York", SEVEN + timedelta(hours=4), 1),
    ],
)
def test_the_daily_mail_comes_in_the_morning_of_the_person(mailoutbox, zone, at, sent):
    dana = factories.make_user(time_zone=zone)
    for key in ("D-1", "D-2"):
        make(dana, channel="digest", key=key)
    assert notification_mail.send_digests(as_of=at).sent_count == sent
    assert [letter.subject for letter in mailoutbox] == ["2 things are new for you"] * sent
    assert [letter.body.count("/disputes/12/") for letter in mailoutbox] == [2] * sent


def test_there_is_one_daily_mail_a_day(mailoutbox):
    dana = factories.make_user(time_zone="UTC")
    make(dana, channel="digest")
    assert notification_mail.send_digests(as_of=SEVEN).sent_count == 1
    make(dana, channel="digest", key="D-2")
    assert notification_mail.send_digests(as_of=SEVEN + timedelta(hours=3)).sent_count == 0
    Notification.objects.filter(key="D-1").update(mailed_at=factories.NOON)
    assert notification_mail.send_digests(as_of=SEVEN + timedelta(days=1)).sent_count == 1
    assert mailoutbox[1].subject == "One thing is new for you"
