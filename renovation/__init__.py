"""Old estates: consent, illegal structures and railings, notices, construction. No content yet."""
