"""Who helps: partner units, resource lists, projects and activities. No content yet."""
