"""Addresses of tickets."""

app_name = "requests"
urlpatterns: list = []
