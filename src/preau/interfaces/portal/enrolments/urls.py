"""Enrolments. Opaque ids are slugs: anything else finds no page and never reaches the database (F3)."""

from django.urls import path

from preau.interfaces.portal.enrolments import views

urlpatterns = [
    path("inscriptions/", views.enrolments, name="enrolments"),
    path("inscriptions/demander/", views.enrolment_children, name="enrolment_children"),
    path("inscriptions/demander/<slug:child_id>/", views.enrolment_ask, name="enrolment_ask"),
    path("inscriptions/reinscrire/<slug:child_id>/", views.enrolment_again, name="enrolment_again"),
    path("inscriptions/<slug:enrolment_id>/", views.enrolment, name="enrolment"),
    path("inscriptions/<slug:enrolment_id>/retirer/", views.enrolment_withdraw, name="enrolment_withdraw"),
]
