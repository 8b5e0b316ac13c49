"""Addresses of tickets. A single ticket is a case: its page is casework's."""

from django.urls import path

from requests_ import views

app_name = "requests"
urlpatterns = [
    path("report/", views.ticket_report, name="ticket_report"),
    path("report/nearby/", views.tickets_nearby, name="tickets_nearby"),
]
