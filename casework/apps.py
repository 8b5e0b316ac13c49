"""How a matter lives: cases, transitions, timeline, attachments, reminders."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CaseworkConfig(AppConfig):
    name = "casework"
    verbose_name = _("Casework")

    def ready(self) -> None:
        from accounts.leaving import register_holding
        from casework import checks, leaving, rules  # noqa: F401  register the system checks and the reminders
        from casework.calendar_changes import order_recount
        from casework.channels import checks as channel_checks  # noqa: F401  and that of the channels' settings
        from casework.consistency import (
            missing_limits,
            series_behind,
            wrong_due_times,
            wrong_statuses,
            wrong_tallies,
        )
        from casework.file_consistency import files_without_row, missing_files
        from casework.rerouting import carry_robots, open_cases_in, reroute_cases, robots_in, stranded_cases
        from core.consistency import register_check
        from grids.calendar_listeners import register_calendar_listener
        from grids.rerouting import register_carrier, register_rerouter
        from grids.ties import register_tie

        register_calendar_listener(order_recount)
        register_holding("accounts.User", leaving.cases_of_person)
        register_holding("accounts.Organisation", leaving.cases_of_organisation)
        register_holding("grids.AreaAssignment", leaving.cases_of_post)
        register_rerouter(reroute_cases)
        register_carrier(carry_robots)
        register_tie(open_cases_in)
        register_tie(robots_in)
        for check in (
            stranded_cases,
            wrong_statuses,
            missing_limits,
            wrong_due_times,
            wrong_tallies,
            series_behind,
            missing_files,
            files_without_row,
        ):
            register_check(check)
