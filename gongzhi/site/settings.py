"""Every setting of the platform. What differs between places is read from the environment by the readers of `env`."""

import os
import secrets
from pathlib import Path

from gongzhi.site import database, env

BASE_DIR = Path(__file__).resolve().parents[2]
VAR = env.folder("GONGZHI_VAR", default=BASE_DIR / "var")
VAR.mkdir(parents=True, exist_ok=True)
PACKS = env.folder("GONGZHI_PACKS", default=BASE_DIR / "packs")


def _kept_secret(variable: str, file: str) -> str:
    """A secret from the environment, or one made once and kept where only this user reads it."""
    given = env.text(variable)
    if given:
        return given
    path = VAR / file
    if not path.exists():
        fresh = VAR / f"{file}.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50), encoding="ascii")
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass  # another process was faster
        fresh.unlink()
    return path.read_text(encoding="ascii")


DEBUG = env.flag("GONGZHI_DEBUG")
TESTING = env.flag("GONGZHI_TESTING")
HTTPS = env.flag("GONGZHI_HTTPS")
SECRET_KEY = _kept_secret("SECRET_KEY", "secret")
ALLOWED_HOSTS = env.words("GONGZHI_HOSTS", default=("localhost", "127.0.0.1", "[::1]"))
CSRF_TRUSTED_ORIGINS = env.origins("GONGZHI_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",  # operator classes and GIN in indexes
    "django.contrib.staticfiles",
    "django_htmx",
    "django_include_bootstrap",
    "ninja",
    "procrastinate.contrib.django",
    "gongzhi.proof",
    "gongzhi.core",
    "gongzhi.registry",
    "gongzhi.duties",
    "gongzhi.ledger",
    "gongzhi.governance",
    "gongzhi.contracts",
    "gongzhi.equipment",
    "gongzhi.funds",
    "gongzhi.cases",
    "gongzhi.mediation",
    "gongzhi.patrols",
    "gongzhi.site",
]

MIDDLEWARE = [
    "gongzhi.site.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "gongzhi.core.middleware.ActorMiddleware",
    "gongzhi.site.middleware.OwnPasswordFirst",
    "gongzhi.site.middleware.SecondFactorDemanded",
    "gongzhi.site.middleware.LargePrint",
    "gongzhi.site.errors.StaffPages",
    "gongzhi.site.errors.RefusalPages",
]

ROOT_URLCONF = "gongzhi.site.urls"
WSGI_APPLICATION = "gongzhi.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gongzhi.site.context.page",
            ],
        },
    }
]

