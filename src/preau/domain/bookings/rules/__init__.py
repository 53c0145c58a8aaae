"""Pure computations about bookings."""
