"""Writes about enrolments and bookings. Locks: the household, the orders, the counts of places by day, the lists."""
