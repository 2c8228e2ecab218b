"""One-time codes beside the password (RFC 6238): set up, asked for, recovered, taken away."""

import secrets
from collections.abc import Sequence
from datetime import datetime

import pyotp
from django.db import transaction

from gongzhi.core import crypto
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import SecondFactor, User
from gongzhi.core.recording import record
from gongzhi.core.refs import Ref
from gongzhi.core.rights import require

PURPOSE, RECOVERY = "user.second_factor", "user.recovery"
ISSUER = "共治"
STEP_SECONDS = 30
# A phone's clock may be half a minute off, either way.
STEPS_OFF = (0, -1, 1)
RECOVERY_CODES, RECOVERY_SIGNS = 10, 10
# Without what looks alike.
SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def is_on(user: User) -> bool:
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


@transaction.atomic
def begin(user: User, *, now: datetime) -> SecondFactor:
    """A secret to put into the phone; it is asked for once `confirm` has seen a code of it. One that waits is kept."""
    row = SecondFactor.objects.select_for_update().filter(user=user).first()
    if row is not None:
        if row.confirmed_at is not None:
            raise Refused("second_factor_on", "二次验证已经启用。换手机的，先停用再设置。")
        return row
    cipher = crypto.encrypt(pyotp.random_base32(), purpose=PURPOSE)
    return SecondFactor.objects.create(user=user, secret_cipher=cipher, created_at=now, demo=user.demo)


def secret_of(row: SecondFactor) -> str:
    return crypto.decrypt(row.secret_cipher, purpose=PURPOSE)


def address_of(row: SecondFactor) -> str:
    """What the phone reads from the code on the page."""
    return pyotp.TOTP(secret_of(row)).provisioning_uri(name=row.user.username, issuer_name=ISSUER)


@transaction.atomic
def confirm(user: User, *, code: str, actor: Actor, now: datetime) -> list[str]:
    """Switches it on; gives the recovery codes, which are shown this once."""
    row = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at=None).first()
    if row is None:
        raise Refused("second_factor_on", "二次验证已经启用，或者还没有开始设置。")
    step = _step_of(row, code, now)
    if step is None:
        raise Refused("bad_code", "验证码不对。请核对手机时间，等下一个验证码再填。", fields={"code": "验证码不对"})
    codes = ["".join(secrets.choice(SIGNS) for _ in range(RECOVERY_SIGNS)) for _ in range(RECOVERY_CODES)]
    row.confirmed_at, row.last_step, row.recovery = now, step, [_digest(one) for one in codes]
    row.save(update_fields=["confirmed_at", "last_step", "recovery"])
    record("user.second_factor_set", subject=row.ref, actor=actor, at=now, data={}, place_path=actor.place_path)
    return codes


@transaction.atomic
def passes(user: User, *, code: str, actor: Actor, now: datetime) -> bool:
    """Whether the code is the phone's, or one of those for a lost phone. Either works once."""
    row = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=False).first()
    if row is None:
        return False
    step = _step_of(row, code, now)
    if step is not None:
        row.last_step = step
        row.save(update_fields=["last_step"])
        return True
    digest = _digest(code)
    if digest not in row.recovery:
        return False
    row.recovery = [one for one in row.recovery if one != digest]
    row.save(update_fields=["recovery"])
    record(
        "user.recovery_code_used", subject=row.ref, actor=actor, at=now, data={"left": len(row.recovery)},
        place_path=actor.place_path,
    )  # fmt: skip
    return True


def _step_of(row: SecondFactor, code: str, now: datetime) -> int | None:
    """The step whose code this is, if it is later than the one taken last."""
    typed = "".join(code.split())
    generator = pyotp.TOTP(secret_of(row))
    this = int(now.timestamp()) // STEP_SECONDS
    for off in STEPS_OFF:
        step = this + off
        if step > row.last_step and secrets.compare_digest(generator.generate_otp(step).encode(), typed.encode()):
            return step
    return None


def _digest(code: str) -> str:
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return crypto.keyed_hash(plain, purpose=RECOVERY)


@transaction.atomic
def take_away(user: User, *, reason: str, actor: Actor, now: datetime) -> None:
    """Switched off: by the holder himself, or by an administrator for whom has lost phone and codes."""
    row = SecondFactor.objects.select_for_update().filter(user=user).first()
    if row is None:
        raise Refused("second_factor_off", "二次验证没有启用。")
    if actor.user is None or actor.user.pk != user.pk:
        posts: Sequence[object] = list(user.posts.order_by("-pk")[:1])
        require(actor, "post.manage", posts[0] if posts else None)
        if not reason.strip():
            raise Refused("missing", "请写明为什么替本人停用。", fields={"reason": "请写明原因"})
    row.delete()
    own = actor.user is not None and actor.user.pk == user.pk
    record(
        "user.second_factor_removed", subject=Ref("user", str(user.pk)), actor=actor, at=now, data={"own": own},
        place_path=actor.place_path,
    )  # fmt: skip
