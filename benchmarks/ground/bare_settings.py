"""The platform's settings, with the bare view beside its pages."""

from gongzhi.site.settings import *  # noqa: F403

ROOT_URLCONF = "ground.bare_urls"
