"""Tools without any business word: clock, money, identifiers, audit journal, outbox, files, PDF, tables."""
