"""Payline (Monext), its SOAP web services and payment page (payment-gateways.md 8)."""
