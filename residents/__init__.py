"""Who lives there: dwellings, households, residents, visits and care. No content yet; tickets keep a resident's contact themselves."""
