"""Every address of the simulator: the common ones, then each gateway's."""

from django.urls import include, path

from banksim import bankcontrol, control, pages, settings, statement, web

urlpatterns = [
    path("", web.home, name="home"),
    path("sim/journal", web.journal_page, name="journal"),
    path("sim/reglages", web.settings_form, name="settings"),
    path("sim/banksim.css", web.stylesheet, name="stylesheet"),
    path("sim/ailleurs", web.elsewhere),
    path("sim/api/clock", control.clock_view),
    path("sim/api/defaults", control.defaults_view),
    path("sim/api/faults", control.faults_view),
    path("sim/api/journal", control.journal_view),
    path("sim/api/wait", control.wait_view),
    path("sim/api/reset", control.reset_view),
    path("sim/<gateway>/releve", statement.releve),
    path("sim/api/<gateway>/accounts", bankcontrol.accounts_view),
    path("sim/api/<gateway>/notifications", bankcontrol.notifications_view),
    path("sim/api/<gateway>/payments", bankcontrol.payments_view),
    path("sim/api/<gateway>/payments/<path:key>/controls", bankcontrol.controls_view),
    path("sim/api/<gateway>/payments/<path:key>/outcome", bankcontrol.outcome_view),
    path("sim/api/<gateway>/payments/<path:key>", bankcontrol.payment_view),
    path("banque/<gateway>/<key>/carte", pages.card, name="bank_card"),
    path("banque/<gateway>/<key>/3ds", pages.secure, name="bank_secure"),
    path("banque/<gateway>/<key>/ticket", pages.ticket, name="bank_ticket"),
    path("banque/<gateway>/<key>/reprendre", pages.resume, name="bank_resume"),
    path("banque/<gateway>/<key>/retour", pages.back, name="bank_back"),
    *(path("", include(f"{package}.urls")) for package in settings.BANKSIM_GATEWAYS),
]
