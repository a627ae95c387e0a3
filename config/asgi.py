"""The web process, for an ASGI server."""

import os

os.environ["CODETRAIL_PROCESS"] = "web"  # gives the database settings their pool
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application

application = get_asgi_application()
