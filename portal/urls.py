"""The top pages: home, inbox, search, figures, map and health."""

from django.urls import path

from portal.views import health, home, inbox, map, preferences, search, summary

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/preferences/", preferences.preferences, name="preferences"),
    path("inbox/read-all/", inbox.read_all, name="inbox_read_all"),
    path("inbox/<int:pk>/read/", inbox.read, name="inbox_read"),
    path("search/", search.search, name="search"),
    path("summary/", summary.summary, name="summary"),
    path("map/", map.map_page, name="map"),
    path("map/cases.geojson", map.cases_geojson, name="cases_geojson"),
    path("health/live/", health.live, name="health_live"),
    path("health/ready/", health.ready, name="health_ready"),
]
