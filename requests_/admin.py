"""The categories of tickets in the administration; tickets themselves are in no table there (casework/admin.py)."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from requests_.models import Category


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = (
        "name",
        "parent",
        "is_small",
        "photo_needed",
        "default_level",
        "order",
        "is_active",
    )
    list_editable = (
        "is_small",
        "photo_needed",
        "default_level",
        "order",
        "is_active",
    )
    list_filter = (("parent", admin.RelatedOnlyFieldListFilter), "is_small", "is_active")
    list_select_related = ("parent",)
    search_fields = ("name", "code", "parent__name")
    autocomplete_fields = ("parent",)
    fieldsets = (
        (None, {"fields": ("parent", "code", "name", "boundary_note", "order", "is_active")}),
        (_("Handling"), {"fields": ("is_small", "is_mixed", "photo_needed", "default_level", "basis")}),
    )
