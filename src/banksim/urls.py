"""Every address of the simulator: the common ones, then each gateway's."""

from django.urls import include, path

from banksim import control, settings, web

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
    *(path("", include(f"{package}.urls")) for package in settings.BANKSIM_GATEWAYS),
]
