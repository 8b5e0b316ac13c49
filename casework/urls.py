"""Addresses of the desk: queue, case, steps, notes, files."""

from django.urls import path

from casework.views import bulk, case, files, queue, steps, whistles

app_name = "casework"
urlpatterns = [
    path("", queue.case_list, name="case_list"),
    path("export/", queue.case_export, name="case_export"),
    path("bulk-dispatch/", bulk.bulk_dispatch, name="bulk_dispatch"),
    path("filters/save/", queue.filter_save, name="filter_save"),
    path("filters/delete/", queue.filter_delete, name="filter_delete"),
    path("whistles/", whistles.whistle_list, name="whistle_list"),
    path("whistles/export/", whistles.whistle_export, name="whistle_export"),
    path("photos/<uuid:key>/", files.staged_photo, name="staged_photo"),
    path("<slug:number>/", case.case_detail, name="case_detail"),
    path("<slug:number>/sheet/", case.case_sheet, name="case_sheet"),
    path("<slug:number>/supervision/<slug:sheet>/", case.supervision_sheet, name="supervision_sheet"),
    path("<slug:number>/notes/", case.case_note, name="case_note"),
    path("<slug:number>/watch/", case.case_watch, name="case_watch"),
    path("<slug:number>/reveal/", case.case_reveal, name="case_reveal"),
    path("<slug:number>/do/<slug:verb>/", steps.case_do, name="case_do"),
    path("<slug:number>/photos/<uuid:key>/", files.attachment, name="attachment"),
    path("<slug:number>/photos/<uuid:key>/thumbnail/", files.thumbnail, name="thumbnail"),
]
