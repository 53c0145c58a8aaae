"""The gallery; mounted at /galerie/ outside production."""

from django.urls import path

from preau.ui import views

app_name = "ui"
urlpatterns = [path("", views.gallery, name="gallery")]
