"""PayFiP, the DGFiP's « régie, web service » (guide version 19, June 2020)."""
