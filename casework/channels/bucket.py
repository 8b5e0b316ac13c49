def take(name, *, per_minute):
    return None
