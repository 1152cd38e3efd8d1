"""NetBox has a Group of its own here; for the pasted pipeline function the name and the relation are what matters."""

from django.contrib.auth.models import Group

__all__ = ['Group']
