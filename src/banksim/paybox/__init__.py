"""Paybox System (Verifone, Up2pay e-Transactions): payment-gateways.md, section 5."""
