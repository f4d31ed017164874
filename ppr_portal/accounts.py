"""Sign-in rules: people are entered by a contract admin, nobody signs up; who is signed in is read in one query."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext as _

from agents.models import User
from agents.queries import people
from contracts.translation import gettext_lazy

# Codes of an app and recovery codes are typed into one field.
WRONG_CODE = gettext_lazy(
    "This code is not right. A code of the app changes every half minute: type the one that shows now. A recovery code works once."
)
SIGN_IN_WORDS = {
    "email_password_mismatch": gettext_lazy("The e-mail or the password is not right. Try again, or set a new password."),
    "incorrect_password": gettext_lazy("This password is not right. Try again."),
    "enter_current_password": gettext_lazy("This is not your password now. Try again."),
    "too_many_login_attempts": gettext_lazy("Too many tries. To keep your account safe, signing in waits: try again in some minutes."),
    "incorrect_code": WRONG_CODE,
}


class ClosedSignUpAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth with its sign-up closed, and with words that say what to do next."""

    error_messages = {**DefaultAccountAdapter.error_messages, **SIGN_IN_WORDS}

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell somebody that what protects their account was changed; addresses stand with the people here."""
        super().send_notification_mail(template_prefix, user, context, email or user.email)


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's sign-in by e-mail; each request reads the person with roles, agent and teams at once."""

    def get_user(self, user_id: int) -> User | None:
        user = people.load_user(user_id=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None


class SealedFactorsAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors whose secrets stand in the database sealed, so that a copy of it opens no account."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": WRONG_CODE}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """Propose a name that fits a telephone, a computer and a key alike."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey %(number)s") % {"number": number}

    def encrypt(self, text: str) -> str:
        return _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _seal().decrypt(encrypted_text.encode()).decode()


class KnownPeopleAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Single sign-on for people who were entered here: found by the address that their company vouches for, never made."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Join the company's account to the person of that address at their first sign-in, or say why that is not possible."""
        if sociallogin.is_existing:
            return
        address = next((one for one in sociallogin.email_addresses if one.email), None)
        is_vouched = address is not None and (address.verified or settings.PPR_OIDC_EMAIL_IS_VERIFIED)
        known = User.objects.filter(email=address.email.lower(), is_active=True).first() if address is not None and is_vouched else None
        if known is None or (request.user.is_authenticated and request.user.pk != known.pk):
            context = {"address": address.email if address else "", "is_vouched": is_vouched}
            raise ImmediateHttpResponse(render(request, "socialaccount/unknown_person.html", context, status=403))
        sociallogin.connect(request, known)


def _seal() -> Fernet:
    # The hash key outlives a changed signing key, and so must the factors.
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"second factors:{settings.PPR_HASH_KEY}".encode()).digest()))
