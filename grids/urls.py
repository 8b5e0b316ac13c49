"""Addresses of areas: by their national code, never by a primary key."""

from django.urls import path, register_converter

from grids.views import areas, imports, map, posts, reshape


class AreaCode:
    """A code of one of the five levels."""

    regex = "[0-9]{17}|[0-9]{15}|[0-9]{12}|[0-9]{9}|[0-9]{6}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(AreaCode, "area_code")

app_name = "grids"
urlpatterns = [
    path("", areas.area_list, name="area_list"),
    path("coverage/", areas.coverage, name="coverage"),
    path("import/", imports.import_upload, name="import"),
    path("import/<uuid:key>/", imports.import_confirm, name="import_confirm"),
    path("import/<uuid:key>/reading/", imports.import_reading, name="import_reading"),
    path("export/", imports.export, name="export"),
    path("locate/", map.locate, name="locate"),
    path("areas.geojson", map.areas_geojson, name="areas_geojson"),
    path("<area_code:code>/", areas.area_detail, name="area_detail"),
    path("<area_code:code>/notice-board/", areas.notice_board, name="notice_board"),
    path("<area_code:code>/posts/", posts.posts, name="posts"),
    path(
        "<area_code:code>/posts/<int:pk>/hand-over/",
        posts.post_change,
        {"verb": "hand-over"},
        name="post_hand_over",
    ),
    path("<area_code:code>/posts/<int:pk>/end/", posts.post_change, {"verb": "end"}, name="post_end"),
    path("<area_code:code>/split/", reshape.split, name="split"),
    path("<area_code:code>/merge/", reshape.merge, name="merge"),
]
