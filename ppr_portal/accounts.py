"""Sign-in rules: people are entered by a contract admin, nobody signs up; who is signed in is read in one query."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from agents.models import User
from agents.queries import people


class ClosedSignUpAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth with its sign-up closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's sign-in by e-mail; each request reads the person with roles, agent and teams at once."""

    def get_user(self, user_id: int) -> User | None:
        user = people.load_user(user_id=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