# One transaction a request; connections stay open, one for each of the server's blocking threads.
DATABASES = {
    "default": {
        **database.django_settings(env.text("DATABASE_URL") or database.embedded_url(VAR)),
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "core.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = env.whole("GONGZHI_SESSION_HOURS", default=12, least=1, most=720) * 3600
SESSION_COOKIE_SAMESITE = "Lax"
# Whether officials have to have a one-time code beside their password. Anybody may.
SECOND_FACTOR_FOR_STAFF = env.flag("GONGZHI_SECOND_FACTOR_FOR_STAFF")
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "gongzhi.site.errors.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("GONGZHI_BEHIND_PROXY") else None
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
MEDIA_ROOT = VAR / "files"  # no MEDIA_URL: files leave only through a view that checks rights
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

MEGABYTE = 1024 * 1024
# How long after its last case ended a complaint keeps who complained.
PERSONAL_DATA_DAYS = env.whole("GONGZHI_PERSONAL_DATA_DAYS", default=3 * 365, least=30, most=36500)
UPLOAD_MAX_BYTES = env.whole("GONGZHI_UPLOAD_MB", default=20, least=1, most=500) * MEGABYTE
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * MEGABYTE
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * MEGABYTE
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# The name of this installation in every log's origin, and what its signing keys are kept under. A time-stamping
# authority (RFC 3161) that is not named leaves seals waiting.
PROOF_SITE = env.host_path("GONGZHI_PROOF_SITE", default="gongzhi.localhost")
PROOF_PASSPHRASE = _kept_secret("GONGZHI_PROOF_PASSPHRASE", "secret-proof")
# Elections in secret with fewer people than their areas ask for: for tests and demonstrations. 0: not lowered.
VOTE_SECRET_LEAST = env.whole("GONGZHI_VOTE_SECRET_LEAST", default=0, least=0, most=1000)
PROOF_TSA_URL = env.address("GONGZHI_TSA_URL")
PROOF_TSA_ROOTS = env.file("GONGZHI_TSA_ROOTS")
if PROOF_TSA_URL and PROOF_TSA_ROOTS is None:
    raise env.BadSetting("GONGZHI_TSA_ROOTS", "", "写了 GONGZHI_TSA_URL，就要写时间戳机构根证书（PEM）的路径。")

# Who opens a ballot on a phone: `local` compares what is on record, `service` asks a real-name service.
_IDENTITY = env.text("GONGZHI_IDENTITY", default="local")
_IDENTITY_CHECKS = {"local": "LocalCheck", "service": "ServiceCheck"}
if _IDENTITY not in _IDENTITY_CHECKS:
    raise env.BadSetting("GONGZHI_IDENTITY", _IDENTITY, "写 local 或 service。")
VOTE_IDENTITY_CHECK = f"gongzhi.governance.votes.identity.{_IDENTITY_CHECKS[_IDENTITY]}"
VOTE_IDENTITY_URL = env.address("GONGZHI_IDENTITY_URL")
VOTE_IDENTITY_APP = env.text("GONGZHI_IDENTITY_APP")
VOTE_IDENTITY_KEY = env.text("GONGZHI_IDENTITY_KEY")
if _IDENTITY == "service" and not (VOTE_IDENTITY_URL and VOTE_IDENTITY_APP and VOTE_IDENTITY_KEY):
    raise env.BadSetting(
        "GONGZHI_IDENTITY", _IDENTITY, "还要写 GONGZHI_IDENTITY_URL、GONGZHI_IDENTITY_APP、GONGZHI_IDENTITY_KEY。"
    )

# Where the payment providers are, and the platform's own address as they call it back. Empty: as the browser came.
PAY_WECHAT_URL = env.address("GONGZHI_WECHATPAY_URL") or "https://api.mch.weixin.qq.com"
PAY_ALIPAY_URL = env.address("GONGZHI_ALIPAY_URL") or "https://openapi.alipay.com/gateway.do"
PAY_PUBLIC_URL = env.address("GONGZHI_PUBLIC_URL")

# 短信 by 阿里云: the access key, the registered signature, which notice goes by which approved template. Without a key
# notices stay in the platform's log. Whoever knows the token of reports may push them.
SMS_URL = env.address("GONGZHI_SMS_URL") or "https://dysmsapi.aliyuncs.com"
SMS_KEY_ID = env.text("GONGZHI_SMS_KEY_ID")
SMS_KEY_SECRET = env.text("GONGZHI_SMS_KEY_SECRET")
SMS_SIGN = env.text("GONGZHI_SMS_SIGN")
SMS_TEMPLATES = env.pairs("GONGZHI_SMS_TEMPLATES")
SMS_REPORT_TOKEN = env.text("GONGZHI_SMS_REPORT_TOKEN")
if SMS_KEY_ID and not (SMS_KEY_SECRET and SMS_SIGN and SMS_TEMPLATES):
    raise env.BadSetting(
        "GONGZHI_SMS_KEY_ID", SMS_KEY_ID,
        "还要写 GONGZHI_SMS_KEY_SECRET、GONGZHI_SMS_SIGN（签名）、GONGZHI_SMS_TEMPLATES（如 fee_bill=SMS_123456789）。",
    )  # fmt: skip
if SMS_REPORT_TOKEN and len(SMS_REPORT_TOKEN) < env.TOKEN_LENGTH:
    raise env.BadSetting("GONGZHI_SMS_REPORT_TOKEN", "…", f"至少写{env.TOKEN_LENGTH}个字符的随机字符串。")

# Networks inside, beside all of the outside, that event deliveries may go to; an address there may do without TLS.
WEBHOOK_NETWORKS = env.networks("GONGZHI_WEBHOOK_NETWORKS")

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "gongzhi": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "procrastinate": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}
