"""Who lives there: dwellings, households, residents, visits, care. No content yet: a ticket keeps its own caller."""
