"""Addresses of the desk: queue, case, steps, notes, files."""

app_name = "casework"
urlpatterns: list = []
