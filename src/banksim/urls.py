"""Every address of the simulator: the common ones, then each gateway's."""

from django.urls import include, path

from banksim import control, settings

urlpatterns = [
    path("sim/api/clock", control.clock_view),
    path("sim/api/defaults", control.defaults_view),
    path("sim/api/faults", control.faults_view),
    path("sim/api/journal", control.journal_view),
    path("sim/api/wait", control.wait_view),
    path("sim/api/reset", control.reset_view),
    *(path("", include(f"{package}.urls")) for package in settings.BANKSIM_GATEWAYS),
]
