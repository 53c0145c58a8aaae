"""The address of every brand."""

from django.urls import path

from banksim.systempay import endpoint

urlpatterns = [path("vads-payment/", endpoint.form)]
