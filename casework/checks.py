"""System check: every registered workflow graph is sound."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from casework.registry import kinds


@register()
def workflow_graphs(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One error per flaw of a graph: unknown or unreachable status, dead end, verb twice, missing effect."""
    return [
        Error(flaw, obj=kind.model, id="casework.E001")
        for kind in kinds()
        for flaw in kind.workflow.flaws(kind.effects)
    ]
