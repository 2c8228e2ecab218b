import os

from django.core.wsgi import get_wsgi_application

from gongzhi.site.collector import settle_collector

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.site.settings")
application = get_wsgi_application()
settle_collector()
