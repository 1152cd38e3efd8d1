from django.conf import settings
from django.contrib.auth import logout
from django.contrib.messages import get_messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect


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


def login_page(request):
    """NetBox's login page: a link for each backend, and what went wrong."""
    said = ' '.join(str(message) for message in get_messages(request))
    return HttpResponse(
        f'<!doctype html><body><p>{said}</p><a href="/oauth/login/oidc/?next=/">Single sign-on</a></body>'
    )


def leave(request):
    """NetBox's logout, which ends at LOGOUT_REDIRECT_URL."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)
