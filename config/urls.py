"""Every address of the product. Each app owns its pages and its part of the API."""

from importlib.util import find_spec

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import health
from worklists.admin import site as set_up

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"

APPS = ("worklists", "denials", "audits", "training")

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("admin/", set_up.urls),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    # The split view keeps its script in a file of its own: our policy allows no other.
    path(
        "api/v1/docs/",
        SpectacularSwaggerSplitView.as_view(template_name="config/api_docs.html"),
        name="api-docs",
    ),
    *[
        path("api/v1/", include(f"{app}.api.urls"))
        for app in APPS
        if find_spec(f"{app}.api") and find_spec(f"{app}.api.urls")
    ],
    *[path("", include(f"{app}.urls")) for app in APPS if find_spec(f"{app}.urls")],
]
