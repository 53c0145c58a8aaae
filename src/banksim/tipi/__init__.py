"""PayFiP/TIPI, the DGFiP's web form: nothing in this protocol is signed (payment-gateways.md 4)."""
