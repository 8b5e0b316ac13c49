"""Django's PostGIS backend whose connections do not wait for ever; docs/decisions/0017-frozen-servers.md says why."""
