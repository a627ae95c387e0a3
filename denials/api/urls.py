"""Addresses of denials in the API, below ``/api/v1/``."""

from django.urls import path

from denials.api import views

app_name = "denials-api"

urlpatterns = [path("denials/", views.Denials.as_view(), name="denials")]
