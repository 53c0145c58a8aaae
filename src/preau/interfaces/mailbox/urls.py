"""The demo's letter box; never installed in production."""

from django.urls import path

from preau.interfaces.mailbox import views

app_name = "mailbox"
urlpatterns = [
    path("", views.mails, name="mails"),
    path("<str:name>/", views.mail, name="mail"),
    path("<str:name>/piece/<int:rank>/", views.attachment, name="attachment"),
]
