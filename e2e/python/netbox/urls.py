from django.urls import include, path

import views

urlpatterns = [
    path('', views.home),
    path('login/', views.login_page),
    path('logout/', views.leave),
    path('oauth/', include('social_django.urls', namespace='social')),
]
