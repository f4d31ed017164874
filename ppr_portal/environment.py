"""What the environment may say, typed and checked: the only way to configure the portal from outside."""

import difflib
import os
import pathlib
import secrets
from datetime import datetime
from typing import Literal, Self

from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values
from pydantic import AliasChoices, AwareDatetime, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

BASE_DIR = pathlib.Path(__file__).resolve().parent.parent
PREFIX = "PPR_"
# Written by `manage.py demo` into var_dir: the instant at which the records of the demo company end.
DEMO_CLOCK = "demo_now"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Environment(BaseSettings):
    """Every environment variable of the portal. `.env.example` shows each with a harmless value.

    No rate, percentage, window or limit of anyone's pay is here: those are dated terms in the database.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=BASE_DIR / ".env", env_ignore_empty=True, extra="ignore", frozen=True, validate_default=True
    )

    mode: Literal["demo", "production"] = "demo"
    database_url: SecretStr | None = Field(default=None, validation_alias=AliasChoices("DATABASE_URL"))
    redis_url: SecretStr | None = Field(default=None, validation_alias=AliasChoices("REDIS_URL"))
    secret_key: SecretStr | None = None
    hash_key: SecretStr | None = None
    allowed_hosts: str = ""
    behind_proxy: bool = False
    debug: bool = False
    email_url: SecretStr | None = None
    email_from: str = "PPR Portal <portal@localhost>"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    web_workers: int = Field(default=2, ge=1, le=64)
    task_workers: int = Field(default=2, ge=1, le=64)
    var_dir: pathlib.Path = BASE_DIR / "var"
    now: AwareDatetime | None = None
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = "Company account"
    oidc_email_is_verified: bool = False
    second_factor_for_money: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("var_dir")
    @classmethod
    def _stands_beside_manage_py(cls, value: pathlib.Path) -> pathlib.Path:
        # A relative path means the same in every working directory.
        return BASE_DIR / value

    @model_validator(mode="after")
    def _demo_stays_on_this_machine(self) -> Self:
        if self.mode == "demo" and self.host not in LOOPBACK:
            raise ValueError(f"PPR_HOST={self.host} would show a demo with printed sign-ins to the network; use {' or '.join(LOOPBACK)}")
        return self

    @model_validator(mode="after")
    def _production_is_complete(self) -> Self:
        if self.mode == "demo":
            return self
        required = {
            "PPR_SECRET_KEY": self.secret_key,
            "PPR_HASH_KEY": self.hash_key,
            "PPR_ALLOWED_HOSTS": self.allowed_hosts,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
        }
        missing = [name for name, value in required.items() if not value]
        if missing:
            raise ValueError(f"PPR_MODE=production needs {', '.join(missing)}; set {'it' if len(missing) == 1 else 'them'} and start again")
        if self.debug:
            raise ValueError("PPR_DEBUG shows the program's inside to visitors, so it is refused with PPR_MODE=production")
        if self.now:
            raise ValueError("PPR_NOW stops the business clock, so it is refused with PPR_MODE=production")
        return self

    @model_validator(mode="after")
    def _single_sign_on_is_complete(self) -> Self:
        given = {
            "PPR_OIDC_ISSUER": self.oidc_issuer,
            "PPR_OIDC_CLIENT_ID": self.oidc_client_id,
            "PPR_OIDC_CLIENT_SECRET": self.oidc_client_secret,
        }
        missing = [name for name, value in given.items() if not value]
        if missing and len(missing) < len(given):
            raise ValueError(
                f"single sign-on needs {', '.join(missing)} too; set {'it' if len(missing) == 1 else 'them'} or none of the three"
            )
        is_safe = self.oidc_issuer.startswith("https://") or (not self.is_production and self.oidc_issuer.startswith("http://"))
        if self.oidc_issuer and not is_safe:
            raise ValueError("PPR_OIDC_ISSUER has to begin with https://, for people's sign-ins pass through it")
        return self

    @property
    def has_single_sign_on(self) -> bool:
        """Tell whether people can sign in with the account of their company."""
        return bool(self.oidc_issuer)

    @property
    def is_production(self) -> bool:
        """Tell whether real people are paid from this installation."""
        return self.mode == "production"

    @property
    def fixed_now(self) -> datetime | None:
        """Return the instant at which the demo company's clock stands: PPR_NOW, or what `manage.py demo` left beside its database."""
        if self.now is not None or self.is_production:
            return self.now
        try:
            return datetime.fromisoformat((self.var_dir / DEMO_CLOCK).read_text(encoding="ascii").strip())
        except OSError:
            return None

    @property
    def hosts(self) -> list[str]:
        """Return the host names the portal answers to."""
        named = [host.strip() for host in self.allowed_hosts.split(",") if host.strip()]
        return named or [f"[{host}]" if ":" in host else host for host in LOOPBACK]


def read_environment() -> Environment:
    """Read and check the environment.

    Raises: ImproperlyConfigured with one readable sentence for each fault, naming the variable.
    """
    _refuse_unknown_names()
    try:
        return Environment()
    except ValidationError as faults:
        raise ImproperlyConfigured("; ".join(_sentence(fault) for fault in faults.errors())) from None


def compute_on_one_core() -> None:
    """Let polars use one core, unless the environment says otherwise; it reads this when it is imported, which is after the settings.

    Requests and jobs are computed side by side, each in a process. One whose threads ask for the cores of the others takes longer, and
    makes them take longer (docs/adr/0090-one-core-for-each-process.md).
    """
    os.environ.setdefault("POLARS_MAX_THREADS", "1")


def demo_secret_key(*, var_dir: pathlib.Path) -> str:
    """Return this checkout's own signing key, made on first use, so that a demo never runs on a published one."""
    path = var_dir / "secret_key"
    try:
        if not path.exists():
            var_dir.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f"secret_key.{os.getpid()}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(50), encoding="ascii")
            fresh.rename(path)
        return path.read_text(encoding="ascii")
    except OSError:
        # A read-only checkout can still calculate; only sessions end with the process.
        return secrets.token_urlsafe(50)


def _refuse_unknown_names() -> None:
    known = {PREFIX + name.upper() for name in Environment.model_fields}
    in_file = dotenv_values(BASE_DIR / ".env") if (BASE_DIR / ".env").is_file() else {}
    for name in sorted({*os.environ, *in_file}):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else "; see .env.example for those there are"
            raise ImproperlyConfigured(f"{name} is not a setting of PPR Portal{hint}")


def _sentence(fault: object) -> str:
    assert isinstance(fault, dict)
    where = ".".join(str(part) for part in fault["loc"])
    message = str(fault["msg"]).removeprefix("Value error, ")
    if not where:
        return message
    name = where if where in {"DATABASE_URL", "REDIS_URL"} else PREFIX + where.upper()
    return f"{name}: {message}"
