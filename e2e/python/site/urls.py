from django.contrib.auth.views import LoginView
from django.urls import path

import views

urlpatterns = [
    path('', views.home),
    path('login/', LoginView.as_view()),
    path('logout/', views.leave),
    path('trouble/', views.trouble),
]
