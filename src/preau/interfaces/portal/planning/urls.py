"""The planning. Opaque ids are slugs: anything else finds no page and never reaches the database (F3)."""

from django.urls import path

from preau.interfaces.portal.planning.views import editing, pattern, reading, summary, waiting

urlpatterns = [
    path("planning/", reading.planning, name="planning"),
    path("planning/modifier/", editing.planning_edit, name="planning_edit"),
    path("planning/brouillon/", editing.planning_draft, name="planning_draft"),
    path("planning/quitter/", editing.planning_quit, name="planning_quit"),
    path("planning/avance/", pattern.planning_pattern, name="planning_pattern"),
    path("planning/recapitulatif/", summary.planning_summary, name="planning_summary"),
    path("planning/valider/", summary.planning_save, name="planning_save"),
    path("planning/payer/", summary.planning_pay, name="planning_pay"),
    path("planning/supprimer/", summary.planning_drop, name="planning_drop"),
    path("planning/prolonger/", summary.planning_extend, name="planning_extend"),
    path("planning/attente/", waiting.waiting_join, name="waiting_join"),
    path("planning/attente/<slug:entry_id>/quitter/", waiting.waiting_leave, name="waiting_leave"),
    path("planning/offre/<slug:order_id>/", waiting.offer_answer, name="offer_answer"),
]
