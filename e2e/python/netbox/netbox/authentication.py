"""NetBox's pipeline step for REMOTE_AUTH_DEFAULT_GROUPS."""

from django.conf import settings
from django.contrib.auth.models import Group


def user_default_groups_handler(backend, user, response, *args, **kwargs):
    for name in settings.REMOTE_AUTH_DEFAULT_GROUPS:
        user.groups.add(Group.objects.get(name=name))
