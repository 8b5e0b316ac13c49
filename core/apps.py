"""Plumbing that knows no governance noun and has no models."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
