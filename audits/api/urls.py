"""Addresses of the trail in the API, below ``/api/v1/``."""

from django.urls import path

from audits.api import views

app_name = "audits-api"

urlpatterns = [path("trail/", views.Trail.as_view(), name="trail")]
