"""The web process, for gunicorn."""

import os

os.environ["CODETRAIL_PROCESS"] = "web"  # gives the database settings their pool
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
