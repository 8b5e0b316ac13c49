"""Ways out of the house for reminders: e-mail, group robots, text messages. No models: the outbox calls them.

Each way takes a `Letter` and either returns, meaning that the other side took it, or raises `TryLater` or `GiveUp`.
"""
