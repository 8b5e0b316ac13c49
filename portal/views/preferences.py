"""通知设置: how one hears of what outside of the inbox, and at which address."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from casework.choices import PERSONAL_CHANNELS
from casework.preferences import modes_for, save_preferences, sends_text_messages
from portal.forms import PreferencesForm
from portal.queries import reminder_hours


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    user = request.user
    sent = request.POST if request.method == "POST" else None
    form = PreferencesForm(sent, modes=modes_for(user), initial={"email": user.email})
    if form.is_valid():
        save_preferences(actor=user, modes=form.modes, email=form.cleaned_data["email"])
        messages.success(request, _("Your choice is saved."))
        return redirect("portal:preferences")
    context = {
        "form": form,
        "channels": [channel.label for channel in PERSONAL_CHANNELS],
        "hours": reminder_hours(user),
        "sends_text_messages": sends_text_messages(),
    }
    return render(request, "portal/preferences.html", context, status=400 if form.errors else 200)
