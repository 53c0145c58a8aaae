from django.urls import path

from preau.interfaces.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("<slug:gateway>/", views.notification, name="back_office"),
    path("<slug:gateway>/<str:token>/", views.notification, name="notification"),
]
