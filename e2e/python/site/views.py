from django.contrib.auth import logout
from django.contrib.messages import get_messages
from django.http import HttpResponse, JsonResponse


def home(request):
    """Who is logged in, as the application knows them."""
    user = request.user
    if not user.is_authenticated:
        return JsonResponse({'user': None})
    return JsonResponse(
        {
            'user': user.username,
            'email': user.email,
            'first_name': user.first_name,
            'last_name': user.last_name,
            'groups': sorted(user.groups.values_list('name', flat=True)),
        }
    )


def leave(request):
    """The application's own logout."""
    logout(request)
    return JsonResponse({'user': None})


def trouble(request):
    """Where social-auth's middleware sends people, with its message."""
    said = ' '.join(str(message) for message in get_messages(request))
    return HttpResponse(f'<!doctype html><body><p>{said}</p></body>')
