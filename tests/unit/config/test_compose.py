"""The compose example hands every setting on: what .env.example explains works in a container too."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
# Where the containers keep things and find each other; and what must not be forgotten.
DECIDED_BY_COMPOSE = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "MEDIA_ROOT", "STATIC_ROOT"}
REQUIRED = {"SECRET_KEY", "ALLOWED_HOSTS"}


def test_every_setting_reaches_the_three_processes():
    explained = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.M))
    services = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))["services"]
    assert explained >= DECIDED_BY_COMPOSE | REQUIRED
    for name in ("migrate", "web", "worker", "beat"):
        assert services[name]["env_file"] == "/etc/weige/compose.env"
        assert set(services[name]["environment"]) == DECIDED_BY_COMPOSE | REQUIRED
