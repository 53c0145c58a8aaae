"""The banks and the DGFiP, imitated: a separate program that shares no code with what it tests."""
