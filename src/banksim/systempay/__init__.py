"""Systempay v2 and its sisters (PayZen, SP Plus, Scellius, Sogecommerce): payment-gateways.md, section 6."""
