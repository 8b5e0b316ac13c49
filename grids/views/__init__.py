"""The pages of areas: HTTP only."""
